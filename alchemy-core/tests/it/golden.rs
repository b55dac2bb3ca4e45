//! Statistics against numpy, scipy and rational arithmetic; see `tests/golden/README.md`.

use std::collections::BTreeMap;

use alchemy_core::stats::{
    BinRule, CoMoments, Ecdf, Histogram, Moments4, Quantile, QuantileMethod, autocorrelation,
    kendall, pearson, quantiles, ranks, spearman,
};
use serde::{Deserialize, Deserializer};

use crate::data::ulps;

#[derive(Deserialize)]
struct Golden {
    probabilities: Vec<Quantile>,
    samples: BTreeMap<String, Sample>,
    pairs: BTreeMap<String, Pair>,
}

#[derive(Deserialize)]
struct Sample {
    #[serde(deserialize_with = "floats")]
    values: Vec<f64>,
    exact: Option<Exact>,
    #[serde(deserialize_with = "floats")]
    ranks: Vec<f64>,
    quantiles: BTreeMap<String, Floats>,
    #[serde(default)]
    histograms: BTreeMap<String, Intervals>,
}

#[derive(Deserialize)]
struct Exact {
    sum: f64,
    mean: f64,
    population_variance: f64,
    variance: Option<f64>,
    std_dev: Option<f64>,
    skewness: Option<f64>,
    kurtosis: Option<f64>,
    autocorrelation: Option<f64>,
}

#[derive(Deserialize)]
struct Intervals {
    edges: Vec<f64>,
    counts: Vec<u64>,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(deserialize_with = "floats")]
    x: Vec<f64>,
    #[serde(deserialize_with = "floats")]
    y: Vec<f64>,
    finite: bool,
    covariance: Option<f64>,
    pearson: Option<f64>,
    spearman: Option<f64>,
    kendall: Option<f64>,
}

#[derive(Deserialize)]
struct Floats(#[serde(deserialize_with = "floats")] Vec<f64>);

/// Numbers as JSON can say them: null is NaN, an infinity a text.
pub(crate) fn floats<'de, D: Deserializer<'de>>(stored: D) -> Result<Vec<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Float {
        Finite(f64),
        Text(String),
    }
    let stored = Vec::<Option<Float>>::deserialize(stored)?;
    let float = |float| match float {
        None => f64::NAN,
        Some(Float::Finite(value)) => value,
        Some(Float::Text(text)) => text.parse().unwrap(),
    };
    Ok(stored.into_iter().map(float).collect())
}

/// Equal, missing where the other is.
pub(crate) fn assert_same(found: &[f64], expected: &[f64], name: &str) {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(same),
        "{name}: {found:?} is not {expected:?}"
    );
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/stats.json")).unwrap()
}

#[test]
fn moments_are_the_exact_ones_rounded() {
    for (name, Sample { values, exact, .. }) in golden().samples {
        let Some(exact) = exact else { continue };
        let moments = Moments4::from_iter(values);
        let plain = moments.moments();
        assert_eq!(plain.sum(), exact.sum, "{name}");
        assert_eq!(plain.mean(), Some(exact.mean), "{name}");
        assert_eq!(
            plain.population_variance(),
            Some(exact.population_variance),
            "{name}"
        );
        assert_eq!(plain.variance(), exact.variance, "{name}");
        assert_within(1, plain.std_dev(), exact.std_dev, &name);
    }
}

#[test]
fn shapes_are_within_a_few_units_of_the_exact_ones() {
    for (name, Sample { values, exact, .. }) in golden().samples {
        let Some(exact) = exact else { continue };
        let moments = Moments4::from_iter(values.iter().copied());
        assert_within(4, moments.skewness(), exact.skewness, &name);
        // The excess over 3 loses digits where the kurtosis is near 3: compare what was rounded.
        let kurtosis = |excess: Option<f64>| excess.map(|excess| excess + 3.0);
        assert_within(
            4,
            kurtosis(moments.kurtosis()),
            kurtosis(exact.kurtosis),
            &name,
        );
        let series = Ecdf::new(values.clone()).len() == values.len();
        if series {
            assert_within(2, autocorrelation(&values, 1), exact.autocorrelation, &name);
        }
    }
}

fn assert_within(most: u64, found: Option<f64>, expected: Option<f64>, name: &str) {
    let near = match (found, expected) {
        (Some(found), Some(expected)) => found == expected || ulps(found, expected) <= most,
        (found, expected) => found == expected,
    };
    assert!(near, "{name}: {found:?} is not {expected:?}");
}

#[test]
fn every_quantile_method_equals_numpy() {
    let golden = golden();
    for (
        name,
        Sample {
            values,
            quantiles: expected,
            ..
        },
    ) in golden.samples
    {
        assert_eq!(expected.len(), 13);
        for (method, expected) in expected {
            let parsed: QuantileMethod = serde_json::from_value(method.clone().into()).unwrap();
            let mut selected =
                quantiles(&mut values.clone(), &golden.probabilities, parsed).unwrap();
            let ecdf = Ecdf::new(values.clone());
            let sorted = golden
                .probabilities
                .iter()
                .map(|q| ecdf.quantile_by(*q, parsed).unwrap());
            assert_eq!(sorted.collect::<Vec<_>>(), selected, "{name} {method}");
            assert!(selected.iter().all(|value| !value.is_nan()));
            // numpy gives NaN wherever an infinity is next to the place, even with weight 0.
            for (own, expected) in selected.iter_mut().zip(&expected.0) {
                if expected.is_nan() {
                    *own = f64::NAN;
                }
            }
            assert_same(&selected, &expected.0, &format!("{name} {method}"));
        }
    }
}

#[test]
fn histograms_equal_numpy() {
    for (
        name,
        Sample {
            values, histograms, ..
        },
    ) in golden().samples
    {
        let ecdf = Ecdf::new(values);
        for (rule, expected) in histograms {
            let parsed = match rule.as_str() {
                "fixed_7" => BinRule::Fixed(7),
                rule => serde_json::from_value(rule.into()).unwrap(),
            };
            let found = Histogram::of(&ecdf, parsed);
            assert_eq!(found.edges(), expected.edges, "{name} {rule}");
            assert_eq!(found.counts(), expected.counts, "{name} {rule}");
        }
    }
}

#[test]
fn ranks_equal_scipy() {
    for (name, sample) in golden().samples {
        assert_same(&ranks(&sample.values), &sample.ranks, &name);
    }
}

#[test]
fn correlations_equal_scipy() {
    /// What scipy's floating-point sums leave of a correlation, on these samples.
    const SCIPY: f64 = 1e-14;
    /// At offset 1e9 its centred sums keep fewer digits.
    const SCIPY_AT_OFFSET: f64 = 1e-9;
    for (name, pair) in golden().pairs {
        let Pair { x, y, .. } = pair;
        let near = |found: Option<f64>, expected: Option<f64>| {
            let tolerance = if name == "offset_1e9" {
                SCIPY_AT_OFFSET
            } else {
                SCIPY
            };
            let (Some(found), Some(expected)) = (found, expected) else {
                assert_eq!(found, expected, "{name}");
                return;
            };
            assert!(
                (found - expected).abs() <= tolerance * expected.abs(),
                "{name}: {found} {expected}"
            );
        };
        let moments = CoMoments::from_iter(x.iter().copied().zip(y.iter().copied()));
        if pair.finite {
            near(moments.covariance(), pair.covariance);
            near(pearson(&x, &y), pair.pearson);
        } else {
            assert!(moments.covariance().unwrap().is_nan() && pearson(&x, &y).unwrap().is_nan());
        }
        near(spearman(&x, &y), pair.spearman);
        near(kendall(&x, &y), pair.kendall);
    }
}

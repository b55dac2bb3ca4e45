//! Densities against scipy, dips against `diptest`; see `tests/golden/README.md`.

use std::collections::BTreeMap;

use alchemy_core::random::Stream;
use alchemy_core::stats::{Bandwidth, DensityCurve, Ecdf, Kde, dip};
use proptest::prelude::*;
use serde::Deserialize;

use crate::golden::floats;
use crate::properties::json;

#[derive(Deserialize)]
struct Golden {
    samples: BTreeMap<String, Sample>,
    dips: BTreeMap<String, Dip>,
}

#[derive(Deserialize)]
struct Sample {
    #[serde(deserialize_with = "floats")]
    values: Vec<f64>,
    points: Vec<f64>,
    weights: Vec<f64>,
    scott: Density,
    silverman: Density,
    fixed: Density,
    weighted: Density,
    curve: Curve,
    dip: f64,
}

#[derive(Deserialize)]
struct Density {
    bandwidth: f64,
    density: Vec<f64>,
}

#[derive(Deserialize)]
struct Curve {
    density: Vec<f64>,
    peaks: Vec<Peak>,
}

#[derive(Deserialize)]
struct Peak {
    at: usize,
    prominence: f64,
}

#[derive(Deserialize)]
struct Dip {
    values: Vec<f64>,
    dip: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/density.json")).unwrap()
}

#[test]
fn densities_equal_scipy() {
    for (name, sample) in golden().samples {
        let of = |bandwidth| Kde::new(Ecdf::new(sample.values.clone()), bandwidth).unwrap();
        let finite = sample
            .values
            .iter()
            .copied()
            .filter(|value| value.is_finite());
        let pairs = finite.zip(sample.weights.iter().copied());
        let weighted = Kde::weighted(pairs, Bandwidth::Scott).unwrap();
        for (kde, expected) in [
            (of(Bandwidth::Scott), sample.scott),
            (of(Bandwidth::Silverman), sample.silverman),
            (of(Bandwidth::Fixed(sample.fixed.bandwidth)), sample.fixed),
            (weighted, sample.weighted),
        ] {
            let near = |found: f64, expected: f64| (found / expected - 1.0).abs() <= 1e-12;
            assert!(near(kde.bandwidth(), expected.bandwidth), "{name}");
            for (point, expected) in sample.points.iter().zip(expected.density) {
                let found = kde.density(*point);
                assert!(near(found, expected), "{name} {point}: {found} {expected}");
            }
        }
    }
}

#[test]
fn peaks_equal_scipy() {
    for (name, sample) in golden().samples {
        let heights = sample.curve.density;
        let points: Vec<(f64, f64)> = (0_u32..).map(f64::from).zip(heights.clone()).collect();
        let curve: DensityCurve = serde_json::from_str(&json(&points)).unwrap();
        let found = curve.modes();
        assert_eq!(found.len(), sample.curve.peaks.len(), "{name}");
        for (found, expected) in found.iter().zip(sample.curve.peaks) {
            assert_eq!(found.point, expected.at as f64, "{name}");
            assert_eq!(found.density, heights[expected.at], "{name}");
            assert_eq!(found.prominence, expected.prominence, "{name}");
        }
    }
}

#[test]
fn dips_equal_those_of_diptest() {
    let golden = golden();
    let samples = golden.samples.into_iter();
    let dips = golden.dips.into_iter();
    let all = samples.map(|(name, sample)| (name, sample.values, sample.dip));
    for (name, values, expected) in all.chain(dips.map(|(name, of)| (name, of.values, of.dip))) {
        let found = dip(&Ecdf::new(values)).unwrap();
        assert!(
            (found - expected).abs() <= 1e-15,
            "{name}: {found} {expected}"
        );
    }
    assert_eq!(dip(&Ecdf::new(vec![f64::INFINITY])), None);
}

/// The stated error of a curve, in heights of a kernel.
fn assert_curve(kde: &Kde, num_points: usize, name: &str) {
    let curve = kde.curve(num_points).unwrap();
    let height = 1.0 / (kde.bandwidth() * std::f64::consts::TAU.sqrt());
    for (point, found) in curve.points().iter().zip(curve.densities()) {
        let exact = kde.density(*point);
        assert!(
            (found - exact).abs() <= 1e-13 * height,
            "{name} {point}: {found} {exact}"
        );
    }
}

#[test]
fn curves_keep_their_bound() {
    let mut stream = Stream::new(9, &[]);
    let mut noise =
        |offset: f64| -> Vec<f64> { (0..3000).map(|_| stream.normals().0 + offset).collect() };
    let samples = [
        ("noise", noise(0.0)),
        ("offset", noise(1e9)),
        ("clusters", [noise(-1e4), noise(1e4)].concat()),
        ("equal", vec![0.1; 3000]),
    ];
    for (name, values) in samples {
        for bandwidth in [1e-7, 1e-3, 0.3, 20.0] {
            let kde = Kde::new(Ecdf::new(values.clone()), Bandwidth::Fixed(bandwidth)).unwrap();
            assert_curve(&kde, 97, &format!("{name} {bandwidth}"));
        }
        let weighted = values
            .iter()
            .map(|value| (*value, (value * 7.0).sin().abs()));
        let kde = Kde::weighted(weighted, Bandwidth::Fixed(0.5)).unwrap();
        assert_curve(&kde, 97, name);
    }
}

#[test]
fn a_curve_has_an_area_of_one_whatever_the_threads() {
    let mut stream = Stream::new(10, &[]);
    let values: Vec<f64> = (0..5000).map(|_| stream.normals().0).collect();
    let kde = Kde::new(Ecdf::new(values), Bandwidth::Silverman).unwrap();
    let curve = kde.curve(512).unwrap();
    let step = curve.points()[1] - curve.points()[0];
    let area = curve.densities().iter().sum::<f64>() * step;
    assert!((area - 1.0).abs() < 1e-4, "{area}");
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(json(&one.install(|| kde.curve(512).unwrap())), json(&curve));
}

#[test]
fn what_has_no_density_is_an_error() {
    let of = |values: &[f64], bandwidth| Kde::new(Ecdf::new(values.to_vec()), bandwidth);
    assert!(of(&[], Bandwidth::Scott).is_err());
    assert!(of(&[f64::NAN, f64::INFINITY], Bandwidth::Fixed(1.0)).is_err());
    assert!(of(&[1.0], Bandwidth::Scott).is_err());
    assert!(of(&[0.1; 9], Bandwidth::Silverman).is_err());
    for bandwidth in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(of(&[1.0, 2.0], Bandwidth::Fixed(bandwidth)).is_err());
    }
    let one = of(&[1.0], Bandwidth::Fixed(2.0)).unwrap();
    assert!((one.density(1.0) - 0.199_471_140_200_716_35).abs() < 1e-16);
    assert!(one.density(f64::NAN).is_nan() && one.density(f64::INFINITY) == 0.0);
    assert!(one.curve(1).is_err());
    let weighted = |weight| Kde::weighted([(1.0, 1.0), (2.0, weight)], Bandwidth::Fixed(1.0));
    assert!(weighted(-1.0).is_err() && weighted(f64::INFINITY).is_err());
    assert_eq!(weighted(f64::NAN).unwrap(), weighted(0.0).unwrap());
    let wide = of(&[f64::MIN, f64::MAX], Bandwidth::Fixed(1e300)).unwrap();
    assert!(wide.curve(9).is_err() && wide.density(0.0) == 0.0);
}

proptest! {
    #[test]
    fn equal_weights_do_not_matter(
        values in prop::collection::vec(-9.0..9.0, 2..40),
        weight in 1e-9..1e9,
    ) {
        prop_assume!(values.iter().any(|value| *value != values[0]));
        let plain = Kde::new(Ecdf::new(values.clone()), Bandwidth::Scott).unwrap();
        let pairs = values.iter().map(|value| (*value, weight));
        let weighted = Kde::weighted(pairs, Bandwidth::Scott).unwrap();
        for x in [-10.0, 0.0, values[0]] {
            let (a, b) = (plain.density(x), weighted.density(x));
            prop_assert!((a - b).abs() <= 1e-11 * a, "{} {}", a, b);
        }
    }

    #[test]
    fn a_dip_has_its_bounds(values in prop::collection::vec(-6i32..6, 1..50)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let found = dip(&Ecdf::new(values.clone())).unwrap();
        prop_assert!((0.0..=0.25).contains(&found));
        let turned = dip(&Ecdf::new(values.iter().map(|value| -value).collect())).unwrap();
        prop_assert!((found - turned).abs() < 1e-15);
        let scaled = dip(&Ecdf::new(values.iter().map(|x| x * 2_f64.powi(1020)).collect())).unwrap();
        prop_assert_eq!(scaled, found);
    }
}

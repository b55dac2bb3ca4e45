//! Association of columns against scipy, scikit-learn, pandas and rational arithmetic; see
//! `tests/golden/README.md`.

use std::collections::BTreeMap;

use alchemy_core::random::Stream;
use alchemy_core::stats::{
    ByGroup, Contingency, Correlation, CorrelationMatrix, FiveNumbers, Moments, Quantiles, kendall,
    mutual_information, pearson, spearman,
};
use proptest::prelude::*;
use serde::Deserialize;

use crate::data::ulps;
use crate::golden::floats;
use crate::properties::json;

#[derive(Deserialize)]
struct Golden {
    tables: BTreeMap<String, Table>,
    groups: BTreeMap<String, Groups>,
    numbers: BTreeMap<String, Numbers>,
    frames: BTreeMap<String, Frame>,
}

#[derive(Deserialize)]
struct Table {
    x: Vec<Option<String>>,
    y: Vec<Option<String>>,
    chi_square: f64,
    degrees_of_freedom: u64,
    cramers_v: Option<f64>,
    cramers_v_corrected: Option<f64>,
    mutual_information: f64,
    theils_u: Option<f64>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<String>,
    #[serde(deserialize_with = "floats")]
    values: Vec<f64>,
    correlation_ratio: Option<f64>,
}

#[derive(Deserialize)]
struct Numbers {
    #[serde(deserialize_with = "floats")]
    x: Vec<f64>,
    #[serde(deserialize_with = "floats")]
    y: Vec<f64>,
    mutual_information: f64,
}

#[derive(Deserialize)]
struct Frame {
    columns: Vec<Vec<Option<f64>>>,
    pearson: Vec<Vec<Option<f64>>>,
    spearman: Vec<Vec<Option<f64>>>,
    kendall: Vec<Vec<Option<f64>>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/association.json")).unwrap()
}

/// Within `tolerance`, relative above 1; undefined where the other is.
fn assert_near(found: Option<f64>, expected: Option<f64>, tolerance: f64, name: &str) {
    let near = match (found, expected) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= tolerance * expected.abs().max(1.0)
        }
        (found, expected) => found == expected,
    };
    assert!(near, "{name}: {found:?} is not {expected:?}");
}

#[test]
fn tables_equal_scipy_and_scikit_learn() {
    for (name, expected) in golden().tables {
        let pairs = expected.x.iter().zip(&expected.y);
        let complete = pairs.filter_map(|(x, y)| x.as_deref().zip(y.as_deref()));
        let table = Contingency::from_iter(complete);
        let near = |found, expected| assert_near(found, expected, 2e-15, &name);
        near(table.chi_square(), Some(expected.chi_square));
        assert_eq!(table.degrees_of_freedom(), expected.degrees_of_freedom);
        near(table.cramers_v(), expected.cramers_v);
        near(table.cramers_v_corrected(), expected.cramers_v_corrected);
        near(
            table.mutual_information(),
            Some(expected.mutual_information),
        );
        near(table.theils_u(), expected.theils_u);
    }
    let none = Contingency::new();
    assert_eq!((none.chi_square(), none.mutual_information()), (None, None));
    assert_eq!((none.cramers_v(), none.theils_u()), (None, None));
}

#[test]
fn correlation_ratios_are_the_exact_ones_rounded() {
    for (name, expected) in golden().groups {
        let mut found = ByGroup::<Moments>::new();
        for (group, value) in expected.groups.iter().zip(&expected.values) {
            found.of(group).add(*value);
        }
        let ratio = found.correlation_ratio();
        let near = match (ratio, expected.correlation_ratio) {
            (Some(found), Some(expected)) => found == expected || ulps(found, expected) <= 3,
            (found, expected) => found == expected,
        };
        assert!(
            near,
            "{name}: {ratio:?} is not {:?}",
            expected.correlation_ratio
        );
    }
    assert_eq!(ByGroup::<Moments>::new().correlation_ratio(), None);
}

#[test]
fn huge_and_infinite_values_have_a_correlation_ratio() {
    let of = |scale: f64| {
        let mut found = ByGroup::<Moments>::new();
        for (group, value) in [("a", 1.0), ("a", 2.0), ("b", -1.5), ("b", 1.0)] {
            found.of(group).add(value * scale);
        }
        found.correlation_ratio().unwrap()
    };
    for scale in [2_f64.powi(1000), 2_f64.powi(-1000)] {
        assert_eq!(of(scale), of(1.0));
    }
    assert!(of(f64::INFINITY).is_nan());
}

#[test]
fn mutual_information_equals_scikit_learn_on_the_same_bins() {
    for (
        name,
        Numbers {
            x,
            y,
            mutual_information: expected,
        },
    ) in golden().numbers
    {
        assert_near(mutual_information(&x, &y), Some(expected), 1e-14, &name);
        assert_near(mutual_information(&y, &x), Some(expected), 1e-14, &name);
    }
    assert_eq!(mutual_information(&[1.0], &[2.0]), None);
    assert_eq!(mutual_information(&[1.0, f64::NAN], &[2.0, 1.0]), None);
}

#[test]
fn correlation_matrices_equal_pandas() {
    for (name, frame) in golden().frames {
        let columns: Vec<Vec<f64>> = frame
            .columns
            .iter()
            .map(|column| {
                column
                    .iter()
                    .map(|value| value.unwrap_or(f64::NAN))
                    .collect()
            })
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for (kind, expected, alone) in [
            (
                Correlation::Pearson,
                frame.pearson,
                pearson as fn(&[f64], &[f64]) -> Option<f64>,
            ),
            (Correlation::Spearman, frame.spearman, spearman),
            (Correlation::Kendall, frame.kendall, kendall),
        ] {
            let found = CorrelationMatrix::of(&columns, kind);
            assert_eq!(found.num_columns(), columns.len());
            for (i, x) in columns.iter().enumerate() {
                for (j, y) in columns.iter().enumerate() {
                    let at = format!("{name} {kind:?} {i} {j}");
                    // pandas calls Kendall's coefficient of any column with itself 1.
                    if i != j || kind != Correlation::Kendall {
                        assert_near(found.get(i, j), expected[i][j], 2e-15, &at);
                    }
                    assert_near(found.get(i, j), alone(x, y), 1e-15, &at);
                }
            }
            let stored: CorrelationMatrix = serde_json::from_str(&json(&found)).unwrap();
            assert_eq!(stored, found);
        }
    }
}

#[test]
fn a_correlation_matrix_keeps_its_bound_on_many_rows() {
    let mut stream = Stream::new(5, &[]);
    let mut noise = |scale: f64, offset: f64| -> Vec<f64> {
        (0..20_001)
            .map(|_| stream.normals().0 * scale + offset)
            .collect()
    };
    let mut columns = vec![
        noise(1.0, 0.0),
        noise(1e-3, 1e9),
        noise(1e300, 0.0),
        noise(1e-200, 0.0),
        noise(5.0, -1e3),
    ];
    columns.push(
        columns[0]
            .iter()
            .zip(&columns[4])
            .map(|(a, b)| a - b / 9.0)
            .collect(),
    );
    columns.push(columns[1].iter().map(|x| -x).collect());
    columns.push(vec![0.1; 20_001]);
    columns.push(
        [f64::INFINITY]
            .into_iter()
            .chain(noise(1.0, 0.0))
            .take(20_001)
            .collect(),
    );
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let found = CorrelationMatrix::of(&columns, Correlation::Pearson);
    for (i, x) in columns.iter().enumerate() {
        for (j, y) in columns.iter().enumerate() {
            let exact = pearson(x, y).filter(|exact| !exact.is_nan());
            assert_near(found.get(i, j), exact, 1e-15, &format!("{i} {j}"));
        }
    }
    assert_eq!((found.get(1, 6), found.get(0, 0)), (Some(-1.0), Some(1.0)));
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = one.install(|| CorrelationMatrix::of(&columns, Correlation::Pearson));
    assert_eq!(json(&alone), json(&found));
}

#[test]
fn five_numbers_by_group_are_those_of_each_group() {
    let mut found = ByGroup::<Quantiles>::new();
    let values = [3.0, f64::NAN, 1.0, f64::INFINITY, 2.0, 8.0, 9.0];
    for (row, value) in values.into_iter().enumerate() {
        found.of(["b", "a"][row % 2]).add(value);
    }
    found.of("none").add(f64::NAN);
    let expected = [
        (
            "a".to_owned(),
            FiveNumbers::of(&mut [f64::INFINITY, 8.0]).unwrap(),
        ),
        (
            "b".to_owned(),
            FiveNumbers::of(&mut [3.0, 1.0, 2.0, 9.0]).unwrap(),
        ),
    ];
    assert_eq!(found.five_numbers(), expected);
    assert_eq!(
        (expected[0].1.min, expected[0].1.median),
        (8.0, f64::INFINITY)
    );
    assert_eq!(FiveNumbers::of(&mut [f64::NAN]), None);
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[a-d]", "[x-z]{1,2}"), 0..60)
}

proptest! {
    #[test]
    fn tables_know_only_their_content(rows in pairs(), at in any::<prop::sample::Index>()) {
        let of = |rows: &[(String, String)]| {
            Contingency::from_iter(rows.iter().map(|(x, y)| (x.as_str(), y.as_str())))
        };
        let whole = of(&rows);
        let (left, right) = rows.split_at(at.index(rows.len() + 1));
        let mut merged = of(right);
        merged.merge(&of(left));
        prop_assert_eq!(json(&merged), json(&whole));
        prop_assert_eq!(merged.chi_square(), whole.chi_square());
        prop_assert_eq!(merged.mutual_information(), whole.mutual_information());
        let stored: Contingency = serde_json::from_str(&json(&whole)).unwrap();
        prop_assert_eq!(&stored, &whole);
        prop_assert_eq!(&merged, &whole);
        // What x tells of y it tells of x.
        let mut turned = Contingency::new();
        rows.iter().for_each(|(x, y)| turned.add(y, x));
        prop_assert_eq!(turned.mutual_information(), whole.mutual_information());
        prop_assert_eq!(turned.cramers_v(), whole.cramers_v());
        prop_assert_eq!(turned.total(), rows.len() as u64);
    }

    #[test]
    fn chi_square_equals_its_definition(rows in pairs()) {
        let table = Contingency::from_iter(rows.iter().map(|(x, y)| (x.as_str(), y.as_str())));
        let n = table.total() as f64;
        let mut expected = 0.0;
        for (x, row) in table.first().sorted() {
            for (y, column) in table.second().sorted() {
                let by_chance = row as f64 * column as f64 / n;
                expected += (table.count(x, y) as f64 - by_chance).powi(2) / by_chance;
            }
        }
        assert_near(table.chi_square(), (n > 0.0).then_some(expected), 1e-12, "");
    }

    #[test]
    fn groups_know_only_their_content(
        rows in prop::collection::vec(("[a-c]", -5i32..5), 0..40),
        at in any::<prop::sample::Index>(),
    ) {
        let of = |rows: &[(String, i32)]| {
            let mut found = ByGroup::<Moments>::new();
            rows.iter().for_each(|(group, value)| found.of(group).add(f64::from(*value)));
            found
        };
        let whole = of(&rows);
        let (left, right) = rows.split_at(at.index(rows.len() + 1));
        let mut merged = of(right);
        merged.merge(&of(left), Moments::merge);
        prop_assert_eq!(json(&merged), json(&whole));
        prop_assert_eq!(merged.correlation_ratio(), whole.correlation_ratio());
        let stored: ByGroup<Moments> = serde_json::from_str(&json(&whole)).unwrap();
        prop_assert_eq!(&stored, &whole);
        prop_assert_eq!(&merged, &whole);
    }
}

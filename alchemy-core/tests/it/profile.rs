//! Profiles against pandas and scikit-learn; see `tests/golden/README.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch,
    StringArray,
};
use alchemy_core::arrow::datatypes::{Float64Type, UInt64Type};
use alchemy_core::stats::Correlation;
use alchemy_core::{Measure, Profile, correlations, five_numbers_by, target_association};
use serde::Deserialize;
use serde_json::Value;

/// What the producer's floating-point sums leave.
const PRODUCER: f64 = 1e-9;

#[derive(Deserialize)]
struct Golden {
    columns: BTreeMap<String, Vec<Value>>,
    describe: BTreeMap<String, BTreeMap<String, Value>>,
    missing: Vec<(String, u64)>,
    correlation_ratio: BTreeMap<String, f64>,
    ratio_of_city_and_load: f64,
    auc: BTreeMap<String, f64>,
    correlations: BTreeMap<String, Vec<Vec<f64>>>,
    five_numbers: Vec<Vec<f64>>,
}

fn golden() -> (Golden, RecordBatch) {
    let golden: Golden = serde_json::from_str(include_str!("../golden/profile.json")).unwrap();
    let cells = |name: &str| golden.columns[name].iter();
    let float = |name: &str| -> ArrayRef {
        Arc::new(cells(name).map(Value::as_f64).collect::<Float64Array>())
    };
    let day = cells("day").map(|cell| cell.as_i64().and_then(|day| i32::try_from(day).ok()));
    let batch = RecordBatch::try_from_iter([
        ("load", float("load")),
        (
            "count",
            Arc::new(cells("count").map(Value::as_i64).collect::<Int64Array>()),
        ),
        ("offset", float("offset")),
        (
            "city",
            Arc::new(cells("city").map(Value::as_str).collect::<StringArray>()),
        ),
        (
            "failed",
            Arc::new(
                cells("failed")
                    .map(Value::as_bool)
                    .collect::<BooleanArray>(),
            ),
        ),
        ("day", Arc::new(day.collect::<Date32Array>())),
    ])
    .unwrap();
    (golden, batch)
}

fn near(found: f64, expected: f64, what: &str) {
    let difference = (found - expected).abs();
    assert!(
        difference <= PRODUCER * expected.abs().max(1e-3),
        "{what}: {found} is not {expected}"
    );
}

#[test]
fn describe_equals_pandas() {
    let (golden, batch) = golden();
    let table = Profile::of(&batch).unwrap().describe().unwrap();
    let names = table["column"].as_string::<i32>();
    for (row, name) in names.iter().enumerate() {
        let name = name.unwrap();
        for (figure, expected) in &golden.describe[name] {
            let what = format!("{name} {figure}");
            let column = match figure.as_str() {
                "std" => "std_dev",
                "unique" => "distinct",
                "freq" => "top_count",
                // Of a day pandas takes means and quantiles too.
                "min" if name == "day" => "first",
                "max" if name == "day" => "last",
                "count" | "top" => figure,
                _ if name == "day" => continue,
                figure => figure,
            };
            let found = &table[column];
            assert!(found.is_valid(row), "{what}");
            if let Some(found) = found.as_primitive_opt::<Float64Type>() {
                near(found.value(row), expected.as_f64().unwrap(), &what);
            } else if let Some(found) = found.as_primitive_opt::<UInt64Type>() {
                assert_eq!(
                    found.value(row) as f64,
                    expected.as_f64().unwrap(),
                    "{what}"
                );
            } else {
                let expected = match expected {
                    Value::String(text) => text.trim_end_matches(" 00:00:00").to_owned(),
                    other => other.to_string(),
                };
                assert_eq!(found.as_string::<i32>().value(row), expected, "{what}");
            }
        }
    }
    assert_eq!(names.len(), golden.describe.len());
}

#[test]
fn missing_values_are_those_of_pandas_in_its_order() {
    let (golden, batch) = golden();
    let profile = Profile::of(&batch).unwrap();
    let expected: Vec<(&str, u64)> = golden
        .missing
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(profile.missing(), expected);
}

#[test]
fn associations_equal_regressions_on_classes_and_areas_those_of_scikit_learn() {
    let (golden, batch) = golden();
    let found = target_association(&batch, "failed").unwrap();
    let of = |name: &str| found.features.iter().find(|found| found.column == name);
    for (column, expected) in &golden.correlation_ratio {
        near(of(column).unwrap().value, *expected, column);
    }
    for (column, expected) in &golden.auc {
        near(
            of(column).unwrap().auc.unwrap(),
            expected.max(1.0 - expected),
            column,
        );
    }
    assert_eq!(found.top(1)[0].column, "load");
    assert_eq!(found.top(99).len(), 5);
    let of_load = target_association(&batch, "load").unwrap();
    let city = of_load
        .features
        .iter()
        .find(|found| found.column == "city")
        .unwrap();
    assert_eq!(city.measure, Measure::CorrelationRatio);
    near(city.value, golden.ratio_of_city_and_load, "city and load");
}

#[test]
fn correlations_equal_pandas() {
    let (golden, batch) = golden();
    for (kind, expected) in [
        (Correlation::Pearson, &golden.correlations["pearson"]),
        (Correlation::Spearman, &golden.correlations["spearman"]),
        (Correlation::Kendall, &golden.correlations["kendall"]),
    ] {
        let found = correlations(&batch, kind).unwrap();
        assert_eq!(found.columns(), ["load", "count", "offset"]);
        for (i, row) in expected.iter().enumerate() {
            for (j, expected) in row.iter().enumerate() {
                near(
                    found.matrix().get(i, j).unwrap(),
                    *expected,
                    &format!("{kind:?} {i} {j}"),
                );
            }
        }
    }
}

#[test]
fn boxes_by_class_equal_pandas() {
    let (golden, batch) = golden();
    let boxes = five_numbers_by(&batch, "load", "failed").unwrap();
    for (row, expected) in golden.five_numbers.iter().enumerate() {
        for (column, expected) in boxes.columns()[1..].iter().zip(expected) {
            near(
                column.as_primitive::<Float64Type>().value(row),
                *expected,
                "box",
            );
        }
    }
}

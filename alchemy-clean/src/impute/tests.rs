use std::collections::BTreeMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray,
};
use alchemy_core::arrow::compute::concat_batches;
use alchemy_core::{Action, Ledger, Role, Transform};

use super::*;

fn batch(x: Vec<Option<f64>>, s: Vec<Option<&str>>) -> RecordBatch {
    let x = Arc::new(Float64Array::from(x)) as ArrayRef;
    let s = Arc::new(StringArray::from(s)) as ArrayRef;
    RecordBatch::try_from_iter([("x", x), ("s", s)]).unwrap()
}

fn sample() -> RecordBatch {
    batch(
        vec![Some(1.0), Some(f64::NAN), None],
        vec![Some("b"), None, Some("a")],
    )
}

#[test]
fn the_default_columns_are_those_the_strategy_has_a_meaning_for() {
    let filled = |strategy| {
        let fitted = Imputer::new(strategy).fit(&sample()).unwrap();
        fitted
            .fill_values()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(filled(ImputeStrategy::Median), ["x=1.0"]);
    assert_eq!(filled(ImputeStrategy::Mean), ["x=1.0"]);
    assert_eq!(filled(ImputeStrategy::Mode), ["x=1.0", "s=a"]);
    assert_eq!(filled(ImputeStrategy::constant(0)), ["x=0.0"]);
    assert_eq!(filled(ImputeStrategy::constant("?")), ["s=?"]);
    assert_eq!(filled(ImputeStrategy::constant(true)), [""; 0]);
}

#[test]
fn the_target_is_left_alone() {
    let batch = Role::Target.stamp_column(&sample(), "x").unwrap();
    let fitted = Imputer::new(ImputeStrategy::Mode).fit(&batch).unwrap();
    assert!(fitted.fill_value("x").is_none());
}

#[test]
fn an_indicator_tells_what_was_missing() {
    let fitted = Imputer::new(ImputeStrategy::Median)
        .with_indicator()
        .fit(&sample())
        .unwrap();
    let mut ledger = Ledger::new();
    let out = fitted.transform_with(&sample(), &mut ledger).unwrap();
    assert_eq!(out.schema_ref().field(2).name(), "x_missing");
    assert_eq!(
        out.column(2).as_boolean(),
        &BooleanArray::from(vec![false, true, true])
    );
    assert_eq!(ledger.count("x", Action::Filled), 2);
    let error = fitted.transform(&out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column name \"x_missing\" occurs more than once"
    );
}

#[test]
fn nothing_to_learn_from_is_an_error_but_for_a_constant() {
    let nothing = batch(vec![None, Some(f64::NAN)], vec![None, None]);
    for strategy in [
        ImputeStrategy::Median,
        ImputeStrategy::Mean,
        ImputeStrategy::Mode,
    ] {
        let error = Imputer::new(strategy).fit(&nothing).unwrap_err();
        assert_eq!(error.to_string(), "column \"x\" has no value to learn from");
    }
    assert!(
        Imputer::new(ImputeStrategy::constant(0))
            .fit(&nothing)
            .is_ok()
    );
}

#[test]
fn parameters_are_held_against_the_schema_before_the_data() {
    let fit = |strategy, column: &str| {
        Imputer::new(strategy)
            .with_columns(column)
            .fit(&sample())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fit(ImputeStrategy::Median, "s"),
        "column \"s\" is Utf8, expected a number"
    );
    assert_eq!(
        fit(ImputeStrategy::constant(1), "s"),
        "column \"s\" is Utf8, expected a number, as the constant is"
    );
    assert_eq!(fit(ImputeStrategy::Mean, "height"), "no column \"height\"");
    let ints = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("n", ints)]).unwrap();
    let error = Imputer::new(ImputeStrategy::constant(0.5))
        .fit(&ints)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("parameter `strategy`: constant"),
        "{error}"
    );
}

#[test]
fn both_infinities_have_no_mean() {
    let both = batch(
        vec![Some(f64::INFINITY), Some(f64::NEG_INFINITY)],
        vec![None, None],
    );
    let error = Imputer::new(ImputeStrategy::Mean).fit(&both).unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidParameter {
                parameter: "strategy",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn another_type_than_in_training_is_refused() {
    let fitted = Imputer::new(ImputeStrategy::Median).fit(&sample()).unwrap();
    let ints = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("x", ints)]).unwrap();
    let error = fitted.transform(&ints).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"x\" is Int64, expected Float64, as before"
    );
}

#[test]
fn a_quantile_is_between_order_statistics() {
    let fill = |q| {
        let values = batch(vec![Some(1.0), Some(2.0), None, Some(5.0)], vec![None; 4]);
        let imputer = Imputer::new(ImputeStrategy::Quantile(q));
        imputer
            .fit(&values)
            .map(|fitted| fitted.fill_value("x").unwrap().to_string())
    };
    assert_eq!(fill(0.0).unwrap(), "1.0");
    assert_eq!(fill(0.75).unwrap(), "3.5");
    let error = fill(1.5).unwrap_err().to_string();
    assert_eq!(
        error,
        "parameter `quantile`: must be between 0 and 1, not 1.5"
    );
}

/// Keys, a number, a text and a date.
fn grouped() -> RecordBatch {
    let keys = vec![
        Some("a"),
        None,
        Some("a"),
        None,
        Some("b"),
        Some("c"),
        Some("a"),
    ];
    let x = vec![
        Some(1.0),
        Some(8.0),
        Some(3.0),
        Some(f64::NAN),
        None,
        Some(6.0),
        None,
    ];
    let s = vec![Some("p"), Some("q"), None, None, None, Some("r"), Some("p")];
    let d = vec![Some(1), Some(2), None, None, Some(5), Some(7), Some(1)];
    RecordBatch::try_from_iter_with_nullable([
        ("k", Arc::new(StringArray::from(keys)) as ArrayRef, true),
        ("x", Arc::new(Float64Array::from(x)) as ArrayRef, true),
        ("s", Arc::new(StringArray::from(s)) as ArrayRef, true),
        ("d", Arc::new(Date32Array::from(d)) as ArrayRef, true),
    ])
    .unwrap()
}

#[test]
fn each_group_is_filled_with_its_own_and_others_with_that_of_all() {
    let median = Imputer::new(ImputeStrategy::Median).with_keys(["k"]);
    let fitted = median.fit(&grouped()).unwrap();
    let mut ledger = Ledger::new();
    let out = fitted.transform_with(&grouped(), &mut ledger).unwrap();
    let wanted = Float64Array::from(vec![1.0, 8.0, 3.0, 8.0, 4.5, 6.0, 2.0]);
    assert_eq!(out.column(1).as_ref(), &wanted);
    assert_eq!(ledger.count("x", Action::Filled), 3);
    assert_eq!(ledger.count("x", Action::Unmatched), 1);
    let unmatched = ledger
        .entries()
        .find(|entry| entry.action == Action::Unmatched)
        .unwrap();
    assert_eq!(unmatched.examples, [(4, "b".to_owned())]);
    let groups: Vec<String> = fitted
        .fill_values_by_group("x")
        .map(|(key, value)| format!("{key:?}={value}"))
        .collect();
    assert_eq!(
        groups,
        ["[None]=8.0", "[Some(\"a\")]=2.0", "[Some(\"c\")]=6.0"]
    );
    let json = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedImputer>(&json).unwrap(),
        fitted
    );

    let mode = Imputer::new(ImputeStrategy::Mode)
        .with_columns(["s", "d"])
        .with_keys(["k"]);
    let out = mode.fit(&grouped()).unwrap().transform(&grouped()).unwrap();
    let texts = StringArray::from(vec!["p", "q", "p", "q", "p", "r", "p"]);
    assert_eq!(out.column(2).as_ref(), &texts);
    let days = Date32Array::from(vec![1, 2, 1, 2, 5, 7, 1]);
    assert_eq!(out.column(3).as_ref(), &days);
}

#[test]
fn a_constant_by_group_is_refused_and_a_key_must_be_there() {
    let constant = Imputer::new(ImputeStrategy::constant(0)).with_keys(["k"]);
    assert!(matches!(
        constant.fit(&grouped()).unwrap_err(),
        Error::InvalidParameter {
            parameter: "keys",
            ..
        }
    ));
    let error = Imputer::new(ImputeStrategy::Mode)
        .with_keys(["kk"])
        .fit(&grouped())
        .unwrap_err();
    assert!(error.to_string().starts_with("no column \"kk\""), "{error}");
    let fitted = Imputer::new(ImputeStrategy::Median)
        .with_keys(["k"])
        .fit(&grouped())
        .unwrap();
    let numbers = Arc::new(Int64Array::from(vec![1; 7])) as ArrayRef;
    let renamed = RecordBatch::try_from_iter([("k", numbers), ("x", grouped().column(1).clone())]);
    let error = fitted.transform(&renamed.unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"k\" is Int64, expected Utf8, as before"
    );
}

#[test]
fn a_sketch_says_its_error() {
    let values = batch(
        (1..=999).map(|value| Some(f64::from(value))).collect(),
        vec![None; 999],
    );
    let fitted = Imputer::new(ImputeStrategy::Median)
        .with_sketches()
        .fit(&values)
        .unwrap();
    let value = fitted.fill_value("x").unwrap();
    let error = value.relative_error().unwrap();
    let median = value
        .array()
        .as_primitive::<alchemy_core::arrow::datatypes::Float64Type>()
        .value(0);
    assert!(error <= 0.002 && (median - 500.0).abs() <= error * 500.0);
    let exact = Imputer::new(ImputeStrategy::Median).fit(&values).unwrap();
    assert_eq!(exact.fill_value("x").unwrap().relative_error(), None);
}

/// `rows` rows told apart by a number, a third of them without a value; the others are `value` of their number.
fn numbered(rows: i64, value: impl Fn(i64) -> i64) -> RecordBatch {
    let id = Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef;
    let x: Int64Array = (0..rows)
        .map(|row| (row % 3 > 0).then(|| value(row)))
        .collect();
    RecordBatch::try_from_iter([("id", id), ("x", Arc::new(x) as ArrayRef)]).unwrap()
}

fn draws(out: &RecordBatch) -> BTreeMap<i64, u64> {
    let x = out
        .column(1)
        .as_primitive::<alchemy_core::arrow::datatypes::Int64Type>();
    let mut counts = BTreeMap::new();
    for row in (0..out.num_rows()).step_by(3) {
        *counts.entry(x.value(row)).or_default() += 1;
    }
    counts
}

#[test]
fn draws_have_the_distribution_observed() {
    let value = |row: i64| (row * 7919 % 10_000).isqrt() / 20;
    // Fewer rows than a sample holds, and more.
    for rows in [3_000, 60_000] {
        let table = numbered(rows, value);
        let imputer = Imputer::new(ImputeStrategy::random_draw(11)).with_columns("x");
        let fitted = imputer.fit(&table).unwrap();
        let present: Vec<i64> = (0..rows).filter(|row| row % 3 > 0).map(value).collect();
        let sampled: u64 = fitted.observed("x").unwrap().counts().iter().sum();
        assert_eq!(sampled, (present.len() as u64).min(10_000));
        let found = draws(&fitted.transform(&table).unwrap());
        let total = rows as f64 / 3.0;
        let chi_square: f64 = (0..5)
            .map(|value| {
                let share = present.iter().filter(|other| **other == value).count();
                let expected = total * share as f64 / present.len() as f64;
                let count = found.get(&value).copied().unwrap_or(0) as f64;
                (count - expected).powi(2) / expected
            })
            .sum();
        assert_eq!(found.len(), 5, "{found:?}");
        // The sample adds its own chance to that of the draws.
        let sampling = if rows == 3_000 { 0.0 } else { total / 10_000.0 };
        // The 0.99 quantile for four degrees of freedom.
        assert!(
            chi_square / (1.0 + sampling) < 13.28,
            "{chi_square} {found:?}"
        );
    }
}

#[test]
fn draws_of_many_values_follow_their_distribution_function() {
    let table = numbered(90_000, |row| row * 7919 % 100_003 * (row * 7919 % 100_003));
    let fitted = Imputer::new(ImputeStrategy::random_draw(3))
        .with_columns("x")
        .fit(&table)
        .unwrap();
    let found = draws(&fitted.transform(&table).unwrap());
    let x = table
        .column(1)
        .as_primitive::<alchemy_core::arrow::datatypes::Int64Type>();
    let mut values: Vec<i64> = x.iter().flatten().collect();
    values.sort_unstable();
    let (mut below, mut distance) = (0.0, 0.0_f64);
    for (value, count) in &found {
        let share = values.partition_point(|other| other < value) as f64 / values.len() as f64;
        distance = distance.max((below - share).abs());
        below += *count as f64 / 30_000.0;
    }
    // Kolmogorov and Smirnov's at 0.01 for 30,000 draws from a sample of 10,000.
    assert!(
        distance < 1.63 * (1.0 / 30_000.0_f64 + 1.0 / 10_000.0).sqrt(),
        "{distance}"
    );
}

#[test]
fn a_draw_depends_on_its_row_and_its_seed_alone() {
    let table = numbered(600, |row| row);
    let fitted = |seed| {
        Imputer::new(ImputeStrategy::random_draw_by(seed, "id"))
            .with_columns("x")
            .fit(&table)
            .unwrap()
    };
    let step = fitted(1);
    let whole = step.transform(&table).unwrap();
    let rows: Vec<RecordBatch> = (0..600)
        .map(|row| step.transform(&table.slice(row, 1)).unwrap())
        .collect();
    assert_eq!(concat_batches(&table.schema(), &rows).unwrap(), whole);
    assert_ne!(fitted(2).transform(&table).unwrap(), whole);
    assert!(draws(&whole).len() > 100);
}

#[test]
fn a_draw_is_of_the_group_and_is_stored() {
    let k = Arc::new(StringArray::from_iter_values(
        (0..900).map(|row| ["a", "b"][row % 2]),
    )) as ArrayRef;
    let numbers = numbered(900, |row| row % 2 * 100 + row % 5);
    let columns = [
        ("id", numbers.column(0).clone()),
        ("x", numbers.column(1).clone()),
        ("k", k),
    ];
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let imputer = Imputer::new(ImputeStrategy::random_draw(5))
        .with_columns("x")
        .with_keys(["k"]);
    let fitted = imputer.fit(&table).unwrap();
    let json = serde_json::to_string(&fitted).unwrap();
    let loaded: FittedImputer = serde_json::from_str(&json).unwrap();
    assert_eq!(loaded, fitted);
    let out = loaded.transform(&table).unwrap();
    let x = out
        .column(1)
        .as_primitive::<alchemy_core::arrow::datatypes::Int64Type>();
    assert!(
        x.iter()
            .enumerate()
            .all(|(row, x)| (x.unwrap() >= 100) == (row % 2 == 1))
    );
    assert_eq!(fitted.observed_by_group("x").count(), 2);
    let error = Imputer::new(ImputeStrategy::random_draw_by(5, Vec::<String>::new())).fit(&table);
    assert!(matches!(
        error,
        Err(Error::InvalidParameter {
            parameter: "row_id",
            ..
        })
    ));
}

#[test]
fn a_stored_fill_value_of_another_type_is_refused() {
    let fitted = Imputer::new(ImputeStrategy::Median).fit(&sample()).unwrap();
    let json = serde_json::to_string(&fitted).unwrap();
    let value = r#"{"type":"Float64","value":"1.0"}"#;
    assert!(json.contains(value), "{json}");
    let lying = json.replace(value, r#"{"type":"Utf8","value":"one"}"#);
    let lying: FittedImputer = serde_json::from_str(&lying).unwrap();
    let error = lying.transform(&sample()).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

#[test]
fn a_spec_is_stored_as_people_write_it() {
    for (imputer, json) in [
        (
            Imputer::new(ImputeStrategy::Median),
            r#"{"strategy":"median"}"#,
        ),
        (
            Imputer::new(ImputeStrategy::constant(0))
                .with_columns("x")
                .with_indicator(),
            r#"{"strategy":{"constant":0},"columns":["x"],"indicator":true}"#,
        ),
        (
            Imputer::new(ImputeStrategy::random_draw(7)).with_keys(["k"]),
            r#"{"strategy":{"random_draw":{"seed":7}},"keys":["k"]}"#,
        ),
        (
            Imputer::new(ImputeStrategy::Quantile(0.9)).with_sketches(),
            r#"{"strategy":{"quantile":0.9},"sketches":true}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&imputer).unwrap(), json);
        assert_eq!(serde_json::from_str::<Imputer>(json).unwrap(), imputer);
    }
}

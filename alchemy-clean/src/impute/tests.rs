use alchemy_core::Role;
use alchemy_core::arrow::array::{AsArray, Float64Array, Int64Array, StringArray};

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

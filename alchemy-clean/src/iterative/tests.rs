use alchemy_core::Action;
use alchemy_core::arrow::array::{AsArray, Float64Array, Int32Array};
use alchemy_core::arrow::datatypes::{Float64Type, Int32Type};
use proptest::prelude::*;

use super::*;

fn table(columns: &[(&str, &[f64])]) -> RecordBatch {
    let array = |values: &[f64]| {
        let cells = values.iter().map(|cell| (!cell.is_nan()).then_some(*cell));
        Arc::new(cells.collect::<Float64Array>()) as ArrayRef
    };
    let columns = columns
        .iter()
        .map(|(name, values)| (*name, array(values), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn column(batch: &RecordBatch, index: usize) -> &[f64] {
    batch.column(index).as_primitive::<Float64Type>().values()
}

const NAN: f64 = f64::NAN;

fn sample() -> RecordBatch {
    table(&[
        ("x", &[1.0, 2.0, 3.0, 4.0, NAN]),
        ("y", &[2.0, 4.0, NAN, 8.0, 10.0]),
        ("z", &[5.0, 6.0, 7.0, 9.0, 9.0]),
    ])
}

#[test]
fn a_line_is_found_again() {
    let spec = IterativeImputer::new()
        .with_columns(["x", "y"])
        .with_alpha(0.0);
    let spec = spec.with_tolerance(1e-12).with_max_rounds(100);
    let mut ledger = Ledger::new();
    let fitted = spec.fit(&sample()).unwrap();
    let filled = fitted.transform_with(&sample(), &mut ledger).unwrap();
    assert!((column(&filled, 0)[4] - 5.0).abs() < 1e-9, "{filled:?}");
    assert!((column(&filled, 1)[2] - 6.0).abs() < 1e-9, "{filled:?}");
    assert!(fitted.converged());
    assert_eq!(fitted.initial_value("x"), Some(2.5));
    assert_eq!(ledger.count("x", Action::Filled), 1);
    assert_eq!(filled.column(2), sample().column(2));
}

#[test]
fn without_rounds_or_other_columns_cells_stay_what_they_begin_as() {
    let none = IterativeImputer::new().with_max_rounds(0);
    let filled = none.fit(&sample()).unwrap().transform(&sample()).unwrap();
    assert_eq!(column(&filled, 1)[2].to_bits(), 6.0_f64.to_bits());
    let alone = IterativeImputer::new().with_columns("y");
    let alone = alone.with_initial(InitialFill::Median);
    let fitted = alone.fit(&sample()).unwrap();
    assert_eq!(fitted.num_rounds(), 0);
    let new = table(&[("y", &[NAN])]);
    assert_eq!(
        column(&fitted.transform(&new).unwrap(), 0)[0].to_bits(),
        6.0_f64.to_bits()
    );
}

#[test]
fn estimates_stay_within_the_bounds_and_the_type() {
    let spec = IterativeImputer::new()
        .with_min_value(0.0)
        .with_max_value(4.5);
    let filled = spec.fit(&sample()).unwrap().transform(&sample()).unwrap();
    assert_eq!(column(&filled, 0)[4].to_bits(), 4.5_f64.to_bits());
    let n = Arc::new(Int32Array::from(vec![Some(2), None, Some(7)])) as ArrayRef;
    let x = Arc::new(Float64Array::from(vec![1.0, 2.2, 3.0])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("x", x), ("n", n)]).unwrap();
    let filled = IterativeImputer::new()
        .fit(&ints)
        .unwrap()
        .transform(&ints)
        .unwrap();
    assert_eq!(filled.column(1).as_primitive::<Int32Type>().value(1), 5);
}

#[test]
fn what_no_regression_can_use_is_an_error_that_names_it() {
    let error =
        |spec: IterativeImputer, batch: &RecordBatch| spec.fit(batch).unwrap_err().to_string();
    let new = IterativeImputer::new;
    let infinite = table(&[("x", &[1.0, f64::INFINITY]), ("y", &[1.0, NAN])]);
    assert_eq!(
        error(new(), &infinite),
        "column \"x\", row 1: \"inf\" is not a number of at most 1e100 in size"
    );
    let fitted = new().with_columns(["x", "y"]).fit(&sample()).unwrap();
    assert!(fitted.transform(&infinite).is_err());
    assert!(fitted.transform(&infinite.slice(0, 1)).is_ok());
    assert_eq!(
        error(new(), &table(&[("x", &[1.0]), ("y", &[NAN])])),
        "column \"y\" has no value to learn from"
    );
    for (spec, parameter) in [
        (new().with_alpha(-1.0), "alpha"),
        (new().with_tolerance(NAN), "tolerance"),
        (new().with_max_rounds(1001), "max_rounds"),
        (new().with_min_value(NAN), "min_value"),
        (new().with_max_value(f64::INFINITY), "max_value"),
        (new().with_min_value(1.0).with_max_value(1.0), "min_value"),
    ] {
        let message = error(spec, &sample());
        assert!(
            message.starts_with(&format!("parameter `{parameter}`")),
            "{message}"
        );
    }
}

#[test]
fn a_spec_is_readable_and_a_state_that_lies_is_refused() {
    let spec = IterativeImputer::new().with_min_value(0.0);
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(
        json,
        r#"{"initial":"mean","alpha":1.0,"max_rounds":10,"tolerance":0.001,"min_value":0.0}"#
    );
    assert_eq!(
        serde_json::from_str::<IterativeImputer>(&json).unwrap(),
        spec
    );

    let fitted = spec.with_max_rounds(1).fit(&sample()).unwrap();
    let json = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedIterativeImputer>(&json).unwrap(),
        fitted
    );
    for (from, to) in [
        ("\"column\":2", "\"column\":3"),
        ("\"coefficients\":[", "\"coefficients\":[0.0,"),
        ("\"initial\":", "\"initial\":1e200,\"was\":"),
        ("\"intercept\":", "\"intercept\":null,\"was\":"),
        ("Float64", "Utf8"),
        ("\"name\":\"y\"", "\"name\":\"x\""),
        ("\"min_value\":0.0", "\"min_value\":0.0,\"max_value\":-1.0"),
    ] {
        assert!(json.contains(from), "{from}: {json}");
        let lie = json.replacen(from, to, 1);
        assert!(
            serde_json::from_str::<FittedIterativeImputer>(&lie).is_err(),
            "{lie}"
        );
    }
}

proptest! {
    #[test]
    fn any_table_is_filled_with_numbers_in_their_range(
        rows in proptest::collection::vec(proptest::collection::vec(prop_oneof![
            3 => Just(NAN),
            3 => -4.0..4.0,
            1 => Just(1e100),
            1 => Just(-1e-300),
            1 => Just(7.0),
        ], 4), 1..30),
        alpha in prop_oneof![Just(0.0), Just(5e-324), Just(1.0), Just(1e300)],
    ) {
        let names = ["a", "b", "c", "d"];
        let columns: Vec<Vec<f64>> = (0..4).map(|column| {
            let cells = rows.iter().map(|row| row[column]);
            cells.chain([column as f64]).collect()
        }).collect();
        let pairs: Vec<(&str, &[f64])> = names.iter().zip(&columns).map(|(name, cells)| (*name, cells.as_slice())).collect();
        let batch = table(&pairs);
        let spec = IterativeImputer::new().with_alpha(alpha);
        let filled = spec.fit(&batch).unwrap().transform(&batch).unwrap();
        for index in 0..4 {
            prop_assert_eq!(filled.column(index).null_count(), 0);
            prop_assert!(column(&filled, index).iter().all(|cell| cell.abs() <= LARGEST * 1.001));
        }
    }
}

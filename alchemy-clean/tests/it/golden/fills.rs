//! Fills beside those of pandas.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch,
    TimestampMicrosecondArray,
};
use alchemy_clean::arrow::datatypes::Float64Type;
use alchemy_clean::{BackwardFill, FillDirection, ForwardFill, Interpolator, Transform};
use serde_json::Value;

use super::{list, numbers, texts};

fn column(kind: &Value, values: &Value) -> ArrayRef {
    let values = match kind.as_str().unwrap() {
        "number" => return Arc::new(numbers(values)),
        "text" => return Arc::new(texts(values)),
        _ => list(values).iter(),
    };
    match kind.as_str().unwrap() {
        "flag" => Arc::new(values.map(Value::as_bool).collect::<BooleanArray>()),
        _ => Arc::new(values.map(Value::as_i64).collect::<Int64Array>()),
    }
}

#[test]
fn carried_values_are_those_of_pandas() {
    let golden = golden!("fills");
    let cases = list(&golden["carried"]);
    assert_eq!(cases.len(), 66);
    for case in cases {
        let keys = Arc::new(texts(&case["keys"])) as ArrayRef;
        let x = column(&case["kind"], &case["values"]);
        let batch = RecordBatch::try_from_iter([("key", keys), ("x", x)]).unwrap();
        let mut forward = ForwardFill::of("x");
        let mut backward = BackwardFill::of("x");
        if case["by_key"].as_bool().unwrap() {
            (forward, backward) = (forward.with_keys(["key"]), backward.with_keys(["key"]));
        }
        if let Some(limit) = case["limit"].as_u64() {
            (forward, backward) = (forward.with_limit(limit), backward.with_limit(limit));
        }
        for (wanted, filled) in [
            (&case["forward"], forward.transform(&batch)),
            (&case["backward"], backward.transform(&batch)),
        ] {
            let wanted = column(&case["kind"], wanted);
            assert_eq!(
                filled.unwrap().column(1).as_ref(),
                wanted.as_ref(),
                "{case}"
            );
        }
    }
}

#[test]
fn interpolated_values_are_those_of_pandas() {
    let golden = golden!("fills");
    let cases = list(&golden["interpolated"]);
    assert!(cases.len() > 500);
    for case in cases {
        let x = numbers(&golden["series"][case["name"].as_str().unwrap()]);
        let rows = x.len();
        let minutes = numbers(&golden["minutes"]).slice(0, rows);
        let times = minutes
            .iter()
            .map(|minute| minute.map(|minute| minute as i64 * 60_000_000))
            .collect::<TimestampMicrosecondArray>();
        let batch = RecordBatch::try_from_iter([
            (
                "key",
                Arc::new(texts(&golden["keys"]).slice(0, rows)) as ArrayRef,
            ),
            ("time", Arc::new(times)),
            (
                "number",
                Arc::new(numbers(&golden["floats"]).slice(0, rows)),
            ),
            ("x", Arc::new(x)),
        ])
        .unwrap();
        let filled = step(case).transform(&batch).unwrap();
        let filled = filled.column(3).as_primitive::<Float64Type>();
        let wanted: Float64Array = numbers(&case["filled"]);
        for (ours, theirs) in filled.iter().zip(&wanted) {
            // NumPy multiplies by the slope where we multiply by the share: they differ by rounding.
            let same = match (ours, theirs) {
                (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 8.0 * f64::EPSILON,
                (ours, theirs) => ours == theirs,
            };
            assert!(same, "{filled:?} {case}");
        }
    }
}

fn step(case: &Value) -> Interpolator {
    let mut step = match case["method"].as_str().unwrap() {
        "linear" => Interpolator::linear("x"),
        _ => Interpolator::nearest("x"),
    };
    step = match case["direction"].as_str().unwrap() {
        "forward" => step.with_direction(FillDirection::Forward),
        "backward" => step.with_direction(FillDirection::Backward),
        _ => step.with_direction(FillDirection::Both),
    };
    match case["along"].as_str().unwrap() {
        "rows" => {}
        name => step = step.along(name),
    }
    if let Some(limit) = case["limit"].as_u64() {
        step = step.with_limit(limit);
    }
    if case["by_key"].as_bool().unwrap() {
        step = step.with_keys(["key"]);
    }
    if case["ends"].as_bool().unwrap() {
        step = step.with_ends();
    }
    step
}

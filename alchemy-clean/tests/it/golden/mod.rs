//! Results beside those of pandas, scikit-learn and Python; see `tests/golden/README.md`.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use alchemy_clean::arrow::datatypes::TimestampMicrosecondType;
use alchemy_clean::{
    Case, Duplicates, Fit, ForwardFill, ImputeStrategy, Imputer, Interpolator, Keep,
    NumericCoercer, Outliers, SelectRows, Side, TextStandardiser, TimestampParser, Transform,
};
use serde_json::Value;

macro_rules! golden {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../golden/", $name, ".json")))
            .unwrap()
    };
}

mod coerce;
mod fills;
mod neighbors;
mod rows;
mod rules;
mod statistics;
mod text;

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::String(infinity) => Some(infinity.parse().unwrap()),
        number => Some(number.as_f64().unwrap()),
    }
}

fn numbers(values: &Value) -> Float64Array {
    list(values).iter().map(number).collect()
}

fn texts(values: &Value) -> StringArray {
    list(values).iter().map(Value::as_str).collect()
}

fn one(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter([("x", Arc::new(array) as ArrayRef)]).unwrap()
}

/// Numbers, or text.
fn column(values: &Value) -> ArrayRef {
    let is_text = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.parse::<f64>().is_err())
    };
    if list(values).iter().any(is_text) {
        Arc::new(texts(values))
    } else {
        Arc::new(numbers(values))
    }
}

#[test]
fn imputation_is_that_of_pandas_and_scikit_learn() {
    for case in list(&golden!("impute")) {
        let strategy = match case["strategy"].as_str().unwrap() {
            "median" => ImputeStrategy::Median,
            "mean" => ImputeStrategy::Mean,
            _ => ImputeStrategy::Mode,
        };
        let batch = RecordBatch::try_from_iter([("x", column(&case["values"]))]).unwrap();
        let fitted = Imputer::new(strategy)
            .with_columns("x")
            .fit(&batch)
            .unwrap();
        let filled = fitted.transform(&batch).unwrap();
        assert_eq!(
            filled.column(0).as_ref(),
            column(&case["filled"]).as_ref(),
            "{case}"
        );
    }
}

#[test]
fn capping_is_that_of_pandas() {
    for case in list(&golden!("outlier")) {
        let batch = one(numbers(&case["values"]));
        let k = number(&case["k"]).unwrap();
        let fitted = Outliers::iqr(k, Side::Both).fit(&batch).unwrap();
        let fences = fitted.fences("x").unwrap();
        assert_eq!(fences.lower(), number(&case["lower"]), "{case}");
        assert_eq!(fences.upper(), number(&case["upper"]), "{case}");
        let capped = fitted.transform(&batch).unwrap();
        assert_eq!(
            capped.column(0).as_ref(),
            &numbers(&case["capped"]) as &dyn Array,
            "{case}"
        );
    }
}

#[test]
fn forward_fill_is_that_of_pandas() {
    for case in list(&golden!("forward_fill")) {
        let keys = Arc::new(texts(&case["keys"])) as ArrayRef;
        let values = Arc::new(numbers(&case["values"])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("key", keys), ("x", values)]).unwrap();
        let mut step = ForwardFill::of("x");
        if case["by_key"].as_bool().unwrap() {
            step = step.with_keys(["key"]);
        }
        if let Some(limit) = case["limit"].as_u64() {
            step = step.with_limit(limit);
        }
        let filled = step.transform(&batch).unwrap();
        assert_eq!(
            filled.column(1).as_ref(),
            &numbers(&case["filled"]) as &dyn Array,
            "{case}"
        );
    }
}

#[test]
fn interpolation_is_that_of_pandas() {
    for case in list(&golden!("interpolate")) {
        let minutes = numbers(&case["minutes"]);
        let times = minutes
            .iter()
            .map(|minute| minute.map(|minute| minute as i64 * 60_000_000));
        let times = Arc::new(times.collect::<TimestampMicrosecondArray>()) as ArrayRef;
        let keys = Arc::new(texts(&case["keys"])) as ArrayRef;
        let values = Arc::new(numbers(&case["values"])) as ArrayRef;
        let batch =
            RecordBatch::try_from_iter([("key", keys), ("t", times), ("x", values)]).unwrap();
        let mut step = Interpolator::linear("x").along("t");
        if case["by_key"].as_bool().unwrap() {
            step = step.with_keys(["key"]);
        }
        let filled = step.transform(&batch).unwrap();
        let filled = filled
            .column(2)
            .as_primitive::<alchemy_clean::arrow::datatypes::Float64Type>();
        for (ours, theirs) in filled.iter().zip(&numbers(&case["filled"])) {
            // NumPy multiplies by the slope where we multiply by the share: they differ by rounding.
            let same = match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    (ours - theirs).abs() <= 4.0 * f64::EPSILON * theirs.abs()
                }
                (ours, theirs) => ours == theirs,
            };
            assert!(same, "{ours:?} {theirs:?} {case}");
        }
    }
}

#[test]
fn duplicates_are_those_of_pandas() {
    let golden = golden!("duplicates");
    let id = Arc::new(numbers(&golden["id"])) as ArrayRef;
    let name = Arc::new(texts(&golden["name"])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("id", id), ("name", name)]).unwrap();
    for case in list(&golden["cases"]) {
        let columns: Vec<&str> = list(&case["columns"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let keep = match case["keep"].as_str().unwrap() {
            "first" => Keep::First,
            "last" => Keep::Last,
            _ => Keep::None,
        };
        let kept = Duplicates::on(columns)
            .with_keep(keep)
            .start()
            .keep(&batch)
            .unwrap();
        let wanted: Vec<bool> = list(&case["kept"])
            .iter()
            .filter_map(Value::as_bool)
            .collect();
        assert_eq!(kept.values().iter().collect::<Vec<_>>(), wanted, "{case}");
    }
}

#[test]
fn numbers_are_read_as_pandas_reads_them() {
    let golden = golden!("number");
    let cells: StringArray = list(&golden)
        .iter()
        .map(|case| case["cell"].as_str())
        .collect();
    let wanted: Float64Array = list(&golden)
        .iter()
        .map(|case| number(&case["number"]))
        .collect();
    let read = NumericCoercer::new("x").transform(&one(cells)).unwrap();
    assert_eq!(read.column(0).as_ref(), &wanted as &dyn Array);
}

#[test]
fn times_are_read_as_pandas_reads_them() {
    for case in list(&golden!("timestamp")) {
        let parser = TimestampParser::new("x").with_formats([case["format"].as_str().unwrap()]);
        let batch = one(StringArray::from(vec![case["cell"].as_str()]));
        let read = parser.transform(&batch).unwrap();
        let times = read.column(0).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(times.iter().next(), Some(case["micros"].as_i64()), "{case}");
    }
}

#[test]
fn text_is_standardised_as_python_does() {
    let golden = golden!("text");
    let batch = one(texts(&golden["cells"]));
    let step = || TextStandardiser::new("x");
    for (name, step) in [
        ("trim", step().with_trim()),
        ("collapse", step().with_collapsed_spaces()),
        ("lower", step().with_case(Case::Lower)),
        ("upper", step().with_case(Case::Upper)),
        ("fold", step().with_case(Case::Fold)),
        ("title", step().with_case(Case::Title)),
    ] {
        let ours = step.transform(&batch).unwrap();
        let ours = ours.column(0).as_string::<i32>().iter();
        for (ours, theirs) in ours
            .zip(list(&golden[name]))
            .filter(|(_, theirs)| !theirs.is_null())
        {
            assert_eq!(ours, theirs.as_str(), "{name}");
        }
    }
}

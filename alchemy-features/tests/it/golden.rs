//! Agreement with other software; `tests/golden/README.md` names it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use alchemy_features::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampSecondArray,
};
use alchemy_features::arrow::compute::cast;
use alchemy_features::arrow::datatypes::DataType;
use alchemy_features::{
    Calendar, CalendarPart, Fit, Lag, OneHotEncoder, OrdinalEncoder, Quantile, Rolling,
    StandardScaler, Transform,
};
use serde_json::Value;

/// The columns of a golden file.
struct Golden(BTreeMap<String, Vec<Value>>);

impl Golden {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(name);
        let text = std::fs::read_to_string(path).unwrap();
        Self(serde_json::from_str(&text).unwrap())
    }

    fn numbers(&self, column: &str) -> Vec<Option<f64>> {
        let number = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.parse().unwrap()),
            other => Some(other.as_f64().unwrap()),
        };
        self.0[column].iter().map(number).collect()
    }

    fn floats(&self, column: &str) -> ArrayRef {
        Arc::new(Float64Array::from(self.numbers(column)))
    }

    fn text(&self, column: &str) -> ArrayRef {
        let values = self.0[column].iter().map(Value::as_str);
        Arc::new(values.collect::<StringArray>())
    }

    fn integers(&self, column: &str) -> Int64Array {
        self.0[column].iter().map(Value::as_i64).collect()
    }

    /// Holds the column `ours` of `batch` to the golden column `theirs`.
    fn check(&self, theirs: &str, batch: &RecordBatch, ours: &str, tolerance: f64) {
        let found = cast(&batch[ours], &DataType::Float64).unwrap();
        let found: &Float64Array = found.as_any().downcast_ref().unwrap();
        let expected = self.numbers(theirs);
        assert_eq!(found.len(), expected.len());
        for (row, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let near = |a: f64, b: f64| (a - b).abs() <= tolerance * b.abs();
            let equal = found == *expected || found.zip(*expected).is_some_and(|(a, b)| near(a, b));
            assert!(
                equal,
                "{ours}, row {row}: {found:?}, {theirs} has {expected:?}"
            );
        }
    }
}

fn batch(columns: impl IntoIterator<Item = (&'static str, ArrayRef)>) -> RecordBatch {
    let nullable = columns
        .into_iter()
        .map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

fn hosts(golden: &Golden) -> RecordBatch {
    batch([("host", golden.text("host")), ("cpu", golden.floats("cpu"))])
}

#[test]
fn lags_are_those_of_pandas() {
    let golden = Golden::read("lag.json");
    let lag = Lag::of("cpu").by([1, 3, 6]);
    let all = lag.transform(&hosts(&golden)).unwrap();
    let by_host = lag.with_keys(["host"]).transform(&hosts(&golden)).unwrap();
    for k in [1, 3, 6] {
        golden.check(&format!("all_{k}"), &all, &format!("cpu_lag_{k}"), 0.0);
        golden.check(&format!("host_{k}"), &by_host, &format!("cpu_lag_{k}"), 0.0);
    }
}

const STATISTICS: [&str; 7] = [
    "sum",
    "mean",
    "std_dev",
    "min",
    "max",
    "median",
    "quantile_0.9",
];

fn all_statistics(rolling: Rolling) -> Rolling {
    let rolling = rolling.sum().mean().std_dev().min().max().median();
    rolling.quantile(Quantile::new(0.9).unwrap())
}

#[test]
fn rolling_statistics_are_those_of_pandas() {
    let golden = Golden::read("rolling.json");
    let cases = [
        (
            "past",
            5,
            "",
            Rolling::of("cpu").window(5).with_min_periods(3),
        ),
        (
            "ending",
            4,
            "_ending_3",
            Rolling::of("cpu").window(4).ending(3),
        ),
        (
            "current",
            5,
            "_ending_0",
            Rolling::of("cpu")
                .window(5)
                .with_min_periods(1)
                .including_current(),
        ),
        (
            "host",
            5,
            "",
            Rolling::of("cpu")
                .window(5)
                .with_min_periods(2)
                .with_keys(["host"]),
        ),
    ];
    for (case, window, suffix, rolling) in cases {
        let rolled = all_statistics(rolling).transform(&hosts(&golden)).unwrap();
        for statistic in STATISTICS {
            let ours = format!("cpu_rolling_{statistic}_{window}{suffix}");
            golden.check(&format!("{case}_{statistic}"), &rolled, &ours, 1e-12);
        }
    }
}

#[test]
fn an_infinity_in_the_window_is_a_value() {
    let golden = Golden::read("rolling_infinity.json");
    let rolling = Rolling::of("x")
        .window(3)
        .mean()
        .std_dev()
        .min()
        .max()
        .median();
    let rolled = rolling
        .transform(&batch([("x", golden.floats("x"))]))
        .unwrap();
    for statistic in ["mean", "std_dev", "min", "max", "median"] {
        let ours = format!("x_rolling_{statistic}_3");
        golden.check(statistic, &rolled, &ours, 1e-15);
    }
}

#[test]
fn a_huge_value_leaves_no_trace() {
    let golden = Golden::read("rolling_exact.json");
    let rolling = Rolling::of("x").window(6).sum().mean().std_dev();
    let rolled = rolling
        .transform(&batch([("x", golden.floats("x"))]))
        .unwrap();
    golden.check("sum", &rolled, "x_rolling_sum_6", 0.0);
    golden.check("mean", &rolled, "x_rolling_mean_6", 0.0);
    golden.check("std_dev", &rolled, "x_rolling_std_dev_6", f64::EPSILON);
}

#[test]
fn calendar_parts_are_those_of_pandas() {
    const PARTS: [(&str, CalendarPart); 11] = [
        ("second", CalendarPart::Second),
        ("minute", CalendarPart::Minute),
        ("hour", CalendarPart::Hour),
        ("day_of_week", CalendarPart::DayOfWeek),
        ("is_weekend", CalendarPart::IsWeekend),
        ("day_of_month", CalendarPart::DayOfMonth),
        ("day_of_year", CalendarPart::DayOfYear),
        ("iso_week", CalendarPart::IsoWeek),
        ("month", CalendarPart::Month),
        ("quarter", CalendarPart::Quarter),
        ("year", CalendarPart::Year),
    ];
    let golden = Golden::read("calendar.json");
    let seconds = TimestampSecondArray::from(golden.integers("seconds").values().to_vec());
    for (case, zone) in [("utc", "UTC"), ("east", "+05:30")] {
        let ts = Arc::new(seconds.clone().with_timezone(zone)) as ArrayRef;
        let calendar = Calendar::of("ts").with_parts(PARTS.map(|(_, part)| part));
        let parts = calendar.transform(&batch([("ts", ts)])).unwrap();
        for (name, _) in PARTS {
            golden.check(
                &format!("{case}_{name}"),
                &parts,
                &format!("ts_{name}"),
                0.0,
            );
        }
    }
}

fn plans(golden: &Golden) -> RecordBatch {
    batch([
        ("plan", golden.text("plan")),
        ("size", Arc::new(golden.integers("size"))),
    ])
}

#[test]
fn one_hot_columns_are_those_of_pandas() {
    let golden = Golden::read("encoders.json");
    let plans = plans(&golden);
    let encoder = OneHotEncoder::new()
        .with_columns(["plan", "size"])
        .fit(&plans)
        .unwrap();
    let encoded = encoder.transform(&plans).unwrap();
    let schema = encoded.schema();
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(
        names,
        [
            "plan=",
            "plan=Zoo",
            "plan=free",
            "plan=pro",
            "plan=team",
            "plan=ärger",
            "size=-1",
            "size=2",
            "size=10",
            "size=33"
        ]
    );
    for name in names {
        golden.check(name, &encoded, name, 0.0);
    }
}

#[test]
fn codes_are_those_of_scikit_learn() {
    let golden = Golden::read("encoders.json");
    let plans = plans(&golden);
    let encoder = OrdinalEncoder::new()
        .with_columns(["plan", "size"])
        .fit(&plans)
        .unwrap();
    let encoded = encoder.transform(&plans).unwrap();
    golden.check("plan_code", &encoded, "plan", 0.0);
    golden.check("size_code", &encoded, "size", 0.0);
}

#[test]
fn scaled_values_are_those_of_scikit_learn() {
    let golden = Golden::read("standard_scaler.json");
    let columns = ["x", "constant", "whole"];
    let values = batch(columns.map(|name| (name, golden.floats(name))));
    let sample = StandardScaler::new();
    for (divisor, scaler) in [
        ("sample", sample.clone()),
        ("population", sample.with_population_std_dev()),
    ] {
        let scaled = scaler.fit(&values).unwrap().transform(&values).unwrap();
        for name in columns {
            golden.check(&format!("{name}_{divisor}"), &scaled, name, 1e-12);
        }
    }
}

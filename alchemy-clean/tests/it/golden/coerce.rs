//! Coercion beside that of pandas and `zoneinfo`.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use alchemy_clean::arrow::compute::cast;
use alchemy_clean::arrow::datatypes::{DataType, Int64Type};
use alchemy_clean::{
    BooleanCoercer, CastTarget, DecimalMark, DownCast, Fit, Grouping, NumberFormat, NumericCoercer,
    TimestampParser, TimestampUnit, Transform,
};
use serde_json::Value;

use super::{list, numbers, one, texts};

fn golden(part: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(include_str!("../../golden/coerce.json")).unwrap();
    list(&golden[part]).to_vec()
}

fn integers(values: &Value) -> Int64Array {
    list(values).iter().map(Value::as_i64).collect()
}

/// The ticks of the first column.
fn ticks(batch: &RecordBatch) -> Int64Array {
    let ticks = cast(batch.column(0), &DataType::Int64).unwrap();
    ticks.as_primitive::<Int64Type>().clone()
}

fn unit(case: &Value) -> TimestampUnit {
    match case["unit"].as_str().unwrap() {
        "s" => TimestampUnit::Second,
        "ms" => TimestampUnit::Millisecond,
        "us" => TimestampUnit::Microsecond,
        _ => TimestampUnit::Nanosecond,
    }
}

#[test]
fn separators_are_read_as_pandas_reads_them() {
    for case in golden("numbers") {
        let mark = match case["decimal"].as_str().unwrap() {
            "," => DecimalMark::Comma,
            _ => DecimalMark::Point,
        };
        let grouping = match case["thousands"].as_str().unwrap() {
            "," => Grouping::Comma,
            "." => Grouping::Point,
            " " => Grouping::Space,
            _ => Grouping::Apostrophe,
        };
        let format = NumberFormat::new()
            .with_decimal_mark(mark)
            .with_grouping(grouping);
        let coercer = NumericCoercer::new("x").with_format(format);
        let read = coercer.transform(&one(texts(&case["cells"]))).unwrap();
        let expected: Float64Array = numbers(&case["numbers"]);
        assert_eq!(read.column(0).as_ref(), &expected, "{case}");
    }
}

#[test]
fn booleans_are_those_of_pandas() {
    for case in golden("booleans") {
        let batch = match case.get("cells") {
            Some(cells) => one(texts(cells)),
            None => one(integers(&case["integers"])),
        };
        let read = BooleanCoercer::new("x").transform(&batch).unwrap();
        let expected: BooleanArray = list(&case["values"]).iter().map(Value::as_bool).collect();
        assert_eq!(read.column(0).as_ref(), &expected, "{case}");
    }
}

#[test]
fn times_and_dates_are_those_of_pandas() {
    for case in golden("times") {
        // A fraction is `%.f` for chrono.
        let format = case["format"].as_str().unwrap().replace(".%f", "%.f");
        let parser = TimestampParser::new("x").with_formats([format]);
        let parser = match case["unit"].as_str().unwrap() {
            "D" => parser.to_date(),
            _ => parser.with_unit(unit(&case)),
        };
        let read = parser.transform(&one(texts(&case["cells"]))).unwrap();
        let read = if case["unit"] == "D" {
            let days = cast(read.column(0), &DataType::Int32).unwrap();
            one(cast(&days, &DataType::Int64)
                .unwrap()
                .as_primitive::<Int64Type>()
                .clone())
        } else {
            read
        };
        assert_eq!(ticks(&read), integers(&case["ticks"]), "{case}");
    }
}

#[test]
fn counts_of_an_epoch_are_read_as_pandas_reads_them() {
    for case in golden("epochs") {
        let parser = TimestampParser::new("x").with_epoch(unit(&case));
        let counts = integers(&case["counts"]);
        let text: StringArray = counts
            .iter()
            .map(|count| count.map(|count| count.to_string()))
            .collect();
        for array in [Arc::new(counts) as ArrayRef, Arc::new(text)] {
            let batch = RecordBatch::try_from_iter([("x", array)]).unwrap();
            let read = parser.transform(&batch).unwrap();
            assert_eq!(ticks(&read), integers(&case["micros"]), "{case}");
        }
    }
}

#[cfg(feature = "timezones")]
#[test]
fn wall_clocks_are_those_of_pandas_and_zoneinfo() {
    use alchemy_clean::arrow::array::TimestampSecondArray;
    use alchemy_clean::{LocalTime, ZoneCoercer};

    for case in golden("zones") {
        let walls: TimestampSecondArray = integers(&case["walls"]).reinterpret_cast();
        for (name, local_time) in [
            ("refuse", LocalTime::Refuse),
            ("earlier", LocalTime::Earlier),
            ("later", LocalTime::Later),
        ] {
            let coercer = ZoneCoercer::new("x", case["zone"].as_str().unwrap());
            let read = coercer
                .with_local_time(local_time)
                .transform(&one(walls.clone()))
                .unwrap();
            assert_eq!(
                ticks(&read),
                integers(&case[name]),
                "{} {name}",
                case["zone"]
            );
        }
    }
}

#[test]
fn smaller_types_are_those_of_pandas() {
    for case in golden("down_casts") {
        let batch = if case["floats"].as_bool().unwrap() {
            one(numbers(&case["values"]))
        } else {
            one(integers(&case["values"]))
        };
        for (name, target) in [
            ("signed", CastTarget::Signed),
            ("unsigned", CastTarget::Unsigned),
            ("float", CastTarget::Float),
        ] {
            let Some(expected) = case.get(name) else {
                continue;
            };
            let fitted = DownCast::new("x").with_target(target).fit(&batch).unwrap();
            let found = fitted.data_type("x").unwrap().to_string().to_lowercase();
            assert_eq!(found, expected.as_str().unwrap(), "{name} {case}");
        }
    }
}

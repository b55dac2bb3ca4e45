//! Fills of real series, and laws over random ones.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray,
    UInt64Array,
};
use alchemy_clean::arrow::compute::take_record_batch;
use alchemy_clean::arrow::datatypes::Float64Type;
use alchemy_clean::{
    Action, BackwardFill, ForwardFill, Interpolator, Ledger, TimestampParser, Transform,
};
use alchemy_core::column::TemporalColumn;
use alchemy_core::{CsvReader, sort_by_time};
use proptest::prelude::*;

/// A series of the Numenta Anomaly Benchmark in order of time, or `None` with the reason printed.
fn series(path: &str) -> Option<RecordBatch> {
    let Ok(folder) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return None;
    };
    let path = format!("{folder}/nab/{path}");
    if !std::path::Path::new(&path).exists() {
        println!("skipped: ALCHEMY_DATA has no nab");
        return None;
    }
    let raw = CsvReader::new().read(path).unwrap();
    let timed = TimestampParser::new("timestamp").transform(&raw).unwrap();
    Some(sort_by_time(&timed, "timestamp").unwrap())
}

fn floats(array: &ArrayRef) -> &Float64Array {
    array.as_primitive::<Float64Type>()
}

/// `batch` with every tenth value gone.
fn thinned(batch: &RecordBatch) -> RecordBatch {
    let value = floats(&batch["value"]).iter().enumerate();
    let value: Float64Array = value
        .map(|(row, value)| value.filter(|_| row % 10 != 5))
        .collect();
    let columns = [
        ("timestamp", batch["timestamp"].clone()),
        ("value", Arc::new(value) as ArrayRef),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn deleted_values_of_real_series_come_back_on_the_line() {
    let mut deleted = 0;
    for path in [
        "realKnownCause/machine_temperature_system_failure.csv",
        "realKnownCause/cpu_utilization_asg_misconfiguration.csv",
        "realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv",
        "realAWSCloudwatch/elb_request_count_8c0756.csv",
    ] {
        let Some(raw) = series(path) else {
            return;
        };
        let thinned = thinned(&raw);
        let mut ledger = Ledger::new();
        let by_time = Interpolator::linear("value").along("timestamp");
        let by_time = by_time.transform_with(&thinned, &mut ledger).unwrap();
        let by_row = Interpolator::linear("value").transform(&thinned).unwrap();
        let nearest = Interpolator::nearest("value").along("timestamp");
        let nearest = nearest.transform(&thinned).unwrap();
        let forward = ForwardFill::of("value").transform(&thinned).unwrap();
        let backward = BackwardFill::of("value").transform(&thinned).unwrap();

        let times = TemporalColumn::new("timestamp", &raw["timestamp"]).unwrap();
        let seconds = |row: usize| times.micros(row).unwrap() as f64 / 1e6;
        let (known, holes) = (floats(&raw["value"]), floats(&thinned["value"]));
        // Every hole has both neighbours: the last value may be missing only in a series of 10k + 6 rows.
        for row in (0..raw.num_rows() - 1).filter(|row| row % 10 == 5) {
            let (low, high) = (known.value(row - 1), known.value(row + 1));
            let slope = (high - low) / (seconds(row + 1) - seconds(row - 1));
            let wanted = high - slope * (seconds(row + 1) - seconds(row));
            let value = |batch: &RecordBatch| floats(&batch["value"]).value(row);
            assert!(
                (value(&by_time) - wanted).abs() <= 1e-9 * (1.0 + wanted.abs()),
                "{path}, row {row}"
            );
            let middle = 0.5 * (low + high);
            assert!(
                (value(&by_row) - middle).abs() <= 1e-12 * (1.0 + middle.abs()),
                "{path}, row {row}"
            );
            let (to_low, to_high) = (
                seconds(row) - seconds(row - 1),
                seconds(row + 1) - seconds(row),
            );
            let nearer = if to_high < to_low { high } else { low };
            assert_eq!(Some(value(&nearest)), Some(nearer));
            assert_eq!((value(&forward), value(&backward)), (low, high));
            deleted += 1;
        }
        for (row, hole) in holes.iter().enumerate() {
            if hole.is_some() {
                assert_eq!(hole, Some(floats(&by_time["value"]).value(row)));
            }
        }
        let filled = holes.null_count() - by_time["value"].null_count();
        assert_eq!(ledger.count("value", Action::Filled), filled as u64);
    }
    println!("{deleted} values deleted and filled");
    assert!(deleted > 3500);
}

proptest! {
    #[test]
    fn a_backward_fill_is_a_forward_fill_upside_down(
        cells in prop::collection::vec((prop::option::of(any::<i64>()), 0_i64..3), 0..50),
        limit in 1_u64..5,
    ) {
        let (values, keys): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        let rows = values.len() as u64;
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("x", Arc::new(Int64Array::from(values)) as ArrayRef, true),
            ("k", Arc::new(Int64Array::from(keys)), true),
        ]).unwrap();
        let turned = |batch: &RecordBatch| {
            take_record_batch(batch, &UInt64Array::from_iter_values((0..rows).rev())).unwrap()
        };
        let forward = ForwardFill::of("x").with_keys(["k"]).with_limit(limit);
        let backward = BackwardFill::of("x").with_keys(["k"]).with_limit(limit);
        prop_assert_eq!(
            backward.transform(&batch).unwrap(),
            turned(&forward.transform(&turned(&batch)).unwrap())
        );
    }

    #[test]
    fn along_a_time_the_order_of_rows_does_not_show(
        cells in prop::collection::vec(prop::option::of(-1e9..1e9), 0..50),
        order in any::<prop::sample::Index>(),
    ) {
        let rows = cells.len() as u64;
        let times: TimestampMicrosecondArray = (0..rows).map(|row| Some((row * row) as i64)).collect();
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("t", Arc::new(times) as ArrayRef, true),
            ("x", Arc::new(Float64Array::from(cells)), true),
        ]).unwrap();
        // A step that has no divisor in common with the number of rows visits all of them.
        let step = (1..=rows).rev().find(|step| gcd(*step, rows) == 1 && *step <= 1 + order.index(50) as u64);
        let shuffled = UInt64Array::from_iter_values((0..rows).map(|row| row * step.unwrap_or(1) % rows));
        let shuffled = take_record_batch(&batch, &shuffled).unwrap();
        for spec in [Interpolator::linear("x"), Interpolator::nearest("x")] {
            let spec = spec.along("t");
            let back = sort_by_time(&spec.transform(&shuffled).unwrap(), "t").unwrap();
            prop_assert_eq!(back, spec.transform(&batch).unwrap());
        }
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

//! What does it cost to fill gaps along the order of rows?

use std::sync::Arc;

use alchemy_benches::normals;
use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch, TimestampMicrosecondArray};
use alchemy_clean::{BackwardFill, ColumnSelector, ForwardFill, Interpolator, Transform};
use alchemy_core::column::by_name;
use criterion::Criterion;

const ROWS: usize = 1_000_000;
const COLUMNS: u64 = 4;
const KEYS: i64 = 1000;

/// Columns of numbers, a tenth of them missing, with a rising time, a time out of order and a key.
fn table() -> RecordBatch {
    let numbers = normals(ROWS, COLUMNS, 0.1).unwrap();
    let rows = || 0..i64::try_from(ROWS).unwrap();
    let time = TimestampMicrosecondArray::from_iter_values(rows());
    // A multiplier without a divisor in common with the number of rows visits all of them.
    let shuffled = rows().map(|row| row * 7_919 % 1_000_000);
    let shuffled = TimestampMicrosecondArray::from_iter_values(shuffled);
    let key = Int64Array::from_iter_values(rows().map(|row| row * 7_919 % KEYS));
    let schema = numbers.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let columns = names.map(|name| (name, by_name(&numbers, name).unwrap().clone()));
    let more: [(&str, ArrayRef); 3] = [
        ("time", Arc::new(time)),
        ("shuffled", Arc::new(shuffled)),
        ("key", Arc::new(key)),
    ];
    RecordBatch::try_from_iter(columns.chain(more)).unwrap()
}

pub(crate) fn fills(criterion: &mut Criterion) {
    let batch = table();
    let forward = || ForwardFill::of(ColumnSelector::numeric());
    let names: Vec<String> = {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        names.take(usize::try_from(COLUMNS).unwrap()).collect()
    };
    let linear = || Interpolator::linear(names.clone());
    let steps: [(&str, Box<dyn Transform>); 9] = [
        ("forward", Box::new(forward())),
        ("forward_by_key", Box::new(forward().with_keys(["key"]))),
        (
            "forward_one_column",
            Box::new(ForwardFill::of(names[..1].to_vec())),
        ),
        (
            "backward",
            Box::new(BackwardFill::of(ColumnSelector::numeric())),
        ),
        ("linear", Box::new(linear())),
        ("linear_by_key", Box::new(linear().with_keys(["key"]))),
        ("linear_sorted_time", Box::new(linear().along("time"))),
        ("linear_shuffled_time", Box::new(linear().along("shuffled"))),
        (
            "nearest_sorted_time",
            Box::new(Interpolator::nearest(names.clone()).along("time")),
        ),
    ];
    let mut group = criterion.benchmark_group("fills");
    group.sample_size(10);
    for (name, step) in &steps {
        group.bench_function(format!("{name}/{ROWS}x{COLUMNS}"), |bencher| {
            bencher.iter(|| step.transform(&batch).unwrap());
        });
    }
    group.finish();
}

//! Tables that models are tested on.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampSecondArray, UInt32Array,
};
use alchemy_core::arrow::compute::take_record_batch;
use alchemy_core::arrow::datatypes::Float64Type;
use alchemy_core::random::Stream;

/// The features of [`mixed`].
pub(crate) const FEATURES: [&str; 6] = ["normal", "heavy", "small", "flag", "city", "time"];

/// Features of every kind with missing and infinite values, a number `y` and a class `label` to predict, and weights.
pub(crate) fn mixed(rows: usize) -> RecordBatch {
    let mut stream = Stream::new(11, &[]);
    let normal: Vec<f64> = (0..rows).map(|_| stream.normals().0).collect();
    let heavy: Vec<f64> = (0..rows)
        .map(|_| (3.0 * stream.normals().0).exp())
        .collect();
    let small: Vec<i64> = (0..rows).map(|_| below(&mut stream, 10)).collect();
    let flag: Vec<bool> = (0..rows).map(|_| stream.next_f64() < 0.3).collect();
    let city: Vec<usize> = (0..rows)
        .map(|_| usize::try_from(stream.below(5)).unwrap())
        .collect();
    let time: Vec<i64> = (0..rows).map(|_| below(&mut stream, 1_000_000)).collect();
    let noise: Vec<f64> = (0..rows).map(|_| stream.normals().1).collect();
    let y: Vec<f64> = (0..rows)
        .map(|row| {
            let signal = normal[row]
                + 0.2 * small[row] as f64
                + f64::from(u8::from(flag[row])) * normal[row];
            signal + city[row] as f64 * 0.5 + time[row] as f64 * 1e-6 + 0.3 * noise[row]
        })
        .collect();
    let label = y.iter().map(|y| if *y > 2.0 { "high" } else { "low" });
    let columns: [(&str, ArrayRef); 9] = [
        ("normal", Arc::new(with_nulls(&normal, |row| row % 11 == 3))),
        (
            "heavy",
            Arc::new(Float64Array::from_iter_values(
                heavy.iter().enumerate().map(|(row, value)| match row % 97 {
                    5 => f64::NAN,
                    6 => f64::INFINITY,
                    7 => f64::NEG_INFINITY,
                    _ => *value,
                }),
            )),
        ),
        ("small", Arc::new(Int64Array::from(small))),
        ("flag", Arc::new(BooleanArray::from(flag))),
        (
            "city",
            Arc::new(StringArray::from_iter(city.iter().enumerate().map(
                |(row, city)| {
                    (row % 13 != 1).then_some(["Bern", "Genf", "Lyon", "Metz", "Ulm"][*city])
                },
            ))),
        ),
        ("time", Arc::new(TimestampSecondArray::from(time))),
        ("label", Arc::new(StringArray::from_iter_values(label))),
        ("y", Arc::new(Float64Array::from(y))),
        (
            "weight",
            Arc::new(Int64Array::from_iter_values(
                (0..rows).map(|_| below(&mut stream, 4)),
            )),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn below(stream: &mut Stream, bound: u64) -> i64 {
    i64::try_from(stream.below(bound)).unwrap()
}

fn with_nulls(values: &[f64], is_null: impl Fn(usize) -> bool) -> Float64Array {
    values
        .iter()
        .enumerate()
        .map(|(row, value)| (!is_null(row)).then_some(*value))
        .collect()
}

/// `batch` cut into batches of `size` rows.
pub(crate) fn cut(batch: &RecordBatch, size: usize) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(size);
    starts
        .map(|start| batch.slice(start, size.min(batch.num_rows() - start)))
        .collect()
}

/// The rows of `batch` with these indices.
pub(crate) fn pick(batch: &RecordBatch, rows: impl IntoIterator<Item = usize>) -> RecordBatch {
    let rows =
        UInt32Array::from_iter_values(rows.into_iter().map(|row| u32::try_from(row).unwrap()));
    take_record_batch(batch, &rows).unwrap()
}

/// `batch` with the column `name` put in, in place of one of that name.
pub(crate) fn with(batch: &RecordBatch, name: &str, column: ArrayRef) -> RecordBatch {
    let schema = batch.schema();
    let others = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .zip(batch.columns().iter().cloned());
    let kept = others
        .filter(|(other, _)| other != name)
        .collect::<Vec<_>>();
    table(kept.into_iter().chain([(name.to_owned(), column)]))
}

/// A table of these columns, any of which may have missing values.
pub(crate) fn table(columns: impl IntoIterator<Item = (impl AsRef<str>, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter();
    let columns = columns.map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A column of floats.
pub(crate) fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// The values of a column of floats.
pub(crate) fn numbers(array: &ArrayRef) -> Vec<f64> {
    array.as_primitive::<Float64Type>().values().to_vec()
}

/// The values of the column `name` of `batch`, which are floats.
pub(crate) fn column(batch: &RecordBatch, name: &str) -> Vec<f64> {
    numbers(batch.column_by_name(name).unwrap())
}

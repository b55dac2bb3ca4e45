//! Seeded tables for the benches: the same rows on every machine.

use std::fmt::Write;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::compute::kernels::numeric::{add, mul};
use alchemy_core::column::by_name;
use alchemy_core::random::Stream;

/// The seed of every bench.
pub const SEED: u64 = 7;

/// Columns `x0`, `x1`, … of standard normal numbers, of which the share `null_share` is null.
///
/// # Errors
///
/// An Arrow error when the table has no columns.
pub fn normals(num_rows: usize, num_columns: u64, null_share: f64) -> Result<RecordBatch> {
    let column = |index: u64| -> ArrayRef {
        let mut stream = Stream::new(SEED, &[index]);
        let cells = (0..num_rows).map(|_| {
            let (value, _) = stream.normals();
            (stream.next_f64() >= null_share).then_some(value)
        });
        Arc::new(Float64Array::from_iter(cells))
    };
    let columns = (0..num_columns).map(|index| (format!("x{index}"), column(index)));
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// As [`normals`] without nulls, in three columns at least, and a target `y` = `x0` + `x1` `x2`.
///
/// # Errors
///
/// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) with fewer columns.
pub fn regression(num_rows: usize, num_columns: u64) -> Result<RecordBatch> {
    let batch = normals(num_rows, num_columns, 0.0)?;
    let [x0, x1, x2] = ["x0", "x1", "x2"].map(|name| by_name(&batch, name));
    let y = add(x0?, &mul(x1?, x2?)?)?;
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let columns = names.zip(batch.columns().iter().cloned());
    Ok(RecordBatch::try_from_iter(columns.chain([("y", y)]))?)
}

/// A sale per line as CSV text: an integer, a time, a decimal number that may be missing, a word.
#[must_use]
pub fn sales_csv(num_rows: usize) -> String {
    const REGIONS: [&str; 4] = ["North", "South", "East", "West"];
    let mut stream = Stream::new(SEED, &[]);
    let mut text = String::from("id,time,price,region\n");
    for (row, region) in REGIONS.iter().cycle().take(num_rows).enumerate() {
        let (day, hour) = (1 + stream.below(28), stream.below(24));
        let price = match stream.below(20) {
            0 => String::new(),
            _ => format!("{:.2}", stream.next_f64() * 100.0),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{row},2024-01-{day:02} {hour:02}:00:00,{price},{region}"
        );
    }
    text
}

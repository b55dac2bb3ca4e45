//! Seeded tables for the benches: the same rows on every machine.

use std::fmt::Write;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
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
    let columns =
        (0..num_columns).map(|index| (format!("x{index}"), column(index), null_share > 0.0));
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

/// A sale per line as CSV text: an integer, a date with time, a decimal number that may be missing, a word.
#[must_use]
pub fn sales_csv(num_rows: usize) -> String {
    const REGIONS: [&str; 4] = ["North", "South", "East", "West"];
    let mut stream = Stream::new(SEED, &[]);
    let mut text = String::from("id,time,price,region\n");
    for row in 0..num_rows {
        let (day, hour) = (1 + stream.below(28), stream.below(24));
        let price = if stream.below(20) == 0 {
            String::new()
        } else {
            format!("{:.2}", stream.next_f64() * 100.0)
        };
        let region = REGIONS[row % REGIONS.len()];
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{row},2024-01-{day:02} {hour:02}:00:00,{price},{region}"
        );
    }
    text
}

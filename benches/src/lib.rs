//! Seeded tables for the benches: the same rows on every machine.

use std::fmt::Write;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
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

/// Sales as a shop keeps them, before anybody cleaned them: numbers, categories of few values, times
/// and customers as text of many; every fiftieth row comes again.
///
/// # Errors
///
/// None, unless Arrow refuses columns of one length.
pub fn sales(num_rows: usize) -> Result<RecordBatch> {
    const REGIONS: [&str; 8] = [
        "North",
        "South",
        "East",
        "West",
        "Central",
        "Northeast",
        "Southwest",
        "Overseas",
    ];
    const CATEGORIES: [&str; 6] = ["toys", "Toys ", "books", "BOOKS", " music", "pet care"];
    const REPEATED: usize = 50;
    let row = |row: usize| {
        let first = if row % REPEATED == 1 { row - 1 } else { row };
        (first as u64, Stream::new(SEED, &[first as u64]))
    };
    let rows = || (0..num_rows).map(row);
    let pick = |list: &'static [&'static str], key: usize| -> ArrayRef {
        let cell = |(_, mut stream): (u64, Stream)| {
            let drawn = (0..=key).fold(0, |_, _| stream.below(list.len() as u64));
            usize::try_from(drawn).ok().and_then(|at| list.get(at))
        };
        Arc::new(rows().map(cell).collect::<StringArray>())
    };
    let time = rows().map(|(_, mut stream)| {
        let second = stream.below(730 * 86_400);
        let (day, second) = (second / 86_400, second % 86_400);
        let (year, month, day) = (2023 + day / 365, 1 + day % 365 / 31, 1 + day % 28);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Some(format!(
            "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        ))
    });
    let customer = rows()
        .map(|(_, mut stream)| Some(format!("C{:06}", stream.below(num_rows as u64 / 10 + 1))));
    let price = rows().map(|(_, mut stream)| match stream.below(33) {
        0 => Some("N/A".to_owned()),
        _ => Some(format!("{:.2}", (3.0 + 0.8 * stream.normals().0).exp())),
    });
    let value = rows().map(|(_, mut stream)| {
        let value = (3.6 + stream.normals().0).exp();
        (100.0 * value).round() / 100.0
    });
    let quantity = rows()
        .map(|(_, mut stream)| (stream.below(50) != 0).then(|| 1 + stream.below(6).cast_signed()));
    let id = rows().map(|(row, _)| row.cast_signed());
    Ok(RecordBatch::try_from_iter([
        (
            "transaction_id",
            Arc::new(id.collect::<Int64Array>()) as ArrayRef,
        ),
        ("customer_id", Arc::new(customer.collect::<StringArray>())),
        ("timestamp", Arc::new(time.collect::<StringArray>())),
        ("price", Arc::new(price.collect::<StringArray>())),
        ("quantity", Arc::new(quantity.collect::<Int64Array>())),
        ("region", pick(&REGIONS, 0)),
        ("product_category", pick(&CATEGORIES, 1)),
        ("country", pick(&REGIONS, 2)),
        (
            "transaction_value",
            Arc::new(Float64Array::from_iter_values(value)),
        ),
    ])?)
}

//! What does it cost to find equal rows and rows with missing cells?

use std::sync::Arc;

use alchemy_benches::normals;
use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use alchemy_clean::{ColumnSelector, Duplicates, Keep, MissingRows, SelectRows};
use alchemy_core::random::mix;
use criterion::Criterion;

const ROWS: usize = 1_000_000;
/// As the rows of a stream come.
const BATCH: usize = 1 << 16;

/// A key of an integer and two texts; one row of fifty is there twice.
fn sales() -> RecordBatch {
    let row = |row: u64| mix(row % (ROWS as u64 / 50 * 49));
    let rows = || (0..ROWS as u64).map(row);
    let id: Int64Array = rows().map(|row| Some(row.cast_signed())).collect();
    let customer = rows().map(|row| Some(format!("C{:06}", row % 100_000)));
    let time = rows().map(|row| {
        Some(format!(
            "2024-01-{:02} {:02}:{:02}:00",
            row % 28 + 1,
            row % 24,
            row % 60
        ))
    });
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(id)),
        ("customer", Arc::new(customer.collect::<StringArray>())),
        ("time", Arc::new(time.collect::<StringArray>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

pub(crate) fn duplicates(criterion: &mut Criterion) {
    let batch = sales();
    let spec = Duplicates::of_whole_rows();
    let mut group = criterion.benchmark_group("duplicates");
    group.sample_size(10);
    for (name, keep) in [
        ("first", Keep::First),
        ("last", Keep::Last),
        ("largest", Keep::largest("id")),
    ] {
        let spec = spec.clone().with_keep(keep);
        group.bench_function(format!("{name}/{ROWS}x3"), |bencher| {
            bencher.iter(|| spec.start().keep(&batch).unwrap());
        });
    }
    for (name, spec) in [
        ("stream", spec.clone()),
        ("stream_fingerprints", spec.with_fingerprints()),
    ] {
        group.bench_function(format!("{name}/{ROWS}x3"), |bencher| {
            bencher.iter(|| {
                let mut pass = spec.start();
                for start in (0..ROWS).step_by(BATCH) {
                    let rows = BATCH.min(ROWS - start);
                    pass.keep(&batch.slice(start, rows)).unwrap();
                }
            });
        });
    }
    group.finish();
}

pub(crate) fn missing(criterion: &mut Criterion) {
    const COLUMNS: u64 = 4;
    let batch = normals(ROWS, COLUMNS, 0.1).unwrap();
    let mut group = criterion.benchmark_group("missing_rows");
    for (name, spec) in [
        ("any", MissingRows::any_of(ColumnSelector::all())),
        (
            "share",
            MissingRows::more_missing_than(0.5, ColumnSelector::all()),
        ),
    ] {
        group.bench_function(format!("{name}/{ROWS}x{COLUMNS}"), |bencher| {
            bencher.iter(|| spec.start().keep(&batch).unwrap());
        });
    }
    group.finish();
}

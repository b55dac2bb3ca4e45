//! What does it cost to learn medians and modes, for all rows and by group, and what to fill with them?

use std::sync::Arc;

use alchemy_benches::normals;
use alchemy_clean::{Fit, ImputeStrategy, Imputer, Transform};
use alchemy_core::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use criterion::Criterion;

const ROWS: usize = 1_000_000;
const COLUMNS: u64 = 4;

pub(crate) fn median(criterion: &mut Criterion) {
    let batch = normals(ROWS, COLUMNS, 0.1).unwrap();
    let imputer = Imputer::new(ImputeStrategy::Median);
    let fitted = imputer.fit(&batch).unwrap();
    let mut group = criterion.benchmark_group("median");
    group.sample_size(10);
    group.bench_function(format!("learn/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| imputer.fit(&batch).unwrap());
    });
    group.bench_function(format!("fill/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| fitted.transform(&batch).unwrap());
    });
    group.finish();
}

/// A column of numbers with a tenth missing, a key of 1,000 groups, and a text of 1,000 values with a tenth missing.
fn keyed() -> RecordBatch {
    let numbers = normals(ROWS, 1, 0.1).unwrap();
    let cell = |row: usize| row * 7919 % 1000;
    let key = Int32Array::from_iter_values((0..ROWS).map(|row| i32::try_from(cell(row)).unwrap()));
    let text: StringArray = (0..ROWS)
        .map(|row| (row % 10 > 0).then(|| format!("category {}", cell(row / 3))))
        .collect();
    let columns = [
        ("x", numbers.column(0).clone()),
        ("key", Arc::new(key) as ArrayRef),
        ("text", Arc::new(text) as ArrayRef),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

pub(crate) fn groups(criterion: &mut Criterion) {
    let batch = keyed();
    let imputer = Imputer::new(ImputeStrategy::Median).with_columns("x");
    let mut group = criterion.benchmark_group("median by group");
    group.sample_size(10);
    for (name, imputer) in [
        ("groups", imputer.clone().with_keys(["key"])),
        ("sketch", imputer.with_sketches()),
        (
            "draw",
            Imputer::new(ImputeStrategy::random_draw(1)).with_columns("x"),
        ),
    ] {
        let fitted = imputer.fit(&batch).unwrap();
        group.bench_function(format!("learn/{name}/{ROWS}"), |bencher| {
            bencher.iter(|| imputer.fit(&batch).unwrap());
        });
        group.bench_function(format!("fill/{name}/{ROWS}"), |bencher| {
            bencher.iter(|| fitted.transform(&batch).unwrap());
        });
    }
    group.finish();
}

pub(crate) fn mode(criterion: &mut Criterion) {
    let batch = keyed();
    let mut group = criterion.benchmark_group("mode");
    group.sample_size(10);
    for column in ["text", "key"] {
        let imputer = Imputer::new(ImputeStrategy::Mode).with_columns(column);
        let fitted = imputer.fit(&batch).unwrap();
        group.bench_function(format!("learn/{column}/{ROWS}"), |bencher| {
            bencher.iter(|| imputer.fit(&batch).unwrap());
        });
        group.bench_function(format!("fill/{column}/{ROWS}"), |bencher| {
            bencher.iter(|| fitted.transform(&batch).unwrap());
        });
    }
    group.finish();
}

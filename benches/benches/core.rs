//! What does an exact sum cost beside a plain one? How fast does CSV text become typed columns? What
//! does the profile of a table cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::hint::black_box;

use alchemy_benches::{normals, sales, sales_csv};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::stats::ExactSum;
use alchemy_core::{CsvReader, Profile, Profiler};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 1_000_000;
const CSV_ROWS: usize = 100_000;

fn sum(criterion: &mut Criterion) {
    let batch = normals(ROWS, 1, 0.01).unwrap();
    let column = NumericColumn::new("x0", by_name(&batch, "x0").unwrap()).unwrap();
    let mut group = criterion.benchmark_group("sum");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("plain/{ROWS}x1"), |bencher| {
        bencher.iter(|| {
            let mut sum = 0.0;
            column.view().for_each(|value| sum += value);
            black_box(sum)
        });
    });
    group.bench_function(format!("exact/{ROWS}x1"), |bencher| {
        bencher.iter(|| {
            let mut sum = ExactSum::new();
            column.view().for_each(|value| sum.add(value));
            black_box(sum.value())
        });
    });
    group.finish();
}

fn csv(criterion: &mut Criterion) {
    let text = sales_csv(CSV_ROWS);
    let mut group = criterion.benchmark_group("csv");
    group
        .sample_size(20)
        .throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(format!("read/{CSV_ROWS}x4"), |bencher| {
        bencher.iter(|| CsvReader::new().read_from(text.as_bytes()).unwrap());
    });
    group.finish();
}

fn profile(criterion: &mut Criterion) {
    let batch = sales(ROWS).unwrap();
    let mut group = criterion.benchmark_group("profile");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("exact/{ROWS}x9"), |bencher| {
        bencher.iter(|| Profile::of(&batch).unwrap());
    });
    group.bench_function(format!("sketches/{ROWS}x9"), |bencher| {
        let profiler = Profiler::new().with_sketches();
        bencher.iter(|| profiler.profile(&batch).unwrap());
    });
    group.finish();
}

criterion_group!(benches, sum, csv, profile);
criterion_main!(benches);

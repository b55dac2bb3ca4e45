//! What does an exact sum cost beside a plain one? How fast does CSV text become typed columns? What does a contract cost
//! per row?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::hint::black_box;

use alchemy_benches::{normals, sales_csv};
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::stats::ExactSum;
use alchemy_core::{Contract, CsvReader, Expectation, Result};
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

/// Expectations about single cells, of every kind of column.
fn of_cells(batch: &RecordBatch) -> Result<Contract> {
    Contract::of(batch.schema_ref())
        .with_expectation("id", Expectation::NotNull)?
        .with_expectation("id", Expectation::range(0..1_000_000_000)?)?
        .with_expectation("time", Expectation::length(16..=19)?)?
        .with_expectation("price", Expectation::range(0.0..1000.0)?)?
        .with_expectation("price", Expectation::null_share(0.1)?)?
        .with_expectation("region", Expectation::NotNull)?
        .with_expectation(
            "region",
            Expectation::one_of(["North", "South", "East", "West"])?,
        )
}

fn contract(criterion: &mut Criterion) {
    let text = sales_csv(ROWS);
    let batch = CsvReader::new().read_from(text.as_bytes()).unwrap();
    let cells = of_cells(&batch).unwrap();
    let plain = Contract::of(batch.schema_ref());
    let with = |name, rule| plain.clone().with_expectation(name, rule).unwrap();
    let matches = with("region", Expectation::matches("[A-Z][a-z]+").unwrap());
    let unique = with("id", Expectation::Unique);
    let mean = with("price", Expectation::mean(0.0..100.0).unwrap());
    let mut group = criterion.benchmark_group("contract");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    for (name, contract) in [
        ("check_cells", &cells),
        ("check_matches", &matches),
        ("check_unique", &unique),
        ("check_mean", &mean),
    ] {
        group.bench_function(format!("{name}/{ROWS}x4"), |bencher| {
            bencher.iter(|| black_box(contract.check(&batch)));
        });
    }
    group.bench_function(format!("admit_cells/{ROWS}x4"), |bencher| {
        bencher.iter(|| cells.admit(&batch).unwrap());
    });
    group.finish();
}

criterion_group!(benches, sum, csv, contract);
criterion_main!(benches);

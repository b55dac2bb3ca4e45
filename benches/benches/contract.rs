//! What does a contract cost per row?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::hint::black_box;

use alchemy_benches::sales_csv;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Contract, CsvReader, Expectation, Result};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 1_000_000;

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

criterion_group!(benches, contract);
criterion_main!(benches);

//! How fast does CSV text become typed columns?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::sales_csv;
use alchemy_core::CsvReader;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 100_000;

fn csv(criterion: &mut Criterion) {
    let text = sales_csv(ROWS);
    let mut group = criterion.benchmark_group("csv");
    group
        .sample_size(20)
        .throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(format!("read/{ROWS}x4"), |bencher| {
        bencher.iter(|| CsvReader::new().read_from(text.as_bytes()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, csv);
criterion_main!(benches);

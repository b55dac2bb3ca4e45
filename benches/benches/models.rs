//! How fast does boosting learn ten rounds, and how fast does it predict?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::{SEED, regression};
use alchemy_core::{Fit, Predict};
use alchemy_models::GradientBoostingRegressor;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 100_000;
const COLUMNS: u64 = 20;

fn boosting(criterion: &mut Criterion) {
    let batch = regression(ROWS, COLUMNS).unwrap();
    let booster = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(10)
        .with_seed(SEED);
    let model = booster.fit(&batch).unwrap();
    let mut group = criterion.benchmark_group("boosting");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("fit/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| booster.fit(&batch).unwrap());
    });
    group.bench_function(format!("predict/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| model.predict(&batch).unwrap());
    });
    group.finish();
}

criterion_group!(benches, boosting);
criterion_main!(benches);

//! What does the profile of a table cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::sales;
use alchemy_core::{Profile, Profiler};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 1_000_000;

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

criterion_group!(benches, profile);
criterion_main!(benches);

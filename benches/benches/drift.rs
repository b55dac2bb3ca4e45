//! What does it cost to learn a reference, and what to compare a table with it?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::normals;
use alchemy_drift::{DriftDetector, Fit};
use criterion::{Criterion, criterion_group, criterion_main};

const ROWS: usize = 200_000;
const COLUMNS: u64 = 5;

fn detector(criterion: &mut Criterion) {
    let reference = normals(ROWS, COLUMNS, 0.0).unwrap();
    let current = normals(ROWS, COLUMNS, 0.01).unwrap();
    let detector = DriftDetector::new();
    let fitted = detector.fit(&reference).unwrap();
    let mut group = criterion.benchmark_group("detector");
    group.sample_size(10);
    group.bench_function(format!("fit/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| detector.fit(&reference).unwrap());
    });
    group.bench_function(format!("compare/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| fitted.compare(&current).unwrap());
    });
    group.finish();
}

criterion_group!(benches, detector);
criterion_main!(benches);

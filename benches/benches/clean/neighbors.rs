//! What does it cost to fill from neighbours, and from regressions?

use alchemy_benches::normals;
use alchemy_clean::{Fit, IterativeImputer, KnnImputer, KnnMetric, Transform};
use criterion::Criterion;

const COLUMNS: u64 = 10;
const MISSING: f64 = 0.05;

pub(crate) fn knn(criterion: &mut Criterion) {
    const ROWS: usize = 20_000;
    let batch = normals(ROWS, COLUMNS, MISSING).unwrap();
    let mut group = criterion.benchmark_group("knn");
    group.sample_size(10);
    for (name, metric) in [
        ("euclidean", KnnMetric::Euclidean),
        ("gower", KnnMetric::Gower),
    ] {
        let fitted = KnnImputer::new().with_metric(metric).fit(&batch).unwrap();
        group.bench_function(format!("{name}/{ROWS}x{COLUMNS}"), |bencher| {
            bencher.iter(|| fitted.transform(&batch).unwrap());
        });
    }
    group.finish();
}

pub(crate) fn iterative(criterion: &mut Criterion) {
    const ROWS: usize = 100_000;
    let batch = normals(ROWS, COLUMNS, MISSING).unwrap();
    // As many rounds in each run, whether they change anything or not.
    let imputer = IterativeImputer::new().with_tolerance(0.0);
    let fitted = imputer.fit(&batch).unwrap();
    let mut group = criterion.benchmark_group("iterative");
    group.sample_size(10);
    group.bench_function(format!("learn/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| imputer.fit(&batch).unwrap());
    });
    group.bench_function(format!("fill/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| fitted.transform(&batch).unwrap());
    });
    group.finish();
}

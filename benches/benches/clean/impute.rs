//! What does it cost to learn medians, and what to fill with them?

use alchemy_benches::normals;
use alchemy_clean::{Fit, ImputeStrategy, Imputer, Transform};
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

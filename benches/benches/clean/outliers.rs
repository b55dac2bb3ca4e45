//! What does it cost to learn fences by each rule, and what to hold values against them?

use alchemy_benches::normals;
use alchemy_clean::{Fit, OnOutlier, Outliers, Side, Transform};
use criterion::Criterion;

const ROWS: usize = 1_000_000;

pub(crate) fn fences(criterion: &mut Criterion) {
    let batch = normals(ROWS, 1, 0.1).unwrap();
    let mut group = criterion.benchmark_group("outliers");
    group.sample_size(10);
    for (name, outliers) in [
        ("iqr", Outliers::iqr(1.5, Side::Both)),
        (
            "iqr by sketch",
            Outliers::iqr(1.5, Side::Both).with_sketches(),
        ),
        ("z-score", Outliers::z_score(3.0, Side::Both)),
        ("mad", Outliers::mad(3.5, Side::Both)),
        ("quantiles", Outliers::quantiles(0.01..=0.99)),
    ] {
        group.bench_function(format!("learn/{name}/{ROWS}"), |bencher| {
            bencher.iter(|| outliers.fit(&batch).unwrap());
        });
    }
    for (name, action) in [
        ("cap", OnOutlier::Cap),
        ("null", OnOutlier::Null),
        ("flag", OnOutlier::Flag),
    ] {
        let outliers = Outliers::iqr(1.5, Side::Both).with_action(action);
        let fitted = outliers.fit(&batch).unwrap();
        group.bench_function(format!("{name}/{ROWS}"), |bencher| {
            bencher.iter(|| fitted.transform(&batch).unwrap());
        });
    }
    group.finish();
}

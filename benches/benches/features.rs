//! Does the cost of a rolling statistic depend on the length of its window?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::normals;
use alchemy_features::{Rolling, Transform};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 200_000;

fn window(criterion: &mut Criterion) {
    let batch = normals(ROWS, 1, 0.0).unwrap();
    let mut group = criterion.benchmark_group("rolling");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    for length in [12, 288] {
        let rolling = Rolling::of("x0").window(length);
        let kinds = [
            ("std_dev", rolling.clone().std_dev()),
            ("max", rolling.clone().max()),
            ("median", rolling.median()),
        ];
        for (name, rolling) in kinds {
            group.bench_function(format!("{name}_{length}/{ROWS}x1"), |bencher| {
                bencher.iter(|| rolling.transform(&batch).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, window);
criterion_main!(benches);

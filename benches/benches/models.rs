//! How fast does boosting learn ten rounds, and how fast does a model of 500 trees predict batches and rows?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::{SEED, regression};
use alchemy_core::column::NumericColumn;
use alchemy_core::{Fit, Predict};
use alchemy_models::{GradientBoostingRegressor, RandomForestRegressor, RowScratch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 100_000;
const COLUMNS: u64 = 20;
/// Rows that the models to predict with learn from.
const FEW_ROWS: usize = 20_000;

fn boosting(criterion: &mut Criterion) {
    let batch = regression(ROWS, COLUMNS).unwrap();
    let booster = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(10)
        .with_seed(SEED);
    let mut group = criterion.benchmark_group("boosting");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("fit/{ROWS}x{COLUMNS}"), |bencher| {
        bencher.iter(|| booster.fit(&batch).unwrap());
    });
    let few = batch.slice(0, FEW_ROWS);
    // 300 leaves are more than are taken whole: these trees are walked.
    for (leaves, rounds) in [(31, 500), (64, 500), (255, 100), (300, 100)] {
        let booster = booster
            .clone()
            .with_num_rounds(rounds)
            .with_num_leaves(leaves);
        let model = booster.fit(&few).unwrap();
        let id = format!("{rounds}_trees_of_{leaves}/{ROWS}x{COLUMNS}");
        group.bench_function(format!("predict/{id}"), |bencher| {
            bencher.iter(|| model.predict(&batch).unwrap());
        });
    }
    group.finish();
}

fn rows(criterion: &mut Criterion) {
    let batch = regression(FEW_ROWS, COLUMNS).unwrap();
    let booster = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(500)
        .with_seed(SEED);
    let boosted = booster.fit(&batch).unwrap();
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(100)
        .with_seed(SEED);
    let forest = forest.fit(&batch).unwrap();
    let value = |name: &String| {
        let column = NumericColumn::new(name, &batch[name.as_str()]).unwrap();
        column.view().get(17).unwrap()
    };
    let row: Vec<f64> = boosted.features().iter().map(value).collect();
    let mut scratch = RowScratch::new();
    let mut group = criterion.benchmark_group("row");
    group.bench_function(format!("boosting/500_trees/{COLUMNS}"), |bencher| {
        bencher.iter(|| boosted.predict_row(&row, &mut scratch).unwrap());
    });
    group.bench_function(format!("forest/100_trees/{COLUMNS}"), |bencher| {
        bencher.iter(|| forest.predict_row(&row, &mut scratch).unwrap());
    });
    let one = batch.slice(17, 1);
    group.bench_function(format!("batch_of_one/500_trees/{COLUMNS}"), |bencher| {
        bencher.iter(|| boosted.predict(&one).unwrap());
    });
    group.finish();
}

criterion_group!(benches, boosting, rows);
criterion_main!(benches);

//! How fast does boosting learn, in all and where one part of growing dominates, and how fast does a model of 500 trees predict batches and rows?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use alchemy_benches::{SEED, regression};
use alchemy_core::column::NumericColumn;
use alchemy_core::{Fit, Predict};
use alchemy_models::{GradientBoostingRegressor, RandomForestRegressor, RowScratch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 100_000;
const COLUMNS: u64 = 20;
const MANY_ROWS: usize = 1_000_000;
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

/// Fits that one part of growing dominates: histograms of the root, parting of large nodes, and the search of small nodes.
fn growing(criterion: &mut Criterion) {
    let batch = regression(MANY_ROWS, COLUMNS).unwrap();
    let few = batch.slice(0, FEW_ROWS);
    let stumps = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(20)
        .with_num_leaves(2)
        .with_seed(SEED);
    // Two columns make cheap histograms, and eight leaves have every row parted three times.
    let narrow = stumps
        .clone()
        .with_features(["x0", "x1"])
        .with_num_leaves(8);
    let bushes = stumps
        .clone()
        .with_num_leaves(1000)
        .with_min_samples_leaf(5);
    let sampled = stumps.clone().with_num_leaves(31).with_learning_rate(0.5);
    let fits = [
        ("histogram", &batch, stumps),
        ("partition", &batch, narrow),
        ("split", &few, bushes),
        ("subsample", &batch, sampled.clone().with_subsample(0.5)),
        ("goss", &batch, sampled.with_goss(0.2, 0.1)),
    ];
    let mut group = criterion.benchmark_group("growing");
    group.sample_size(10);
    for (name, batch, booster) in fits {
        group.throughput(Throughput::Elements(batch.num_rows() as u64));
        let id = format!("{name}/{}x{COLUMNS}", batch.num_rows());
        group.bench_function(id, |bencher| {
            bencher.iter(|| booster.fit(batch).unwrap());
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

criterion_group!(benches, boosting, growing, rows);
criterion_main!(benches);

//! What does an exact sum cost beside a plain one? What do sketches, densities and matrices of correlations cost for each
//! value?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::hint::black_box;

use alchemy_benches::{SEED, normals};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::random::Stream;
use alchemy_core::stats::{
    Bandwidth, Contingency, Correlation, CorrelationMatrix, DistinctSketch, Ecdf, ExactSum,
    HeavyHitters, Kde, QuantileSketch, dip, mutual_information,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 1_000_000;

fn sum(criterion: &mut Criterion) {
    let batch = normals(ROWS, 1, 0.01).unwrap();
    let column = NumericColumn::new("x0", by_name(&batch, "x0").unwrap()).unwrap();
    let mut group = criterion.benchmark_group("sum");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("plain/{ROWS}x1"), |bencher| {
        bencher.iter(|| {
            let mut sum = 0.0;
            column.view().for_each(|value| sum += value);
            black_box(sum)
        });
    });
    group.bench_function(format!("exact/{ROWS}x1"), |bencher| {
        bencher.iter(|| {
            let mut sum = ExactSum::new();
            column.view().for_each(|value| sum.add(value));
            black_box(sum.value())
        });
    });
    group.finish();
}

/// Standard normal numbers.
fn values(num_rows: usize, key: u64) -> Vec<f64> {
    let mut stream = Stream::new(SEED, &[key]);
    (0..num_rows).map(|_| stream.normals().0).collect()
}

/// Words, few of which are frequent: the square of a uniform number times `most`.
fn words(num_rows: usize, most: f64) -> Vec<String> {
    let mut stream = Stream::new(SEED, &[]);
    let word = |share: f64| format!("word {:.0}", share * share * most);
    (0..num_rows).map(|_| word(stream.next_f64())).collect()
}

fn sketch(criterion: &mut Criterion) {
    let values = values(ROWS, 0);
    let halves = values.split_at(ROWS / 2);
    let (few, many) = (words(ROWS, 100.0), words(ROWS, 1e6));
    let mut group = criterion.benchmark_group("sketch");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("quantile/{ROWS}x1"), |bencher| {
        bencher.iter(|| QuantileSketch::from_iter(values.iter().copied()));
    });
    group.bench_function(format!("distinct_number/{ROWS}x1"), |bencher| {
        bencher.iter(|| DistinctSketch::from_iter(values.iter().copied()));
    });
    group.bench_function(format!("distinct_text/{ROWS}x1"), |bencher| {
        bencher.iter(|| DistinctSketch::from_iter(many.iter().map(String::as_str)));
    });
    for (name, words) in [("few", few), ("many", many)] {
        group.bench_function(format!("heavy_hitters_{name}/{ROWS}x1"), |bencher| {
            bencher.iter(|| {
                let mut found = HeavyHitters::<String>::new(256).unwrap();
                words.iter().for_each(|word| found.add(word.as_str()));
                found
            });
        });
    }
    group.throughput(Throughput::Elements(1));
    let sketches = [halves.0, halves.1].map(|half| QuantileSketch::from_iter(half.iter().copied()));
    group.bench_function(format!("quantile_merge/{ROWS}x1"), |bencher| {
        bencher.iter(|| {
            let mut merged = sketches[0].clone();
            merged.merge(&sketches[1]);
            merged
        });
    });
    group.finish();
}

fn density(criterion: &mut Criterion) {
    const POINTS: usize = 512;
    let ecdf = Ecdf::new(values(ROWS, 0));
    let kde = Kde::new(ecdf.clone(), Bandwidth::Scott).unwrap();
    let mut group = criterion.benchmark_group("density");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("curve_{POINTS}/{ROWS}x1"), |bencher| {
        bencher.iter(|| kde.curve(POINTS).unwrap());
    });
    group.bench_function(format!("point/{ROWS}x1"), |bencher| {
        bencher.iter(|| kde.density(black_box(0.5)));
    });
    group.bench_function(format!("dip/{ROWS}x1"), |bencher| {
        bencher.iter(|| dip(&ecdf));
    });
    group.finish();
}

fn association(criterion: &mut Criterion) {
    const ROWS: usize = 100_000;
    const COLUMNS: usize = 16;
    let columns: Vec<Vec<f64>> = (0..COLUMNS as u64).map(|key| values(ROWS, key)).collect();
    let holed = |x: &f64| if *x > 2.0 { f64::NAN } else { *x };
    let with_nan: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| column.iter().map(holed).collect())
        .collect();
    let (few, many) = (words(ROWS, 20.0), words(ROWS, 1000.0));
    let mut group = criterion.benchmark_group("association");
    let pairs = (COLUMNS * (COLUMNS + 1) / 2) as u64;
    group
        .sample_size(10)
        .throughput(Throughput::Elements(pairs * ROWS as u64));
    for (name, columns) in [("complete", &columns), ("with_nan", &with_nan)] {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        group.bench_function(format!("pearson_{name}/{ROWS}x{COLUMNS}"), |bencher| {
            bencher.iter(|| CorrelationMatrix::of(&columns, Correlation::Pearson));
        });
    }
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function(format!("mutual_information/{ROWS}x2"), |bencher| {
        bencher.iter(|| mutual_information(&columns[0], &columns[1]));
    });
    group.bench_function(format!("contingency/{ROWS}x2"), |bencher| {
        bencher.iter(|| {
            let pairs = few.iter().zip(&many);
            Contingency::from_iter(pairs.map(|(a, b)| (a.as_str(), b.as_str()))).cramers_v()
        });
    });
    group.finish();
}

criterion_group!(benches, sum, sketch, density, association);
criterion_main!(benches);

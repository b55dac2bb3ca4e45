//! Trees of one split beside an exhaustive search, on numbers of any size.

use alchemy_core::Fit;
use alchemy_core::random::Stream;
use alchemy_models::{GradientBoostingRegressor, RandomForestRegressor};

use crate::learners::{Learn, learn, predict};
use crate::tables::{floats, table};

/// Models of a number that are one exact split of all rows.
const STUMPS: &[(&str, Learn)] = &[
    (
        "boosting",
        learn!(
            GradientBoostingRegressor::new()
                .with_num_rounds(1)
                .with_learning_rate(1.0)
                .with_num_leaves(2)
                .with_min_samples_leaf(1)
                .with_min_child_weight(0.0)
        ),
    ),
    (
        "forest",
        learn!(
            RandomForestRegressor::new()
                .with_num_trees(1)
                .with_bootstrap(false)
                .with_max_depth(1)
        ),
    ),
];

/// The weighted squared error of `predicted`.
pub(crate) fn squared_error(y: &[f64], weights: &[f64], predicted: &[f64]) -> f64 {
    let rows = y.iter().zip(weights).zip(predicted);
    rows.map(|((y, w), p)| w * (y - p) * (y - p)).sum()
}

/// The least squared error of all ways to part the rows by `x` and predict the two means; `x` is among 0, 1, … 19.
fn least_squared_error(x: &[f64], y: &[f64], weights: &[f64]) -> f64 {
    let mean = |left: &dyn Fn(f64) -> bool| {
        let rows = || (0..x.len()).filter(|row| left(x[*row]));
        let weight: f64 = rows().map(|row| weights[row]).sum();
        rows().map(|row| weights[row] * y[row]).sum::<f64>() / weight
    };
    let error = |cut: u32| {
        let cut = f64::from(cut) + 0.5;
        let [left, right] = [mean(&|x| x < cut), mean(&|x| x > cut)];
        let parted: Vec<f64> = x
            .iter()
            .map(|x| if *x < cut { left } else { right })
            .collect();
        squared_error(y, weights, &parted)
    };
    (0..19).map(error).fold(f64::INFINITY, f64::min)
}

/// Checks that one split of `y` by the places `x` is the best there is.
fn assert_splits_best(what: &str, y: &[f64], weights: Option<&[f64]>) {
    let x: Vec<f64> = (0..y.len()).map(|row| (row * 7 % 20) as f64).collect();
    let mut columns = vec![
        ("x", floats(x.iter().copied())),
        ("y", floats(y.iter().copied())),
    ];
    columns.extend(
        weights
            .iter()
            .map(|weights| ("w", floats(weights.iter().copied()))),
    );
    let rows = table(columns);
    let ones = vec![1.0; y.len()];
    let weights = weights.unwrap_or(&ones);
    let best = least_squared_error(&x, y, weights);
    for (name, learn) in STUMPS {
        let predicted = predict(learn(&rows).unwrap().as_ref(), &rows);
        let found = squared_error(y, weights, &predicted);
        assert!(
            found <= best * (1.0 + 1e-6),
            "{name} of {what}: {found}, where {best} can be had"
        );
    }
}

/// A step at `x` = 8 under noise, in units of `unit`.
pub(crate) fn steps(rows: usize, unit: f64) -> Vec<f64> {
    let mut stream = Stream::new(3, &[]);
    (0..rows)
        .map(|row| {
            let step = if row * 7 % 20 < 8 { 1.0 } else { 0.0 };
            unit * (step + 0.5 * stream.normals().0)
        })
        .collect()
}

#[test]
fn heavy_tails_are_split_as_by_brute_force() {
    let mut stream = Stream::new(5, &[]);
    for tail in [1.0, 2.0, 4.0] {
        let cauchy = |_| {
            let ratio = stream.normals().0 / stream.normals().0;
            ratio.signum() * ratio.abs().powf(tail)
        };
        let y: Vec<f64> = (0..500).map(cauchy).collect();
        assert_splits_best(&format!("a Cauchy number to the power {tail}"), &y, None);
    }
}

#[test]
fn targets_of_any_size_are_split_as_by_brute_force() {
    for unit in [1e29, 1e15, 1e-15, 1e-28] {
        assert_splits_best(&format!("targets near {unit}"), &steps(400, unit), None);
    }
    let far: Vec<f64> = steps(400, 1.0).iter().map(|y| y + 1e9).collect();
    assert_splits_best("targets near 1e9 that differ by 1", &far, None);
    let mut outlier = steps(400, 1.0);
    outlier[77] = 1e29;
    assert_splits_best("one target of 1e29", &outlier, None);
}

#[test]
fn weights_of_many_orders_are_split_as_by_brute_force() {
    for ratio in [1e6, 1e12, 1e20] {
        let weights = (0..400).map(|row| if row % 3 == 0 { ratio } else { 1.0 });
        let weights: Vec<f64> = weights.collect();
        let what = format!("weights of {ratio} to 1");
        assert_splits_best(&what, &steps(400, 1.0), Some(&weights));
    }
    for size in [1e-20, 1e20] {
        let weights = (0..400).map(|row| size * (1.0 + f64::from(row % 5)));
        let weights: Vec<f64> = weights.collect();
        let what = format!("weights near {size}");
        assert_splits_best(&what, &steps(400, 1.0), Some(&weights));
    }
}

//! Tables at the edge of what numbers and shapes can be: every model is right on them, or says what is wrong.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use alchemy_core::random::Stream;
use alchemy_core::{Context, Error, Fit, Predict, Result};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::tables::{numbers, pick};

/// Learns `y` from all other columns, with the weights in `w` if there are any.
type Learn = fn(&RecordBatch) -> Result<Box<dyn Predict>>;

/// A [`Learn`] with the spec given, which has been told neither target nor weight.
macro_rules! learn {
    ($spec:expr) => {
        |table: &RecordBatch| {
            let spec = $spec.with_target("y");
            Ok(match table.column_by_name("w") {
                Some(_) => Box::new(spec.with_weight("w").fit(table)?) as Box<dyn Predict>,
                None => Box::new(spec.fit(table)?),
            })
        }
    };
}

/// Every model of a number.
const REGRESSORS: &[(&str, Learn)] = &[
    (
        "boosting",
        learn!(GradientBoostingRegressor::new().with_min_samples_leaf(3)),
    ),
    (
        "forest",
        learn!(RandomForestRegressor::new().with_num_trees(10)),
    ),
];

/// Every model of a class.
const CLASSIFIERS: &[(&str, Learn)] = &[
    (
        "boosting",
        learn!(GradientBoostingClassifier::new().with_min_samples_leaf(3)),
    ),
    (
        "forest",
        learn!(RandomForestClassifier::new().with_num_trees(10)),
    ),
];

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

fn table(columns: impl IntoIterator<Item = (impl AsRef<str>, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn texts(values: impl IntoIterator<Item = impl AsRef<str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn predict(model: &dyn Predict, rows: &RecordBatch) -> Vec<f64> {
    let predicted = numbers(&model.predict(rows).unwrap());
    assert!(predicted.iter().all(|value| value.is_finite()));
    predicted
}

/// The weighted squared error of `predicted`.
fn squared_error(y: &[f64], weights: &[f64], predicted: &[f64]) -> f64 {
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
fn steps(rows: usize, unit: f64) -> Vec<f64> {
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

/// Checks that none of `models` learns from `rows`, and each says `message`.
fn assert_refused(models: &[(&str, Learn)], rows: &RecordBatch, message: &str) {
    for (name, learn) in models {
        let error = learn(rows).err();
        let error = error.unwrap_or_else(|| panic!("{name} learns although {message}"));
        assert!(error.to_string().contains(message), "{name}: {error}");
    }
}

#[test]
fn targets_beyond_the_range_of_derivatives_are_refused() {
    let x = || ("x", floats((0..40).map(f64::from)));
    let with_y = |y: Vec<f64>| table([x(), ("y", floats(y))]);
    let replaced = |value: f64| {
        with_y(
            (0..40)
                .map(|row| if row == 7 { value } else { f64::from(row) })
                .collect(),
        )
    };
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        assert_refused(REGRESSORS, &replaced(value), "row 7 is");
    }
    assert_refused(REGRESSORS, &replaced(f64::NAN), "row 7 is missing");
    assert_refused(REGRESSORS, &replaced(-1e31), "beyond 1e30");
    for unit in [1e-300, f64::from_bits(1)] {
        let tiny = with_y((0..40).map(|row| f64::from(row) * unit).collect());
        assert_refused(REGRESSORS, &tiny, "below 1e-30");
    }
    for (name, learn) in REGRESSORS {
        let zeros = with_y(vec![0.0; 40]);
        let predicted = predict(learn(&zeros).unwrap().as_ref(), &zeros);
        assert!(predicted.iter().all(|y| *y == 0.0), "{name}");
    }
}

#[test]
fn weights_beyond_the_range_of_derivatives_are_refused() {
    let with_weights = |weight: f64| {
        let x = floats((0..40).map(f64::from));
        let weights = floats((0..40).map(|row| if row == 7 { weight } else { 1.0 }));
        table([("x", x.clone()), ("y", x), ("w", weights)])
    };
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e31] {
        assert_refused(REGRESSORS, &with_weights(weight), "row 7");
    }
    let x = || floats((0..40).map(|row| f64::from(row) * 1e20));
    let weights = floats((0..40).map(|row| 1e20 * f64::from(1 + row)));
    let both = table([("x", x()), ("y", x()), ("w", weights)]);
    assert_refused(REGRESSORS, &both, "weight");
}

#[test]
fn a_class_that_is_missing_or_alone_is_refused() {
    let x = || ("x", floats((0..40).map(f64::from)));
    let alone = table([x(), ("y", texts((0..40).map(|_| "a")))]);
    assert_refused(CLASSIFIERS, &alone, "one class only");
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1; 40]));
    assert_refused(CLASSIFIERS, &table([x(), ("y", one)]), "one class only");
    let missing = (0..40).map(|row| (row != 7).then_some(if row % 2 == 0 { "a" } else { "b" }));
    let missing: ArrayRef = Arc::new(StringArray::from_iter(missing));
    assert_refused(CLASSIFIERS, &table([x(), ("y", missing)]), "missing");
    for value in [f64::NAN, f64::INFINITY] {
        let y = (0..40).map(|row| if row == 7 { value } else { f64::from(row % 2) });
        let y = table([x(), ("y", floats(y))]);
        for (name, learn) in CLASSIFIERS {
            let error = learn(&y).err().unwrap();
            let named = matches!(&error, Error::InvalidTarget { column, .. } | Error::ColumnType { column, .. } if column == "y");
            assert!(named, "{name}: {error}");
        }
    }
}

#[test]
fn one_row_and_two_are_learned() {
    let one = table([("x", floats([1.0])), ("y", floats([5.5]))]);
    let two = table([("x", floats([1.0, 2.0])), ("y", floats([5.5, 6.5]))]);
    for (name, learn) in REGRESSORS {
        assert_eq!(
            predict(learn(&one).unwrap().as_ref(), &one),
            [5.5],
            "{name}"
        );
        let predicted = predict(learn(&two).unwrap().as_ref(), &two);
        assert!(predicted.iter().all(|y| (5.5..=6.5).contains(y)), "{name}");
    }
    assert_refused(
        CLASSIFIERS,
        &table([("x", floats([1.0])), ("y", texts(["a"]))]),
        "one class",
    );
    let two = table([("x", floats([1.0, 2.0])), ("y", texts(["a", "b"]))]);
    for (name, learn) in CLASSIFIERS {
        let shares = class_shares(*learn, &two);
        assert!(
            shares.iter().all(|share| (0.0..=1.0).contains(share)),
            "{name}"
        );
    }
}

/// The probability of the second class.
fn class_shares(learn: Learn, rows: &RecordBatch) -> Vec<f64> {
    let model = learn(rows).unwrap();
    let shares = model.as_classifier().unwrap().predict_proba(rows).unwrap();
    numbers(shares.column(1))
}

#[test]
fn features_that_say_nothing_leave_the_mean() {
    let y = || (0..60).map(|row| f64::from(row % 3));
    let missing: ArrayRef = Arc::new(Float64Array::from(vec![None; 60]));
    let nothing: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>; 60]));
    let columns = [
        ("constant", floats([7.0; 60])),
        ("infinite", floats([f64::INFINITY; 60])),
        ("level", texts(["a"; 60])),
        ("missing", missing),
        ("nan", floats([f64::NAN; 60])),
        ("nothing", nothing),
    ];
    let rows = table(columns.clone().into_iter().chain([("y", floats(y()))]));
    for (name, learn) in REGRESSORS {
        let predicted = predict(learn(&rows).unwrap().as_ref(), &rows);
        assert!(
            predicted
                .windows(2)
                .all(|pair| pair[0].to_bits() == pair[1].to_bits()),
            "{name}"
        );
        // A bootstrap sample has a mean of its own.
        assert!((predicted[0] - 1.0).abs() < 0.3, "{name}: {}", predicted[0]);
    }
    let classes = texts(y().map(|y| if y == 0.0 { "a" } else { "b" }));
    let rows = table(columns.into_iter().chain([("y", classes)]));
    for (name, learn) in CLASSIFIERS {
        let shares = class_shares(*learn, &rows);
        let level = shares
            .windows(2)
            .all(|pair| pair[0].to_bits() == pair[1].to_bits());
        assert!(level && (shares[0] - 2.0 / 3.0).abs() < 0.15, "{name}");
    }
}

#[test]
fn the_one_column_that_matters_is_found_among_thousands() {
    const ROWS: i32 = 300;
    let column = |index: u64| {
        let mut stream = Stream::new(9, &[index]);
        floats((0..ROWS).map(|_| stream.next_f64()))
    };
    let names = (0..5000).map(|index| format!("x{index}"));
    let mut columns: Vec<(String, ArrayRef)> = names.zip((0..).map(column)).collect();
    columns.push(("key".into(), floats((0..ROWS).map(f64::from))));
    let y = floats((0..ROWS).map(|row| f64::from(u8::from(row < 100))));
    let rows = table(columns.clone().into_iter().chain([("y".into(), y.clone())]));
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(20);
    let importance = spec.fit(&rows).unwrap().importance();
    assert!(importance[5000].gain > 0.99);
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(3);
    let predicted = predict(&forest.fit(&rows).unwrap(), &rows);
    assert!(squared_error(&numbers(&y), &[1.0; 300], &predicted) < 10.0);
}

#[test]
fn frequent_categories_are_learned_among_very_many() {
    const ROWS: usize = 100_000;
    let level = |row: usize| {
        if row.is_multiple_of(2) {
            row / 2 % 100
        } else {
            row
        }
    };
    let levels = (0..ROWS).map(|row| format!("{:06}", level(row)));
    let y = (0..ROWS).map(|row| f64::from(u8::from(level(row) % 2 == 0)));
    let rows = table([("level", texts(levels)), ("y", floats(y))]);
    let frequent = pick(&rows, (0..ROWS).step_by(2));
    let y = numbers(frequent.column(1));
    let alone = table([("level", texts(["unheard of"]))]);
    let missing: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>]));
    let missing = table([("level", missing)]);
    for (name, learn) in REGRESSORS {
        let model = learn(&rows).unwrap();
        let predicted = predict(model.as_ref(), &frequent);
        let error = squared_error(&y, &vec![1.0; y.len()], &predicted) / y.len() as f64;
        assert!(error < 0.01, "{name}: {error}");
        let unknown = predict(model.as_ref(), &alone);
        assert_eq!(unknown, predict(model.as_ref(), &missing), "{name}");
    }
}

#[test]
fn a_feature_at_the_ends_of_the_range_is_parted_everywhere() {
    let ends = [
        f64::NEG_INFINITY,
        f64::MIN,
        -1.0,
        -f64::MIN_POSITIVE,
        -f64::from_bits(1),
        0.0,
    ];
    let ends: Vec<f64> = ends
        .into_iter()
        .chain([
            f64::from_bits(1),
            f64::MIN_POSITIVE,
            1.0,
            1.0 + f64::EPSILON,
            f64::MAX,
            f64::INFINITY,
        ])
        .collect();
    let rows = table([
        (
            "x",
            floats((0..ends.len() * 8).map(|row| ends[row % ends.len()])),
        ),
        (
            "y",
            floats((0..ends.len() * 8).map(|row| (row % ends.len() * 5 % 12) as f64)),
        ),
    ]);
    let y = numbers(rows.column(1));
    for (name, learn) in REGRESSORS {
        let predicted = predict(learn(&rows).unwrap().as_ref(), &rows);
        let error = squared_error(&y, &vec![1.0; y.len()], &predicted);
        assert!(error < 0.05 * y.len() as f64, "{name}: {error}");
    }
}

#[test]
fn a_column_twice_changes_nothing_that_is_boosted() {
    let once = table([
        ("x", floats((0..300).map(|row| f64::from(row * 37 % 101)))),
        ("y", floats(steps(300, 1.0))),
    ]);
    let again: ArrayRef = once.column(0).clone();
    let twice = table([
        ("x", once.column(0).clone()),
        ("x again", again),
        ("y", once.column(1).clone()),
    ]);
    let spec = GradientBoostingRegressor::new().with_target("y");
    let model = spec.fit(&twice).unwrap();
    assert_eq!(
        predict(&spec.fit(&once).unwrap(), &once),
        predict(&model, &twice)
    );
    // Of equal columns the first is split.
    assert_eq!(model.importance()[1].num_splits, 0);
}

#[test]
fn the_row_with_a_huge_target_stays_where_it_is() {
    let mut y = steps(1000, 1.0);
    y[500] = 1e25;
    let x = |row: usize| (row * 7 % 20) as f64;
    let rows = table([
        ("x", floats((0..1000).map(x))),
        (
            "odd",
            floats((0..1000).map(|row| f64::from(u8::from(row == 500)))),
        ),
        ("y", floats(y.clone())),
    ]);
    let learn = learn!(
        GradientBoostingRegressor::new()
            .with_min_samples_leaf(1)
            .with_num_rounds(600)
    );
    let learn: Learn = learn;
    let predicted = predict(learn(&rows).unwrap().as_ref(), &rows);
    let others = pick(&rows, (0..1000).filter(|row| *row != 500));
    let others_y = numbers(others.column(2));
    let rest: Vec<f64> = (0..1000)
        .filter(|row| *row != 500)
        .map(|row| predicted[row])
        .collect();
    assert!((predicted[500] / 1e25 - 1.0).abs() < 1e-6);
    let error = squared_error(&others_y, &vec![1.0; 999], &rest) / 999.0;
    assert!(error < 0.3, "{error}");
}

#[test]
fn rows_in_many_small_batches_are_one_table() {
    let rows = table([
        ("x", floats((0..300).map(f64::from))),
        ("y", floats(steps(300, 1.0))),
    ]);
    let pieces: Vec<RecordBatch> = (0..300)
        .flat_map(|row| [rows.slice(row, 1), rows.slice(row, 0)])
        .collect();
    let spec = GradientBoostingRegressor::new().with_target("y");
    let [whole, parts] = [slice::from_ref(&rows), pieces.as_slice()]
        .map(|batches| spec.fit_batches(batches, &Context::new()).unwrap());
    assert_eq!(whole, parts);
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(3);
    let [whole, parts] = [slice::from_ref(&rows), pieces.as_slice()]
        .map(|batches| forest.fit_batches(batches, &Context::new()).unwrap());
    assert_eq!(whole, parts);
}

//! Tables at the edge of what shapes and numbers can be: every model is right on them.

use std::sync::Arc;

use alchemy_core::Fit;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use alchemy_core::random::Stream;
use alchemy_models::{GradientBoostingRegressor, RandomForestRegressor};

use crate::best_split::{squared_error, steps};
use crate::learners::{CLASSIFIERS, Learn, REGRESSORS, learn, predict};
use crate::refusals::assert_refused;
use crate::tables::{floats, mixed, numbers, pick, table, with};

fn texts(values: impl IntoIterator<Item = impl AsRef<str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The probability of the second class.
fn class_shares(learn: Learn, rows: &RecordBatch) -> Vec<f64> {
    let model = learn(rows).unwrap();
    let shares = model.as_classifier().unwrap().predict_proba(rows).unwrap();
    numbers(shares.column(1))
}

#[test]
fn one_row_two_and_a_constant_are_learned() {
    let one = table([("x", floats([1.0])), ("y", floats([5.5]))]);
    let two = table([("x", floats([1.0, 2.0])), ("y", floats([5.5, 6.5]))]);
    let constant = with(&mixed(100), "y", floats([3.25; 100]));
    for (name, learn) in REGRESSORS {
        let predicted = predict(learn(&constant).unwrap().as_ref(), &constant);
        assert_eq!(predicted, [3.25; 100], "{name}");
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
        let tolerance = if *name == "forest" { 0.3 } else { 1e-12 };
        let error = (predicted[0] - 1.0).abs();
        assert!(error < tolerance, "{name}: {error}");
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

//! What the parameters of growth promise, seen from outside.

use alchemy_core::arrow::array::{ArrayRef, AsArray, RecordBatch};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Float64Type};
use alchemy_core::random::Stream;
use alchemy_core::{Classify, Error, Fit, Predict};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, Growth, Monotone, Objective, RowScratch,
};

use crate::tables::{FEATURES, column, floats, mixed, numbers, table};

fn regressor() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(30)
        .with_min_samples_leaf(5)
}

/// Values of each feature to try, ascending.
fn sweep(table: &RecordBatch, feature: &str) -> Vec<f64> {
    let array = cast(&table[feature], &DataType::Float64).unwrap();
    let mut values: Vec<f64> = array
        .as_primitive::<Float64Type>()
        .iter()
        .flatten()
        .collect();
    values.retain(|value| !value.is_nan());
    values.sort_by(f64::total_cmp);
    let mut values: Vec<f64> = values.iter().step_by(17).copied().collect();
    values.extend([f64::NEG_INFINITY, f64::INFINITY]);
    values.sort_by(f64::total_cmp);
    values
}

/// Sweeps each constrained feature in random rows; `predict` takes a row of numbers.
fn assert_monotone(
    table: &RecordBatch,
    constraints: &[(&str, Monotone)],
    mut predict: impl FnMut(&[f64]) -> f64,
) {
    let mut stream = Stream::new(5, &[]);
    let mut moved = 0;
    for (feature, direction) in constraints {
        let place = FEATURES.iter().position(|name| name == feature).unwrap();
        let values = sweep(table, feature);
        for _ in 0..60 {
            let mut row = [
                stream.normals().0,
                stream.normals().0.exp(),
                stream.below(10) as f64,
                stream.below(2) as f64,
                [0.0, 2.0, 4.0, f64::NAN][usize::try_from(stream.below(4)).unwrap()],
                stream.below(1_000_000) as f64 * 1e6,
            ];
            let mut predictions = values.iter().map(|value| {
                row[place] = *value;
                predict(&row)
            });
            let mut last = predictions.next().unwrap();
            for next in predictions {
                match direction {
                    Monotone::Increasing => assert!(last <= next, "{feature}: {last}, {next}"),
                    Monotone::Decreasing => assert!(last >= next, "{feature}: {last}, {next}"),
                }
                moved += usize::from(last.total_cmp(&next).is_ne());
                last = next;
            }
        }
    }
    assert!(moved > 100, "the constrained features were used");
}

#[test]
fn predictions_are_monotone_where_they_must_be() {
    let table = mixed(3000);
    // Two constraints go against what the data say.
    let constraints = [
        ("normal", Monotone::Increasing),
        ("small", Monotone::Decreasing),
        ("heavy", Monotone::Decreasing),
    ];
    let mut scratch = RowScratch::new();
    for growth in [Growth::LeafWise, Growth::DepthWise] {
        let spec = regressor().with_growth(growth).with_num_leaves(24);
        let free = spec.fit(&table).unwrap();
        let spec = spec.with_monotone(constraints).with_l2(0.5).with_l1(0.1);
        let model = spec.fit(&table).unwrap();
        assert_monotone(&table, &constraints, |row| {
            model.predict_row(row, &mut scratch).unwrap()
        });
        let error = |predicted: ArrayRef| {
            let errors = numbers(&predicted);
            let squares = errors.iter().zip(column(&table, "y"));
            squares.map(|(found, y)| (found - y).powi(2)).sum::<f64>()
        };
        let [bound, free] = [&model, &free].map(|model| error(model.predict(&table).unwrap()));
        assert!(bound > free);

        let spec = GradientBoostingClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_rounds(20)
            .with_growth(growth)
            .with_monotone(constraints);
        let model = spec.fit(&table).unwrap();
        let high = model.predict_proba(&table).unwrap();
        assert_eq!(high.schema().field(1).name(), "low");
        // The second class is "low", whose probability is that which rises.
        assert_monotone(&table, &constraints, |row| {
            model.predict_proba_row(row, &mut scratch).unwrap()[1]
        });
    }
}

#[test]
fn features_that_may_not_meet_add_up() {
    let mut stream = Stream::new(9, &[]);
    let rows = 3000;
    let mut draw = || -> Vec<f64> { (0..rows).map(|_| stream.below(8) as f64).collect() };
    let (a, b, c) = (draw(), draw(), draw());
    let y = (0..rows).map(|row| a[row] * b[row] + b[row] * c[row]);
    let y = floats(y);
    let [a, b, c] = [a, b, c].map(floats);
    let train = table([("a", a), ("b", b), ("c", c), ("y", y)]);
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(50);
    /// Whether f(x, z) - f(x', z) does not depend on z, for the features at these places.
    fn adds_up(spec: &GradientBoostingRegressor, train: &RecordBatch, places: [usize; 2]) -> bool {
        let model = spec.fit(train).unwrap();
        let mut scratch = RowScratch::new();
        let mut at = |x: f64, z: f64, other: f64| {
            let mut row = [other; 3];
            (row[places[0]], row[places[1]]) = (x, z);
            model.predict_row(&row, &mut scratch).unwrap()
        };
        let mut holds = true;
        for other in 0..8 {
            for x in 1..8 {
                for z in 1..8 {
                    let (x, z, other) = (f64::from(x), f64::from(z), f64::from(other));
                    let left = at(x, z, other) - at(0.0, z, other);
                    let right = at(x, 0.0, other) - at(0.0, 0.0, other);
                    holds &= (left - right).abs() < 1e-9;
                }
            }
        }
        holds
    }
    let pairs = [[0, 1], [1, 2], [0, 2]];
    let which = |spec: &GradientBoostingRegressor| pairs.map(|pair| adds_up(spec, &train, pair));
    assert_eq!(which(&spec), [false, false, false]);
    let sets = spec.clone().with_interactions([["a", "b"], ["b", "c"]]);
    assert_eq!(which(&sets), [false, false, true]);
    // "c" is in no set and meets no other.
    let set = spec.clone().with_interactions([["a", "b"]]);
    assert_eq!(which(&set), [false, true, true]);
    let alone = spec.with_interactions([["a"]]);
    assert_eq!(which(&alone), [true, true, true]);
}

#[test]
fn names_in_constraints_are_checked() {
    let table = mixed(200);
    let monotone = |columns: &[(&'static str, Monotone)]| {
        let spec = regressor().with_monotone(columns.iter().copied());
        spec.fit(&table).unwrap_err()
    };
    let up = Monotone::Increasing;
    let unknown = monotone(&[("nromal", up)]);
    assert!(matches!(unknown, Error::ColumnNotFound { .. }));
    // A column of the table that is no feature is none either.
    let target = monotone(&[("y", up)]);
    assert!(matches!(target, Error::ColumnNotFound { .. }));
    for (columns, message) in [
        (&[("city", up)][..], "categories"),
        (&[("normal", up), ("normal", Monotone::Decreasing)], "twice"),
    ] {
        match monotone(columns) {
            Error::InvalidParameter {
                parameter,
                message: found,
                ..
            } => assert!(
                parameter == "monotone" && found.contains(message),
                "{found}"
            ),
            error => panic!("{error}"),
        }
    }
    let unknown = regressor().with_interactions([["normal"], ["nromal"]]);
    let unknown = unknown.fit(&table).unwrap_err();
    assert!(matches!(unknown, Error::ColumnNotFound { .. }));
}

#[test]
fn levels_come_in_turn_where_leaves_are_few() {
    // Steps of two kinds: growing leaf-wise takes the high ones first.
    let steps = [0.0, 1.0, 2.0, 3.0, 1e4, 1.01e4, 1.03e4, 1.07e4];
    let x = (0..64).map(f64::from);
    let y = (0..64).map(|x| steps[x / 8]);
    let batch = two(x, y);
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(1)
        .with_learning_rate(1.0)
        .with_min_samples_leaf(1);
    let distinct = |growth: Growth, num_leaves: usize, depth: usize| {
        let spec = spec.clone().with_growth(growth).with_num_leaves(num_leaves);
        let model = spec.with_max_depth(depth).fit(&batch).unwrap();
        let mut values = numbers(&model.predict(&batch).unwrap());
        values.dedup();
        values
    };
    let by_level = distinct(Growth::DepthWise, 4, 9);
    assert_eq!(by_level, distinct(Growth::DepthWise, 31, 2));
    assert_ne!(by_level, distinct(Growth::LeafWise, 4, 9));
    // Without the limit the order does not show.
    let all = distinct(Growth::DepthWise, 31, 9);
    assert_eq!(all, distinct(Growth::LeafWise, 31, 9));
    assert_eq!(all.len(), 8);
}

#[test]
fn draws_of_columns_change_trees_and_a_lone_column_is_always_drawn() {
    let table = mixed(1000);
    let plain = regressor().fit(&table).unwrap();
    let level = regressor()
        .with_colsample_by_level(0.4)
        .fit(&table)
        .unwrap();
    let node = regressor().with_colsample_by_node(0.4).fit(&table).unwrap();
    assert!(plain != level && plain != node && level != node);
    let lone = regressor().with_features(["normal"]);
    let drawn = lone
        .clone()
        .with_colsample(0.01)
        .with_colsample_by_level(0.01)
        .with_colsample_by_node(0.01);
    assert_eq!(lone.fit(&table).unwrap(), drawn.fit(&table).unwrap());
}

/// A table of the columns `x` and `y`.
fn two(x: impl Iterator<Item = f64>, y: impl Iterator<Item = f64>) -> RecordBatch {
    table([("x", floats(x)), ("y", floats(y))])
}

#[test]
fn without_anything_to_split_the_mean_is_learned() {
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_min_samples_leaf(1);
    let constant = two((0..50).map(|_| 3.0), (0..50).map(f64::from));
    let one_row = two([1.0].into_iter(), [7.0].into_iter());
    for (table, mean) in [(constant, 24.5), (one_row, 7.0)] {
        for growth in [Growth::LeafWise, Growth::DepthWise] {
            let spec = spec.clone().with_growth(growth);
            let spec = spec.with_monotone([("x", Monotone::Increasing)]);
            let model = spec.with_interactions([["x"]]).fit(&table).unwrap();
            let found = numbers(&model.predict(&table).unwrap());
            assert!(found.iter().all(|found| (found - mean).abs() < 1e-9));
        }
    }
}

#[test]
fn targets_of_any_size_are_split_alike() {
    let fit = |size: f64| {
        let y = (0..200).map(|x| size * [1.0, -2.0, 5.0, 0.5][x / 50]);
        let table = two((0..200).map(f64::from), y);
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_num_rounds(40)
            .with_learning_rate(0.5);
        let model = spec.fit(&table).unwrap();
        let found = numbers(&model.predict(&table).unwrap());
        let pairs = found.iter().zip(numbers(&table["y"]));
        assert!(
            pairs
                .map(|(a, b)| (a - b).abs())
                .all(|error| error < 1e-4 * size)
        );
    };
    [1e-30, 1e-12, 1.0, 1e12, 1e29].into_iter().for_each(fit);
}

#[test]
fn directions_need_leaves_that_follow_from_gradients() {
    let spec = regressor().with_monotone([("normal", Monotone::Increasing)]);
    let spec = spec.with_objective(Objective::Absolute);
    match spec.fit(&mixed(200)).unwrap_err() {
        Error::InvalidParameter { parameter, .. } => assert_eq!(parameter, "monotone"),
        error => panic!("{error}"),
    }
}

//! Predictions of forests out of the bag, and of quantiles.

#![expect(
    clippy::float_cmp,
    reason = "what is computed in two ways has the same bits"
)]

use alchemy_core::arrow::array::{Array, AsArray, RecordBatch};
use alchemy_core::arrow::datatypes::Float64Type;
use alchemy_core::random::Stream;
use alchemy_core::{Classify, Fit, Predict};
use alchemy_models::metrics::r2;
use alchemy_models::{QuantileForestRegressor, RandomForestClassifier, RandomForestRegressor};

use crate::tables::{FEATURES, column, floats, mixed, numbers, table};

#[test]
fn a_single_tree_predicts_out_of_its_bag_what_it_predicts() {
    let table = mixed(4000);
    for (share, left_out) in [(1.0, 0.367_9), (0.5, 0.606_5), (0.1, 0.904_8)] {
        let spec = RandomForestRegressor::new()
            .with_target("y")
            .with_features(FEATURES);
        let spec = spec.with_num_trees(1).with_max_samples(share).with_oob();
        let model = spec.fit(&table).unwrap();
        let oob = model.oob_predictions().unwrap();
        let oob = oob.as_primitive::<Float64Type>();
        let seen = (oob.len() - oob.null_count()) as f64 / oob.len() as f64;
        assert!((seen - left_out).abs() < 0.02, "{share}: {seen}");
        let predicted = numbers(&model.predict(&table).unwrap());
        for (found, predicted) in oob.iter().zip(predicted) {
            assert!(found.is_none_or(|found| found == predicted));
        }
        let y = column(&table, "y");
        let rows = (oob.iter().zip(y)).filter_map(|(found, y)| Some((y, found?)));
        let (y, found): (Vec<f64>, Vec<f64>) = rows.unzip();
        let expected = r2(&y, &found, None).unwrap().unwrap();
        assert!((model.oob_score().unwrap() - expected).abs() < 1e-9);
    }
}

#[test]
fn the_score_out_of_the_bag_is_that_of_other_rows() {
    let table = mixed(6000);
    let (train, test) = (table.slice(0, 4000), table.slice(4000, 2000));
    // More trees than one word has bits.
    let spec = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES);
    let model = spec.with_num_trees(70).with_oob().fit(&train).unwrap();
    let accuracy = |proba: &RecordBatch, table: &RecordBatch| {
        let label = table["label"].as_string::<i32>();
        let high = column(proba, "high");
        let right =
            (0..high.len()).filter(|row| (high[*row] >= 0.5) == (label.value(*row) == "high"));
        right.count() as f64 / high.len() as f64
    };
    let oob = model.oob_proba().unwrap().unwrap();
    assert_eq!(oob["high"].null_count(), 0);
    let [score, other] = [
        model.oob_score().unwrap(),
        accuracy(&model.predict_proba(&test).unwrap(), &test),
    ];
    assert!((score - accuracy(&oob, &train)).abs() < 1e-12);
    assert!((score - other).abs() < 0.03, "{score} {other}");
    let plain = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_trees(2);
    let plain = plain.fit(&train).unwrap();
    assert!(plain.oob_score().is_none() && plain.oob_proba().unwrap().is_none());
}

/// `y` uniform between 0 and a width that grows with `x`.
fn funnel(rows: usize, seed: u64) -> RecordBatch {
    let mut stream = Stream::new(seed, &[]);
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let at = stream.next_f64();
        x.push(at);
        y.push(10.0 * at + (1.0 + 4.0 * at) * stream.next_f64());
    }
    table([("x", floats(x)), ("y", floats(y))])
}

#[test]
fn quantiles_cover_as_many_other_rows_as_they_say() {
    let (train, test) = (funnel(4000, 1), funnel(4000, 2));
    let spec = QuantileForestRegressor::new()
        .with_target("y")
        .with_num_trees(60);
    let model = spec.with_min_samples_leaf(20).fit(&train).unwrap();
    let wanted = [0.0, 0.1, 0.5, 0.9, 1.0];
    let quantiles = model.predict_quantiles(&test, &wanted).unwrap();
    let y = column(&test, "y");
    let mut before = vec![f64::NEG_INFINITY; y.len()];
    for wanted in wanted {
        let found = column(&quantiles, &format!("quantile_{wanted}"));
        assert!(before.iter().zip(&found).all(|(low, high)| low <= high));
        let below =
            y.iter().zip(&found).filter(|(y, found)| y <= found).count() as f64 / y.len() as f64;
        assert!((below - wanted).abs() < 0.025, "{wanted}: {below}");
        before = found;
    }
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(60);
    let forest = spec.with_min_samples_leaf(20).fit(&train).unwrap();
    assert_eq!(
        numbers(&model.predict(&test).unwrap()),
        numbers(&forest.predict(&test).unwrap())
    );
    for odd in [-0.1, 1.1, f64::NAN] {
        assert!(model.predict_quantiles(&test, &[odd]).is_err());
    }
    assert!(model.predict_quantiles(&test, &[]).is_err());
}

#[test]
fn quantiles_of_one_tree_are_those_of_the_rows_it_does_not_part() {
    let train = funnel(300, 3);
    let spec = QuantileForestRegressor::new()
        .with_target("y")
        .with_num_trees(1);
    let model = spec
        .with_bootstrap(false)
        .with_min_samples_leaf(7)
        .fit(&train)
        .unwrap();
    let means = numbers(&model.predict(&train).unwrap());
    let y = column(&train, "y");
    for quantile in [0.0, 0.25, 0.5, 0.8, 1.0] {
        let found = model.predict_quantiles(&train, &[quantile]).unwrap();
        let found = numbers(found.column(0));
        for row in 0..y.len() {
            // Leaves are told apart by their means.
            let mut leaf: Vec<f64> = (0..y.len())
                .filter(|other| means[*other] == means[row])
                .map(|other| y[other])
                .collect();
            leaf.sort_by(f64::total_cmp);
            let below = |target: f64| {
                leaf.iter().filter(|y| **y <= target).count() as f64 / leaf.len() as f64
            };
            let expected = leaf
                .iter()
                .copied()
                .find(|target| below(*target) >= quantile - 1e-9);
            assert_eq!(Some(found[row]), expected, "row {row}, {quantile}");
        }
    }
}

//! Weights of rows and of classes.

use std::sync::Arc;

use alchemy_core::arrow::array::{AsArray, Int64Array};
use alchemy_core::{Classify, Fit, Predict};
use alchemy_models::metrics::positives;
use alchemy_models::{ClassWeight, RandomForestClassifier};

use crate::learners::{boosting, classifier, forest};
use crate::models::close;
use crate::refusals::parameter;
use crate::tables::{column, floats, mixed, numbers, pick, table, with};

/// Those features that have no more values than bins: each has a bin of its own, whatever the weights.
const FEW_VALUES: [&str; 3] = ["small", "flag", "city"];

#[test]
fn a_weight_of_zero_leaves_a_row_out() {
    let full = mixed(600);
    let weights: Vec<i64> = (0..600).map(|row| i64::from(row % 3 != 0)).collect();
    let full = with(&full, "weight", Arc::new(Int64Array::from(weights)));
    let kept = pick(&full, (0..600).filter(|row| row % 3 != 0));
    let test = mixed(300);
    let boosting = boosting().with_weight("weight").with_min_samples_leaf(5);
    let [left, right] =
        [&full, &kept].map(|train| boosting.fit(train).unwrap().predict(&test).unwrap());
    assert!(close(&left, &right, 1e-9));
    let forest = forest().with_weight("weight").with_bootstrap(false);
    let [left, right] =
        [&full, &kept].map(|train| forest.fit(train).unwrap().predict(&test).unwrap());
    assert!(close(&left, &right, 1e-9));
}

#[test]
fn a_weight_of_two_is_a_row_twice() {
    let once = mixed(400);
    let twice = pick(&once, (0..800).map(|row| row / 2));
    let once = with(&once, "weight", Arc::new(Int64Array::from(vec![2; 400])));
    let twice = with(&twice, "weight", Arc::new(Int64Array::from(vec![1; 800])));
    let boosting = boosting()
        .with_weight("weight")
        .with_min_samples_leaf(1)
        .with_min_child_weight(10.0)
        .with_cat_smooth(0.0)
        .with_min_rows_per_category_group(0);
    let [left, right] =
        [&once, &twice].map(|train| boosting.fit(train).unwrap().predict(&once).unwrap());
    assert!(close(&left, &right, 1e-4));
    let forest = forest()
        .with_weight("weight")
        .with_bootstrap(false)
        .with_max_depth(6);
    let [left, right] =
        [&once, &twice].map(|train| forest.fit(train).unwrap().predict(&once).unwrap());
    assert!(close(&left, &right, 1e-9));
}

#[test]
fn weights_of_very_different_size_are_all_heard() {
    // The light half alone decides what is predicted for its own group.
    let group = |row: i32| row % 2;
    let columns = [
        ("group", floats((0..2000).map(|row| f64::from(group(row))))),
        ("x", floats((0..2000).map(|row| f64::from(row / 2 % 10)))),
        (
            "y",
            floats((0..2000).map(|row| {
                f64::from(if group(row) == 0 {
                    row / 2 % 10
                } else {
                    row * 7919 % 13
                })
            })),
        ),
        (
            "weight",
            floats((0..2000).map(|row| if group(row) == 0 { 1.0 } else { 1e7 })),
        ),
    ];
    let table = table(columns);
    let spec = boosting()
        .with_weight("weight")
        .with_num_rounds(200)
        .with_min_child_weight(0.0);
    let predicted = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
    for row in (0..2000).step_by(2) {
        assert!(
            (predicted[row] - (row / 2 % 10) as f64).abs() < 1e-3,
            "row {row}: {}",
            predicted[row]
        );
    }
}

#[test]
fn a_class_weight_is_the_weight_of_every_row_of_the_class() {
    let table = mixed(2000);
    let low = positives(&table, "label", "low").unwrap();
    let spec = classifier().with_features(FEW_VALUES).with_num_rounds(8);
    let by_class = spec
        .clone()
        .with_class_weight(ClassWeight::of([("low", 3.0)]));
    let weights = floats(low.iter().map(|low| if *low { 3.0 } else { 1.0 }));
    let weighted = with(&table, "by class", weights);
    let by_row = spec.clone().with_weight("by class").fit(&weighted).unwrap();
    assert_eq!(by_class.fit(&table).unwrap(), by_row);
    let balanced = spec
        .clone()
        .with_class_weight(ClassWeight::Balanced)
        .fit(&table)
        .unwrap();
    let p = column(&balanced.predict_proba(&table).unwrap(), "low");
    let share = p.iter().sum::<f64>() / 2000.0;
    let plain = column(
        &spec.fit(&table).unwrap().predict_proba(&table).unwrap(),
        "low",
    );
    let plain = plain.iter().sum::<f64>() / 2000.0;
    assert!((share - 0.5).abs() < (plain - 0.5).abs());
    let unknown = spec
        .clone()
        .with_class_weight(ClassWeight::of([("none", 3.0)]));
    assert_eq!(parameter(unknown.fit(&table)), "class_weight");
    let negative = spec.with_class_weight(ClassWeight::of([("low", -1.0)]));
    assert_eq!(parameter(negative.fit(&table)), "class_weight");
}

#[test]
fn class_weights_of_a_forest_count_as_row_weights_do() {
    let table = mixed(1500);
    let label = table["label"].as_string::<i32>();
    let weighted = |high: f64, low: f64| {
        let weights = (0..table.num_rows()).map(|row| {
            if label.value(row) == "high" {
                high
            } else {
                low
            }
        });
        with(&table, "w", floats(weights))
    };
    let spec = || {
        let spec = RandomForestClassifier::new()
            .with_target("label")
            .with_features(FEW_VALUES);
        spec.with_num_trees(5).with_max_depth(6)
    };
    let high = (0..table.num_rows())
        .filter(|row| label.value(*row) == "high")
        .count() as f64;
    let rows = table.num_rows() as f64;
    let balanced = [rows / (2.0 * high), rows / (2.0 * (rows - high))];
    for (class_weight, [high, low]) in [
        (ClassWeight::of([("high", 3.0)]), [3.0, 1.0]),
        (ClassWeight::Balanced, balanced),
    ] {
        let by_class = spec().with_class_weight(class_weight).fit(&table).unwrap();
        let by_row = spec().with_weight("w").fit(&weighted(high, low)).unwrap();
        let [by_class, by_row] =
            [by_class, by_row].map(|model| column(&model.predict_proba(&table).unwrap(), "high"));
        assert_eq!(by_class, by_row);
    }
    // A root that is not split predicts equal shares of balanced classes.
    let stump = |spec: RandomForestClassifier| {
        let model = spec.with_min_samples_split(10_000).fit(&table).unwrap();
        column(&model.predict_proba(&table).unwrap(), "high")[0]
    };
    assert!((stump(spec().with_balanced_trees()) - 0.5).abs() < 1e-12);
    assert!(
        (stump(
            spec()
                .with_bootstrap(false)
                .with_class_weight(ClassWeight::Balanced)
        ) - 0.5)
            .abs()
            < 1e-12
    );
}

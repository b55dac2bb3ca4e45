//! Predictions beside those of scikit-learn and `LightGBM`, stored in `trees.csv`.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Classify, CsvReader, Fit, Predict};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, MaxFeatures, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::tables::{column, numbers};

const FEATURES: [&str; 4] = ["x0", "x1", "x2", "x3"];
const COMPLETE: [&str; 2] = ["x0", "x2"];

fn table() -> RecordBatch {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/trees.csv");
    CsvReader::new().with_infer_rows(2000).read(path).unwrap()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance,
            "row {row}: {found}, not {expected}"
        );
    }
}

fn boosted() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(30)
        .with_num_leaves(15)
}

#[test]
fn boosted_numbers_are_those_of_lightgbm() {
    let table = table();
    let predicted = boosted().fit(&table).unwrap().predict(&table).unwrap();
    assert_close(&numbers(&predicted), &column(&table, "lgb_plain"), 1e-6);
}

#[test]
fn boosted_probabilities_are_those_of_lightgbm() {
    let table = table();
    let spec = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_rounds(30);
    let spec = spec
        .with_num_leaves(15)
        .with_min_samples_leaf(1)
        .with_min_child_weight(2.0);
    let predicted = spec.fit(&table).unwrap().predict_proba(&table).unwrap();
    assert_close(
        &column(&predicted, "1"),
        &column(&table, "lgb_logistic"),
        1e-6,
    );
}

/// A forest of one tree that sees all rows and all features.
fn one_tree() -> RandomForestRegressor {
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_features(COMPLETE)
        .with_num_trees(1);
    spec.with_bootstrap(false)
        .with_max_depth(7)
        .with_min_samples_leaf(10)
}

#[test]
fn a_tree_of_means_is_that_of_scikit_learn() {
    let table = table();
    let predicted = one_tree().fit(&table).unwrap().predict(&table).unwrap();
    assert_close(&numbers(&predicted), &column(&table, "tree_mean"), 1e-9);
    let predicted = one_tree()
        .with_weight("weight")
        .fit(&table)
        .unwrap()
        .predict(&table)
        .unwrap();
    assert_close(&numbers(&predicted), &column(&table, "tree_weighted"), 1e-9);
}

#[test]
fn a_tree_of_class_shares_is_that_of_scikit_learn() {
    let table = table();
    let spec = RandomForestClassifier::new()
        .with_target("label")
        .with_features(COMPLETE)
        .with_num_trees(1);
    let spec = spec
        .with_bootstrap(false)
        .with_max_features(MaxFeatures::All)
        .with_max_depth(4)
        .with_min_samples_leaf(25);
    let predicted = spec.fit(&table).unwrap().predict_proba(&table).unwrap();
    assert_close(
        &column(&predicted, "1"),
        &column(&table, "tree_share"),
        1e-9,
    );
}

/// `LightGBM` estimates how many rows a side of a split has where rows have weights, so a leaf may be of one row here.
#[test]
fn weights_and_penalties_mean_what_they_mean_in_lightgbm() {
    let table = table();
    let spec = boosted()
        .with_weight("weight")
        .with_l1(2.0)
        .with_l2(5.0)
        .with_min_samples_leaf(1);
    let predicted = spec.fit(&table).unwrap().predict(&table).unwrap();
    assert_close(&numbers(&predicted), &column(&table, "lgb_penalised"), 1e-6);
}

#[test]
fn limits_of_depth_and_rows_mean_what_they_mean_in_lightgbm() {
    let table = table();
    let spec = boosted().with_max_depth(4).with_min_samples_leaf(5);
    let predicted = spec.fit(&table).unwrap().predict(&table).unwrap();
    assert_close(&numbers(&predicted), &column(&table, "lgb_shallow"), 1e-6);
}

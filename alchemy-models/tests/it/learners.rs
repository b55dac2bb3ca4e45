//! Models as tests tell them what to learn.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Fit, Model, Predict, Result};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::tables::{FEATURES, numbers};

/// A small booster of `y`, by all other columns.
pub(crate) fn boosting() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(10)
}

/// A small forest of `y`, by all other columns.
pub(crate) fn forest() -> RandomForestRegressor {
    RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(5)
}

/// A booster of `y`, by [`FEATURES`].
pub(crate) fn regressor() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
}

/// A booster of `label`, by [`FEATURES`].
pub(crate) fn classifier() -> GradientBoostingClassifier {
    GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
}

/// Learns `y` from all other columns, with the weights in `w` if there are any.
pub(crate) type Learn = fn(&RecordBatch) -> Result<Box<dyn Predict>>;

/// A [`Learn`] with the spec given, which has been told neither target nor weight.
macro_rules! learn {
    ($spec:expr) => {
        |table: &alchemy_core::arrow::array::RecordBatch| {
            let spec = $spec.with_target("y");
            Ok(match table.column_by_name("w") {
                Some(_) => {
                    Box::new(spec.with_weight("w").fit(table)?) as Box<dyn alchemy_core::Predict>
                }
                None => Box::new(spec.fit(table)?),
            })
        }
    };
}

pub(crate) use learn;

/// Every model of a number.
pub(crate) const REGRESSORS: &[(&str, Learn)] = &[
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
pub(crate) const CLASSIFIERS: &[(&str, Learn)] = &[
    (
        "boosting",
        learn!(GradientBoostingClassifier::new().with_min_samples_leaf(3)),
    ),
    (
        "forest",
        learn!(RandomForestClassifier::new().with_num_trees(10)),
    ),
];

/// What `model` predicts for `rows`, which are finite numbers.
pub(crate) fn predict(model: &dyn Predict, rows: &RecordBatch) -> Vec<f64> {
    let predicted = numbers(&model.predict(rows).unwrap());
    assert!(predicted.iter().all(|value| value.is_finite()));
    predicted
}

/// The bytes of a model.
pub(crate) fn bytes(model: &impl Model) -> Vec<u8> {
    postcard::to_stdvec(model).unwrap()
}

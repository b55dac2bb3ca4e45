//! Models that are loaded are what was stored, or refused.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Fit, Model, Valid};
use alchemy_models::{
    FittedGradientBoostingClassifier, FittedGradientBoostingRegressor,
    FittedRandomForestClassifier, FittedRandomForestRegressor, GradientBoostingClassifier,
    RandomForestClassifier, RandomForestRegressor,
};

use crate::explain::Explained;
use crate::learners::{bytes, regressor};
use crate::tables::{FEATURES, mixed};

/// The conformance suite stores and loads every model; these have what its fits leave out.
#[test]
fn history_and_predictions_out_of_the_bag_are_stored() {
    let table = mixed(500);
    let valid = Valid::new(mixed(300));
    let spec = regressor().with_num_rounds(8).with_train_history();
    let boosted = spec.fit_validated(&table, &valid).unwrap();
    let loaded: FittedGradientBoostingRegressor = postcard::from_bytes(&bytes(&boosted)).unwrap();
    assert!(loaded == boosted && !loaded.history().is_empty());
    let spec = RandomForestClassifier::new().with_target("flag");
    let spec = spec.with_features(["normal", "city"]).with_num_trees(3);
    let forest = spec.with_oob().fit(&table).unwrap();
    let loaded: FittedRandomForestClassifier = postcard::from_bytes(&bytes(&forest)).unwrap();
    assert!(loaded == forest && loaded.oob_score().is_some());
}

/// A loaded model was checked, so it predicts without a panic whatever its bytes said; most changes are refused.
#[test]
fn a_spoiled_model_is_refused_or_harmless() {
    let table = mixed(300);
    let spec = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_rounds(2);
    let boosted = bytes(&spec.fit(&table).unwrap());
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_features(["normal", "flag"])
        .with_num_trees(2);
    let forest = bytes(&spec.fit(&table).unwrap());
    for at in 0..boosted.len() {
        for bit in 0..8 {
            predict_spoiled::<FittedGradientBoostingClassifier>(&boosted, at, bit, &table);
        }
    }
    for at in 0..forest.len() {
        predict_spoiled::<FittedRandomForestRegressor>(&forest, at, at % 8, &table);
    }
}

fn predict_spoiled<M: Model + Explained>(
    stored: &[u8],
    at: usize,
    bit: usize,
    batch: &RecordBatch,
) {
    let mut spoiled = stored.to_vec();
    spoiled[at] ^= 1 << bit;
    if let Ok(model) = postcard::from_bytes::<M>(&spoiled) {
        let _ = model.predict(&batch.slice(0, 20));
        // Explaining takes longer: one bit of each byte.
        if bit == at % 8 {
            let _ = model.shap(&batch.slice(0, 3));
            let _ = model.nodes();
            let _ = model.tree_text(0);
        }
    }
    assert!(postcard::from_bytes::<M>(&stored[..at]).is_err());
}

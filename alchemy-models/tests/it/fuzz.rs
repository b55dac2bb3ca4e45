//! Small models on random tables.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::conformance::{Draw, Fuzz};
use alchemy_core::{Fit, Model, Predict, Result};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor, RandomSplit, Split, TimeSplit,
};

/// A model takes some hundred times as long as a step.
const CASES: u64 = 4000;

/// Fits, predicts and stores: whatever was learned gives valid columns, and loads to the same.
fn use_model<F: Fit>(spec: &F, table: &RecordBatch) -> Result<()>
where
    F::Fitted: Model,
{
    let fitted = spec.fit(table)?;
    let predicted = fitted.predict(table)?;
    predicted.to_data().validate_full().unwrap();
    assert_eq!(predicted.len(), table.num_rows());
    if let Some(classifier) = fitted.as_classifier() {
        let probabilities = classifier.predict_proba(table)?;
        for column in probabilities.columns() {
            column.to_data().validate_full().unwrap();
        }
    }
    let stored = postcard::to_stdvec(&fitted).unwrap();
    let loaded: F::Fitted = postcard::from_bytes(&stored).unwrap();
    assert_eq!(&loaded.predict(table)?, &predicted);
    assert!(postcard::to_stdvec(&loaded).unwrap() == stored);
    Ok(())
}

/// Every row is on one side at most.
fn use_split(split: &impl Split, table: &RecordBatch) -> Result<()> {
    let (train, test) = split.split(table)?;
    assert!(train.num_rows() > 0 && test.num_rows() > 0);
    assert!(train.num_rows() + test.num_rows() <= table.num_rows());
    Ok(())
}

fn any_split(draw: &mut Draw<'_>, table: &RecordBatch) -> Result<()> {
    let share = draw.float() / 4.0;
    let random = RandomSplit::new(share).with_seed(draw.count() as u64);
    match draw.below(4) {
        0 => use_split(&random, table),
        1 => use_split(&random.stratified_by(draw.column()), table),
        2 => use_split(&random.with_key(draw.column()), table),
        _ => use_split(&TimeSplit::new(draw.temporal_column(), share), table),
    }
}

fn any_model(draw: &mut Draw<'_>, table: &RecordBatch) -> Result<()> {
    if draw.chance(0.2) {
        return any_split(draw, table);
    }
    let features = draw.columns();
    match draw.below(4) {
        0 => {
            let spec = GradientBoostingRegressor::new().with_target(draw.numeric_column());
            let spec = spec.with_features(features).with_num_rounds(2);
            let spec = spec
                .with_min_samples_leaf(draw.count())
                .with_num_leaves(draw.count())
                .with_max_bins(draw.count())
                .with_learning_rate(draw.float())
                .with_l2(draw.float());
            use_model(&spec, table)
        }
        1 => {
            let spec = GradientBoostingClassifier::new().with_target(draw.column());
            let spec = spec.with_features(features).with_num_rounds(2);
            let spec = spec.with_min_samples_leaf(draw.count());
            let spec = spec.with_subsample(draw.float() / 4.0);
            match draw.flag() {
                true => use_model(&spec.with_weight(draw.numeric_column()), table),
                false => use_model(&spec, table),
            }
        }
        2 => {
            let spec = RandomForestRegressor::new().with_target(draw.numeric_column());
            let spec = spec.with_features(features).with_num_trees(2);
            let spec = spec
                .with_min_samples_split(draw.count())
                .with_max_depth(draw.count())
                .with_bootstrap(draw.flag());
            use_model(&spec, table)
        }
        _ => {
            let spec = RandomForestClassifier::new().with_target(draw.column());
            let spec = spec.with_features(features).with_num_trees(2);
            use_model(&spec.with_min_samples_leaf(draw.count()), table)
        }
    }
}

#[test]
fn random_models_on_random_tables_find_nothing() {
    let report = Fuzz::on_tables(CASES, any_model).unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 4, "{report:?}");
}

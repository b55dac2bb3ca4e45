//! Small models on random tables.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use alchemy_core::conformance::{Draw, Fuzz};
use alchemy_core::{ColumnSelector, Fit, Model, Predict, Result};
use alchemy_models::{
    ClassWeight, ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor,
    Growth, IsolationForest, Monotone, Objective, QuantileForestRegressor, RandomForestClassifier,
    RandomForestRegressor, RandomSplit, Split, TimeSplit,
};

use crate::explain::Explained;

/// As [`predict_and_store`], and explains what the trees say.
fn use_model<F: Fit>(spec: &F, table: &RecordBatch) -> Result<()>
where
    F::Fitted: Model + Explained,
{
    let fitted = predict_and_store(spec, table)?;
    explain(&fitted, table)
}

/// Fits, predicts and stores: whatever was learned gives valid columns, and loads to the same.
fn predict_and_store<F: Fit>(spec: &F, table: &RecordBatch) -> Result<F::Fitted>
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
    let loaded = postcard::from_bytes::<F::Fitted>(&stored);
    let loaded = loaded.unwrap_or_else(|error| panic!("what {spec:?} learned: {error}"));
    assert_eq!(&loaded.predict(table)?, &predicted);
    assert!(postcard::to_stdvec(&loaded).unwrap() == stored);
    Ok(fitted)
}

/// Explains the first rows: finite values, since leaves hold no huge ones, and as many trees as are told of.
fn explain(fitted: &impl Explained, table: &RecordBatch) -> Result<()> {
    let few = table.slice(0, table.num_rows().min(20));
    let shap = fitted.shap(&few)?;
    for feature in 0..shap.features().len() {
        let values = shap.values(0, feature).unwrap();
        assert!(values.iter().all(|value| value.is_finite()));
    }
    assert_eq!(fitted.shap_interactions(&few)?.num_rows(), few.num_rows());
    let leaves = fitted.leaf_indices(&few)?;
    assert_eq!(leaves.num_rows(), few.num_rows());
    fitted.nodes()?;
    assert!(fitted.tree_text(leaves.num_columns()).is_none());
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

/// `table` with a target without missing values, mostly, and the name of the target.
fn with_target(draw: &mut Draw<'_>, table: &RecordBatch, number: bool) -> (RecordBatch, String) {
    if draw.chance(0.3) || table.num_columns() == 0 {
        return (table.clone(), draw.column());
    }
    let classes = 1 + draw.below(4);
    let class = |row: usize| (row * 7 + row / 3) % classes;
    let rows = 0..table.num_rows();
    let target: ArrayRef = if number {
        let large = draw.pick([1.0, 1e-300, 1e29, 1e31]);
        Arc::new(
            rows.map(|row| Some(large * class(row) as f64))
                .collect::<Float64Array>(),
        )
    } else {
        Arc::new(
            rows.map(|row| Some(format!("class {}", class(row))))
                .collect::<StringArray>(),
        )
    };
    let schema = table.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns = names.zip(table.columns().iter().cloned());
    let columns = columns.chain([("y".to_owned(), target)]);
    let columns = columns.map(|(name, column)| (name, column, true));
    let table = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    (table, "y".to_owned())
}

fn features(draw: &mut Draw<'_>) -> ColumnSelector {
    match draw.below(4) {
        0 => ColumnSelector::text(),
        1 => draw.columns(),
        _ => ColumnSelector::numeric(),
    }
}

/// Boosting for a number, with most of its parameters.
fn boost_number(
    draw: &mut Draw<'_>,
    features: ColumnSelector,
    target: &str,
    table: &RecordBatch,
) -> Result<()> {
    let spec = GradientBoostingRegressor::new().with_target(target);
    let spec = spec.with_features(features).with_num_rounds(2);
    let spec = spec
        .with_min_samples_leaf(draw.count())
        .with_num_leaves(1 + draw.count().min(usize::MAX - 1))
        .with_max_bins(draw.pick([2, 3, 255, usize::MAX]))
        .with_learning_rate(draw.float())
        .with_l2(draw.float());
    let spec = match draw.chance(0.3) {
        true => spec
            .with_monotone([(draw.numeric_column(), Monotone::Decreasing)])
            .with_interactions([[draw.column(), draw.column()]])
            .with_growth(Growth::DepthWise)
            .with_colsample_by_node(draw.float() / 4.0),
        false => spec,
    };
    let spec = match draw.flag() {
        true => spec
            .with_categorical(draw.columns())
            .with_cat_smooth(draw.float())
            .with_cat_l2(draw.float())
            .with_max_cat_threshold(draw.count())
            .with_min_rows_per_category_group(draw.count()),
        false => spec,
    };
    let objective = draw.pick([
        Objective::Squared,
        Objective::Absolute,
        Objective::Huber { delta: 1e-3 },
        Objective::Quantile(0.99),
        Objective::Poisson,
        Objective::Gamma,
        Objective::Tweedie { power: 1.01 },
    ]);
    let spec = spec.with_objective(objective);
    match draw.chance(0.2) {
        true => use_model(&spec.with_offset(draw.numeric_column()), table),
        false => use_model(&spec, table),
    }
}

fn any_model(draw: &mut Draw<'_>, table: &RecordBatch) -> Result<()> {
    if draw.chance(0.2) {
        return any_split(draw, table);
    }
    let (features, kind) = (features(draw), draw.below(7));
    let (table, target) = &with_target(draw, table, kind < 2 || kind == 4);
    match kind {
        0 => boost_number(draw, features, target, table),
        1 => {
            let spec = RandomForestRegressor::new().with_target(target);
            let spec = spec.with_features(features).with_num_trees(2);
            let spec = spec
                .with_min_samples_split(draw.count())
                .with_max_depth(draw.count())
                .with_bootstrap(draw.flag());
            use_model(&spec, table)
        }
        2 => {
            let spec = GradientBoostingClassifier::new().with_target(target);
            let spec = spec.with_features(features).with_num_rounds(2);
            let spec = spec.with_min_samples_leaf(draw.count());
            let spec = spec.with_subsample(draw.float() / 4.0);
            match draw.below(10) {
                0 | 1 => use_model(&spec.with_weight(draw.numeric_column()), table),
                2 => use_model(&spec.with_offset(draw.numeric_column()), table),
                3 => use_model(&spec.with_class_weight(ClassWeight::Balanced), table),
                _ => use_model(&spec, table),
            }
        }
        3 => {
            let spec = RandomForestClassifier::new().with_target(target);
            let spec = spec.with_features(features).with_num_trees(2);
            use_model(&spec.with_min_samples_leaf(draw.count()), table)
        }
        4 => {
            let spec = QuantileForestRegressor::new().with_target(target);
            let spec = spec.with_features(features).with_num_trees(2);
            use_model(&spec.with_max_samples(draw.float()), table)
        }
        5 => {
            let spec = ExtraTreesClassifier::new().with_target(target);
            let spec = spec.with_features(features).with_num_trees(2);
            let spec = spec.with_bootstrap(draw.flag()).with_balanced_trees();
            match draw.chance(0.3) {
                true => use_model(&spec.with_oob(), table),
                false => use_model(&spec, table),
            }
        }
        _ => {
            let spec = IsolationForest::new().with_features(features);
            let spec = spec.with_max_samples(draw.count());
            predict_and_store(&spec.with_num_trees(2), table).map(|_| ())
        }
    }
}

#[test]
fn random_models_on_random_tables_find_nothing() {
    let report = Fuzz::on_tables(20_000, any_model).unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 4, "{report:?}");
}

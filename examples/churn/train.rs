//! Clean, encode, split, learn, evaluate.

use alchemy_clean::{ImputeStrategy, Imputer, NullColumnDropper, NumericCoercer, TextStandardiser};
use alchemy_core::{
    ColumnSelector, Context, Contract, Error, Expectation, Finding, Fit, FittedPipeline, Pipeline, Predict, Profile,
    Test, Train,
};
use alchemy_examples::{Failure, Models, bar, timed};
use alchemy_features::OneHotEncoder;
use alchemy_models::metrics::{BinaryReport, positives};
use alchemy_models::{
    FittedGradientBoostingClassifier, GradientBoostingClassifier, RandomForestClassifier, RandomSplit, Split,
    SplitRows,
};
use serde::Serialize;

use crate::data::Table;

/// All that training gives.
pub(crate) struct Trained {
    pub(crate) pipeline: FittedPipeline,
    pub(crate) boosting: FittedGradientBoostingClassifier,
    pub(crate) models: Models<Evaluated>,
    /// The parts of the table, before the pipeline.
    pub(crate) train: Train,
    pub(crate) test: Test,
    pub(crate) rows: SplitRows,
}

/// One model's figures on the test part.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluated {
    #[serde(flatten)]
    pub(crate) report: BinaryReport,
    pub(crate) fit_s: f64,
    pub(crate) predict_s: f64,
}

pub(crate) fn train(table: &Table, profile: &Profile, seed: u64) -> Result<Trained, Failure> {
    let (target, positive) = (table.target.as_str(), table.positive.as_str());
    let split = RandomSplit::new(0.2).with_seed(seed).stratified_by(target);
    let rows = split.rows(&table.batch)?;
    let (train, test) = split.split(&table.batch)?;

    let (pipeline, features) = pipeline(table, profile)?.fit_transform(&train, &Context::new())?;
    let test_features = test.try_map(|batch| pipeline.transform(batch))?;

    let forest = RandomForestClassifier::new()
        .with_target(target)
        .with_num_trees(150)
        .with_max_depth(10)
        .with_min_samples_split(5)
        .with_seed(seed);
    let (forest, forest_s) = timed(|| forest.fit_with(&features, &bar("forest")?).map_err(Failure::from))?;

    // The part that stops the boosting early is cut from the training part: the test part stays unseen.
    let (learn, valid) =
        RandomSplit::new(0.2).with_seed(seed).stratified_by(target).split_train(&Train::new(features))?;
    let boosting = GradientBoostingClassifier::new()
        .with_target(target)
        .with_num_rounds(2000)
        .with_learning_rate(0.02)
        .with_num_leaves(8)
        .with_l2(1.0)
        .with_subsample(0.8)
        .with_colsample(0.5)
        .with_early_stopping_rounds(100)
        .with_seed(seed);
    let (boosting, boosting_s) =
        timed(|| boosting.fit_validated_with(&learn, &valid, &bar("boosting")?).map_err(Failure::from))?;

    let mut models = Models::new();
    models.insert("majority", majority(&train, &test, target, positive)?);
    for (name, model, fit_s) in
        [("forest", &forest as &dyn Predict, forest_s), ("boosting", &boosting as &dyn Predict, boosting_s)]
    {
        let model = model.as_classifier().ok_or("the model is no classifier")?;
        let (report, predict_s) = timed(|| BinaryReport::evaluate(model, &test_features, target, positive))?;
        models.insert(name, Evaluated { report, fit_s, predict_s });
    }
    Ok(Trained { pipeline, boosting, models, train, test, rows })
}

/// The steps that this table needs, by what its profile found.
fn pipeline(table: &Table, profile: &Profile) -> Result<Pipeline, Error> {
    let numbers_as_text: Vec<String> = profile.columns_with(Finding::NUMBER_AS_TEXT);
    let contract = numbers_as_text.iter().try_fold(Contract::of(table.batch.schema_ref()), |contract, name| {
        contract.with_expectation(name, Expectation::NumberText)
    })?;
    Ok(Pipeline::new()
        .with_contract(contract)
        .then(NullColumnDropper::new())
        .then(NumericCoercer::new(numbers_as_text))
        .then(TextStandardiser::new(ColumnSelector::text()).with_trim().with_case(alchemy_clean::Case::Lower))
        .then(Imputer::new(ImputeStrategy::Median).with_columns(ColumnSelector::numeric()))
        .then(OneHotEncoder::new(ColumnSelector::text())))
}

/// The baseline that needs no features: the share of the positive class in training, for every row.
fn majority(train: &Train, test: &Test, target: &str, positive: &str) -> Result<Evaluated, Failure> {
    let (share, fit_s) = timed(|| {
        let labels = positives(train, target, positive)?;
        Ok::<_, Error>(labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64)
    })?;
    let labels = positives(test, target, positive)?;
    let (report, predict_s) = timed(|| BinaryReport::new(&labels, &vec![share; labels.len()], None))?;
    Ok(Evaluated { report, fit_s, predict_s })
}

//! Clean, encode, split, learn, evaluate.

use alchemy_clean::{
    Case, ImputeStrategy, Imputer, NullColumnDropper, NumericCoercer, TextStandardiser,
};
use alchemy_core::column::is_text;
use alchemy_core::{
    ColumnProfile, ColumnSelector, Context, Contract, Error, Expectation, FindingKind, Fit,
    FittedPipeline, Ledger, Pipeline, Predict, Profile, Role, Test, Train,
};
use alchemy_examples::{Failure, Models, bar, timed};
use alchemy_features::{OneHotEncoder, OrdinalEncoder};
use alchemy_models::metrics::{BinaryReport, positives};
use alchemy_models::{
    FittedGradientBoostingClassifier, GradientBoostingClassifier, RandomForestClassifier,
    RandomSplit, Split, SplitRows,
};
use serde::Serialize;

use crate::data::Table;

/// The most values of a text column that get a column each.
const MAX_LEVELS: u64 = 50;

/// All that training gives.
pub(crate) struct Trained {
    pub(crate) pipeline: FittedPipeline,
    pub(crate) boosting: FittedGradientBoostingClassifier,
    pub(crate) models: Models<Evaluated>,
    /// The parts of the table, before the pipeline.
    pub(crate) train: Train,
    pub(crate) test: Test,
    pub(crate) rows: SplitRows,
    /// What the pipeline did to the whole table.
    pub(crate) ledger: Ledger,
    /// Reads the numbers that came as text.
    pub(crate) numbers: NumericCoercer,
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

    let plan = Plan::of(table, profile)?;
    let (pipeline, features) = plan.pipeline().fit_transform(&train, &Context::new())?;
    let test_features = test.try_map(|batch| pipeline.transform(batch))?;
    let mut ledger = Ledger::new();
    pipeline.transform_with(&table.batch, &mut ledger)?;

    let forest = RandomForestClassifier::new()
        .with_target(target)
        .with_num_trees(150)
        .with_max_depth(10)
        .with_min_samples_split(5)
        .with_seed(seed);
    let (forest, forest_s) = timed(|| {
        forest
            .fit_with(&features, &bar("forest")?)
            .map_err(Failure::from)
    })?;

    // The part that stops the boosting early is cut from the training part: the test part stays unseen.
    let (learn, valid) = RandomSplit::new(0.2)
        .with_seed(seed)
        .stratified_by(target)
        .split_train(&Train::new(features))?;
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
    let (boosting, boosting_s) = timed(|| {
        boosting
            .fit_validated_with(&learn, &valid, &bar("boosting")?)
            .map_err(Failure::from)
    })?;

    let mut models = Models::new();
    models.insert("majority", majority(&train, &test, target, positive)?);
    for (name, model, fit_s) in [
        ("forest", &forest as &dyn Predict, forest_s),
        ("boosting", &boosting as &dyn Predict, boosting_s),
    ] {
        let model = model.as_classifier().ok_or("the model is no classifier")?;
        let (report, predict_s) =
            timed(|| BinaryReport::evaluate(model, &test_features, target, positive))?;
        models.insert(
            name,
            Evaluated {
                report,
                fit_s,
                predict_s,
            },
        );
    }
    Ok(Trained {
        pipeline,
        boosting,
        models,
        train,
        test,
        rows,
        ledger,
        numbers: NumericCoercer::new(plan.numbers_as_text),
    })
}

/// What the profile of a table says of its columns.
struct Plan<'a> {
    contract: Contract,
    numbers_as_text: Vec<&'a str>,
    /// Text with more values than columns should be made of.
    many_levels: Vec<&'a str>,
    few_levels: Vec<&'a str>,
}

impl<'a> Plan<'a> {
    fn of(table: &Table, profile: &'a Profile) -> Result<Self, Error> {
        let mut contract = Contract::of(table.batch.schema_ref());
        let mut numbers_as_text = Vec::new();
        for finding in &profile.findings {
            let Some(column) = finding
                .column
                .as_deref()
                .filter(|column| *column != table.target)
            else {
                continue;
            };
            match finding.kind {
                // An identifier tells rows apart and teaches nothing.
                FindingKind::UniqueKey => contract = contract.with_role(column, Role::Ignored)?,
                FindingKind::NumberAsText { other, .. } => {
                    numbers_as_text.push(column);
                    if other == 0 {
                        contract = contract.with_expectation(column, Expectation::NumberText)?;
                    }
                }
                _ => {}
            }
        }
        let categories = contract.columns().iter().filter(|column| {
            column.role() == Role::Feature
                && is_text(column.data_type())
                && !numbers_as_text.contains(&column.name())
        });
        let (few_levels, many_levels) = categories
            .filter_map(|column| profile.column(column.name()))
            .filter(|column| column.values() > 0)
            .partition::<Vec<_>, _>(|column| column.distinct <= MAX_LEVELS);
        let names = |columns: Vec<&'a ColumnProfile>| {
            columns.iter().map(|column| column.name.as_str()).collect()
        };
        Ok(Self {
            numbers_as_text,
            many_levels: names(many_levels),
            few_levels: names(few_levels),
            contract,
        })
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new()
            .with_contract(self.contract.clone())
            .then(NullColumnDropper::new())
            .then(NumericCoercer::new(self.numbers_as_text.clone()))
            .then(
                TextStandardiser::new(ColumnSelector::text())
                    .with_trim()
                    .with_case(Case::Lower),
            )
            .then(Imputer::new(ImputeStrategy::Median).with_columns(ColumnSelector::numeric()))
            .then(OrdinalEncoder::new().with_columns(self.many_levels.clone()))
            .then(OneHotEncoder::new().with_columns(self.few_levels.clone()))
    }
}

/// The baseline that needs no features: the share of the positive class in training, for every row.
fn majority(
    train: &Train,
    test: &Test,
    target: &str,
    positive: &str,
) -> Result<Evaluated, Failure> {
    let (share, fit_s) = timed(|| {
        let labels = positives(train, target, positive)?;
        Ok::<_, Error>(labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64)
    })?;
    let labels = positives(test, target, positive)?;
    let (report, predict_s) =
        timed(|| BinaryReport::new(&labels, &vec![share; labels.len()], None))?;
    Ok(Evaluated {
        report,
        fit_s,
        predict_s,
    })
}

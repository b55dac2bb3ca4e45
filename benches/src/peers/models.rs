//! The tasks `gbdt_reg`, `gbdt_clf`, `rf_reg` and `rf_clf`: trees trained on one table and scored on another.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Fit, ParquetReader, Transform};
use alchemy_features::OrdinalEncoder;
use alchemy_models::{
    FittedGradientBoostingClassifier, GradientBoostingClassifier, GradientBoostingRegressor,
    Growth, MaxFeatures, RandomForestClassifier, RandomForestRegressor,
};

use crate::Result;
use crate::columns::with_column;
use crate::harness::{Context, Job};
use crate::scores::{
    PredictRow, Trained, predict_seconds, row_batch_microseconds, row_microseconds, scores,
};

const SEED: u64 = 7;
const FOREST_ROWS: usize = 100_000;

/// A boosted model as both boosting tasks want it: a macro, for the two types share no trait of setters.
macro_rules! boosted {
    ($model:ty) => {
        <$model>::new()
            .with_num_rounds(500)
            .with_learning_rate(0.05)
            .with_subsample(0.8)
            .with_colsample(0.8)
            .with_l1(1.0)
            .with_l2(1.5)
            .with_max_bins(255)
            .with_seed(SEED)
    };
}

/// A model to train, and the tables for it.
pub(crate) struct Training {
    train: RecordBatch,
    test: RecordBatch,
    target: &'static str,
    family: Family,
    learn: Learn,
}

/// What is reported depends on it.
#[derive(Clone, Copy)]
enum Family {
    Boosting,
    Forest,
}

type Learn = fn(&RecordBatch) -> Result<Box<dyn PredictRow>>;

impl Training {
    pub(crate) fn boosted_regressor(context: &mut Context) -> Result<Self> {
        Self::regress(context, Family::Boosting, |train| {
            let model = boosted!(GradientBoostingRegressor)
                .with_growth(Growth::DepthWise)
                .with_max_depth(6)
                .with_num_leaves(64)
                .with_target("y");
            Ok(Box::new(model.fit(train)?))
        })
    }

    pub(crate) fn boosted_classifier(context: &mut Context) -> Result<Self> {
        Self::churn(context, Family::Boosting, |train| {
            let model = boosted!(GradientBoostingClassifier)
                .with_num_leaves(31)
                .with_target("churn");
            Ok(Box::new(model.fit(train)?))
        })
    }

    pub(crate) fn forest_regressor(context: &mut Context) -> Result<Self> {
        Self::regress(context, Family::Forest, |train| {
            let model = RandomForestRegressor::new()
                .with_target("y")
                .with_num_trees(200)
                .with_max_depth(15)
                .with_min_samples_split(5)
                .with_max_features(MaxFeatures::Share(1.0 / 3.0))
                .with_seed(SEED);
            Ok(Box::new(model.fit(train)?))
        })
    }

    pub(crate) fn forest_classifier(context: &mut Context) -> Result<Self> {
        Self::churn(context, Family::Forest, |train| {
            let model = RandomForestClassifier::new()
                .with_target("churn")
                .with_num_trees(150)
                .with_max_depth(10)
                .with_max_features(MaxFeatures::Sqrt)
                .with_seed(SEED);
            Ok(Box::new(model.fit(train)?))
        })
    }

    fn regress(context: &mut Context, family: Family, learn: Learn) -> Result<Self> {
        let [train, test] = tables(context, "regress")?;
        context.load(|| {
            Ok(Self {
                train: single_precision(&family.rows_of(&train))?,
                test: single_precision(&test)?,
                target: "y",
                family,
                learn,
            })
        })
    }

    /// Categories enter as ranks among the levels of the whole training table.
    fn churn(context: &mut Context, family: Family, learn: Learn) -> Result<Self> {
        let [train, test] = tables(context, "churn")?;
        context.load(|| {
            let ranks = OrdinalEncoder::new().fit(&train)?;
            Ok(Self {
                train: single_precision(&ranks.transform(&family.rows_of(&train))?)?,
                test: single_precision(&ranks.transform(&test)?)?,
                target: "churn",
                family,
                learn,
            })
        })
    }
}

/// The model of the task `gbdt_clf`, and the table for its test.
pub(crate) fn churn_classifier(
    context: &mut Context,
) -> Result<(FittedGradientBoostingClassifier, RecordBatch)> {
    let Training { train, test, .. } = Training::boosted_classifier(context)?;
    let model = boosted!(GradientBoostingClassifier)
        .with_num_leaves(31)
        .with_target("churn");
    let model = context.load(|| Ok(model.fit(&train)?))?;
    Ok((model, test))
}

impl Family {
    /// The rows of `train` that a model of this family learns from.
    fn rows_of(self, train: &RecordBatch) -> RecordBatch {
        match self {
            Self::Boosting => train.clone(),
            Self::Forest => train.slice(0, FOREST_ROWS.min(train.num_rows())),
        }
    }
}

impl Job for Training {
    type Output = Box<dyn PredictRow>;
    type Figures = Trained;

    fn run(&self) -> Result<Box<dyn PredictRow>> {
        (self.learn)(&self.train)
    }

    fn check(&self, model: &Box<dyn PredictRow>) -> Result<Trained> {
        let (model, test) = (model.as_ref(), &self.test);
        let scores = scores(model, test, self.target)?;
        let (predict_s, row_us, row_batch_us) = match self.family {
            Family::Boosting => (
                predict_seconds(model, test, 3)?,
                Some(row_microseconds(model, test)?),
                Some(row_batch_microseconds(model, test)?),
            ),
            Family::Forest => (predict_seconds(model, test, 1)?, None, None),
        };
        Ok(Trained {
            scores,
            predict_s,
            row_us,
            row_batch_us,
            test_rows: test.num_rows(),
        })
    }
}

fn tables(context: &mut Context, workload: &str) -> Result<[RecordBatch; 2]> {
    let reader = ParquetReader::new();
    let train = context.table(&format!("{workload}_train"), &reader)?;
    let test = context.table(&format!("{workload}_test"), &reader)?;
    Ok([train, test])
}

/// `batch` with its numbers in single precision, as the other libraries get theirs; this loses nothing.
fn single_precision(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut single = batch.clone();
    for field in batch
        .schema()
        .fields()
        .iter()
        .filter(|field| field.data_type() == &DataType::Float64)
    {
        let column = cast(&single[field.name().as_str()], &DataType::Float32)?;
        single = with_column(&single, field.name(), column)?;
    }
    Ok(single)
}

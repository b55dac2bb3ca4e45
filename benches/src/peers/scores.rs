//! What is reported of a trained model: how well and how fast it predicts.

use std::hint::black_box;
use std::time::Instant;

use alchemy_core::Predict;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_models::metrics::{log_loss, mae, positives, rmse, roc_auc};
use alchemy_models::{
    FittedGradientBoostingClassifier, FittedGradientBoostingRegressor,
    FittedRandomForestClassifier, FittedRandomForestRegressor, RowScratch,
};
use rayon::ThreadPoolBuilder;
use serde::Serialize;

use crate::Result;
use crate::harness::{median, round};

/// One-row predictions that are timed, those before them that are not, and the seconds that end them early.
const ROW_CALLS: usize = 2000;
const ROW_WARM_UP: usize = 100;
const ROW_LIMIT_S: f64 = 10.0;

/// What is reported of a model.
#[derive(Serialize)]
pub(crate) struct Trained {
    #[serde(flatten)]
    pub(crate) scores: Scores,
    /// Seconds to predict the test table.
    pub(crate) predict_s: f64,
    /// Microseconds to predict one row of numbers on one thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row_us: Option<f64>,
    /// Microseconds to predict a batch of one row on one thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row_batch_us: Option<f64>,
    pub(crate) test_rows: usize,
}

/// Metrics of the test table, to six decimals.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Scores {
    Classes {
        auc: Option<f64>,
        log_loss: Option<f64>,
    },
    Numbers {
        rmse: Option<f64>,
        mae: Option<f64>,
    },
}

/// Scores the predictions of `test`.
pub(crate) fn scores(model: &dyn Predict, test: &RecordBatch, target: &str) -> Result<Scores> {
    let predicted = numbers("prediction", &predict(model, test)?)?;
    let rounded = |metric: Option<f64>| metric.map(|metric| round(metric, 6));
    if model.as_classifier().is_some() {
        let labels = positives(test, target, "1")?;
        Ok(Scores::Classes {
            auc: rounded(roc_auc(&labels, &predicted, None)?),
            log_loss: rounded(log_loss(&labels, &predicted, None)?),
        })
    } else {
        let truth = numbers(target, by_name(test, target)?)?;
        Ok(Scores::Numbers {
            rmse: rounded(rmse(&truth, &predicted, None)?),
            mae: rounded(mae(&truth, &predicted, None)?),
        })
    }
}

/// Median seconds of so many predictions of `rows`.
pub(crate) fn predict_seconds(
    model: &dyn Predict,
    rows: &RecordBatch,
    times: usize,
) -> Result<f64> {
    let seconds = (0..times).map(|_| seconds_of(|| predict(model, rows)));
    Ok(round(median(&mut seconds.collect::<Result<Vec<_>>>()?), 4))
}

/// A model that predicts a row of numbers.
pub(crate) trait PredictRow: Predict {
    /// A predicted number, or the probability of the second class.
    fn predict_one(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64>;
}

macro_rules! predict_row {
    ($($model:ty: |$this:ident, $row:ident, $scratch:ident| $one:expr;)+) => {
        $(impl PredictRow for $model {
            fn predict_one(&self, $row: &[f64], $scratch: &mut RowScratch) -> Result<f64> {
                let $this = self;
                Ok($one)
            }
        })+
    };
}

predict_row! {
    FittedGradientBoostingRegressor: |model, row, scratch| model.predict_row(row, scratch)?;
    FittedRandomForestRegressor: |model, row, scratch| model.predict_row(row, scratch)?;
    FittedGradientBoostingClassifier: |model, row, scratch| model.predict_proba_row(row, scratch)?[1];
    FittedRandomForestClassifier: |model, row, scratch| model.predict_proba_row(row, scratch)?[1];
}

/// Median microseconds of a prediction of one row of numbers, on one thread.
pub(crate) fn row_microseconds(model: &dyn PredictRow, rows: &RecordBatch) -> Result<f64> {
    let features = model.features().iter();
    let columns = features.map(|name| numbers(name, by_name(rows, name)?));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let row = |call: usize| columns.iter().map(|c| c[call % c.len()]).collect();
    let calls: Vec<Vec<f64>> = (0..ROW_CALLS).map(row).collect();
    let mut scratch = RowScratch::new();
    median_microseconds(&calls, |row| {
        black_box(model.predict_one(row, &mut scratch)?);
        Ok(())
    })
}

/// Median microseconds of a prediction of a batch of one row, on one thread.
pub(crate) fn row_batch_microseconds(model: &dyn Predict, rows: &RecordBatch) -> Result<f64> {
    let row = |call: usize| rows.slice(call % rows.num_rows(), 1);
    let calls: Vec<RecordBatch> = (0..ROW_CALLS).map(row).collect();
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| median_microseconds(&calls, |row| predict(model, row).map(|_| ())))
}

fn median_microseconds<T>(calls: &[T], mut call: impl FnMut(&T) -> Result<()>) -> Result<f64> {
    for row in calls.iter().take(ROW_WARM_UP) {
        call(row)?;
    }
    let mut seconds = Vec::with_capacity(calls.len());
    let start = Instant::now();
    for row in calls {
        seconds.push(seconds_of(|| call(row))?);
        if start.elapsed().as_secs_f64() > ROW_LIMIT_S {
            break;
        }
    }
    Ok(round(median(&mut seconds) * 1e6, 2))
}

/// Predicted numbers, or probabilities of the second class.
fn predict(model: &dyn Predict, rows: &RecordBatch) -> Result<ArrayRef> {
    match model.as_classifier() {
        Some(classifier) => Ok(classifier.predict_proba(rows)?.column(1).clone()),
        None => Ok(model.predict(rows)?),
    }
}

fn numbers(name: &str, array: &ArrayRef) -> Result<Vec<f64>> {
    Ok(NumericColumn::new(name, array)?.view().to_vec())
}

fn seconds_of<T>(work: impl FnOnce() -> Result<T>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

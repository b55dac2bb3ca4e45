//! A live scorer that knows the artifact file and nothing else, fed row by row.

use std::path::Path;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, new_null_array};
use alchemy_core::arrow::compute::concat;
use alchemy_core::column;
use alchemy_examples::Failure;
use alchemy_models::{Artifact, LiveScorer, models};
use serde::Serialize;

use crate::series::Series;
use crate::train::Trained;

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Live {
    pub(crate) rows: usize,
    /// Whether the forecasts, made before the value was known, are the batch predictions bit for bit.
    pub(crate) equal: bool,
}

/// Goes on where training ended: for each row a forecast without its value, then the row itself.
pub(crate) fn score(path: &Path, series: &Series, trained: &Trained) -> Result<Live, Failure> {
    let steps = alchemy_clean::steps().and(alchemy_features::steps());
    let mut scorer = LiveScorer::new(Artifact::load(path, &steps, &models())?)?;
    let rows = series.batch.num_rows() - trained.test_start;
    let mut forecasts: Vec<ArrayRef> = Vec::with_capacity(rows);
    let mut same_once_known = true;
    for row in trained.test_start..series.batch.num_rows() {
        let known = series.batch.slice(row, 1);
        let forecast = scorer
            .peek(&without_value(&known, &series.value)?)?
            .predictions;
        same_once_known &= scorer.push(&known)?.predictions.as_ref() == forecast.as_ref();
        forecasts.push(forecast);
    }
    let forecasts = concat(&forecasts.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    Ok(Live {
        rows,
        equal: same_once_known && forecasts.as_ref() == trained.predictions.as_ref(),
    })
}

fn without_value(row: &RecordBatch, value: &str) -> Result<RecordBatch, Failure> {
    let index = column::index_of(row.schema_ref(), value)?;
    let mut columns = row.columns().to_vec();
    columns[index] = new_null_array(columns[index].data_type(), 1);
    Ok(RecordBatch::try_new(row.schema(), columns)?)
}

//! Does a feature know the future? Change it, and see which features of the past move.

use std::sync::Arc;

use alchemy_core::Role;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::column::{self, NumericColumn};
use alchemy_examples::Failure;
use serde::Serialize;

use crate::series::Series;
use crate::train::Trained;

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct LeakCheck {
    /// Feature columns looked at.
    pub(crate) columns: usize,
    /// Those that moved in a row that should not know of the change.
    pub(crate) moved: usize,
}

/// Changes every value from the first test row on. A feature is known `horizon` rows ahead, so in each series the rows
/// before the change and the next `horizon` rows, which are the first test rows, must keep their features.
pub(crate) fn check(series: &Series, trained: &Trained) -> Result<LeakCheck, Failure> {
    let before = trained.pipeline.transform(&series.batch)?;
    let after = trained
        .pipeline
        .transform(&changed(series, trained.test_start)?)?;
    // Rows of several series alternate: the first `horizon` rows of the part are, for each series, among its first.
    let untouched = (trained.test_start + trained.horizon).min(series.batch.num_rows());
    let features: Vec<usize> = (0..before.num_columns())
        .filter(|index| Role::of(before.schema_ref().field(*index)) == Role::Feature)
        .collect();
    let moved = features
        .iter()
        .filter(|index| {
            before.column(**index).slice(0, untouched) != after.column(**index).slice(0, untouched)
        })
        .count();
    Ok(LeakCheck {
        columns: features.len(),
        moved,
    })
}

fn changed(series: &Series, from: usize) -> Result<RecordBatch, Failure> {
    let index = column::index_of(series.batch.schema_ref(), &series.value)?;
    let values = NumericColumn::new(&series.value, series.batch.column(index))?;
    let values: Float64Array = (0..series.batch.num_rows())
        .map(|row| {
            values
                .view()
                .get(row)
                .map(|value| if row < from { value } else { 1e6 - value })
        })
        .collect();
    let mut columns: Vec<ArrayRef> = series.batch.columns().to_vec();
    columns[index] = Arc::new(values);
    Ok(RecordBatch::try_new(series.batch.schema(), columns)?)
}

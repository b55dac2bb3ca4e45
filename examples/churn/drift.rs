//! Has the world changed? The artifact carries the reference, so no second data set is needed.

use std::path::Path;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{self, NumericColumn};
use alchemy_core::{Error, Fit, Role, Transform};
use alchemy_drift::{DriftDetector, DriftReport, FittedDriftDetector};
use alchemy_examples::Failure;
use serde::Serialize;

use crate::serve::load;
use crate::train::Trained;

/// Drift of the test part as it is, and of the test part after a shift.
pub(crate) struct Watched {
    pub(crate) same: DriftReport,
    pub(crate) shifted: DriftReport,
}

#[derive(Debug, Serialize)]
pub(crate) struct DriftFigures {
    same: Counts,
    shifted: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    columns: usize,
    drifted: usize,
}

impl Watched {
    pub(crate) fn figures(&self) -> DriftFigures {
        let counts = |report: &DriftReport| Counts {
            columns: report.num_columns(),
            drifted: report.num_drifted(),
        };
        DriftFigures {
            same: counts(&self.same),
            shifted: counts(&self.shifted),
        }
    }
}

/// What the artifact carries to recognise drift by: the training part's columns.
pub(crate) fn reference(trained: &Trained) -> Result<FittedDriftDetector, Error> {
    DriftDetector::new().fit(&monitored(trained, &trained.train)?)
}

/// Compares the test part, and a shifted copy of it, with the reference in the artifact at `path`.
pub(crate) fn watch(path: &Path, trained: &Trained) -> Result<Watched, Failure> {
    let detector: FittedDriftDetector = load(path)?
        .attachment("drift")?
        .ok_or("the artifact carries no drift reference")?;
    let test = monitored(trained, &trained.test)?;
    let same = detector.compare(&test)?;
    let shifted = detector.compare(&shift(&test)?)?;
    Ok(Watched { same, shifted })
}

/// What is watched: the columns of the contract with their roles, numbers that came as text read as numbers.
fn monitored(trained: &Trained, batch: &RecordBatch) -> Result<RecordBatch, Error> {
    trained
        .numbers
        .transform(&trained.pipeline.contract().enter(batch)?)
}

/// Every number grown by half of itself and one: another price list, another currency.
fn shift(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let is_shifted = column::is_numeric(field.data_type()) && Role::of(field) == Role::Feature;
        if is_shifted {
            let numbers = NumericColumn::new(field.name(), array)?;
            let grown: Float64Array = (0..array.len())
                .map(|row| numbers.view().get(row).map(|number| number * 1.5 + 1.0))
                .collect();
            fields.push(field.as_ref().clone().with_data_type(DataType::Float64));
            columns.push(Arc::new(grown));
        } else {
            fields.push(field.as_ref().clone());
            columns.push(array.clone());
        }
    }
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

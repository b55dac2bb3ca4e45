//! How good predictions are.
//!
//! Metrics work on plain slices; [`BinaryReport`] and [`RegressionReport`] also take a fitted model and the test part.
//! Labels are Boolean: `true` is the positive class, and [`positives`] makes them of a column of any type.
//!
//! Every metric is an `Option`: `None` where it is undefined, such as the ROC-AUC of one class or the precision
//! of a classifier that never says yes, and where its value overflows. It is never NaN. Labels, scores and
//! weights that do not belong together, and a NaN among them, are errors.
//!
//! Weights count a row as so many rows: finite, not negative. Sums are exact and rounded once, so the order of rows
//! does not show in a metric.

mod classification;
mod confusion;
mod labels;
mod regression;
mod report;
mod weights;

pub use classification::{brier, log_loss, roc_auc};
pub use confusion::ConfusionMatrix;
pub use labels::positives;
pub use regression::{mae, mape, median_absolute_error, r2, rmse};
pub use report::{BinaryReport, RegressionReport};

use alchemy_core::{Error, Result};

/// Refuses slices of different lengths and missing values; `parameter` names the argument `values`.
fn check_values(parameter: &'static str, values: &[f64], rows: usize) -> Result<()> {
    check_rows(parameter, values.len(), rows)?;
    match values.iter().position(|value| value.is_nan()) {
        None => Ok(()),
        Some(row) => Err(Error::value(parameter, row as u64, "NaN", "a number")),
    }
}

fn check_rows(parameter: &'static str, found: usize, rows: usize) -> Result<()> {
    if found == rows {
        return Ok(());
    }
    let message = format!("has {found} values for {rows} rows");
    Err(Error::parameter(parameter, message))
}

//! All metrics of one model at once.

use std::fmt;

use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::{Classify, Predict, Result, Test};
use serde::{Deserialize, Serialize};

use super::{
    ConfusionMatrix, brier, log_loss, mae, mape, median_absolute_error, positives, r2, rmse,
    roc_auc,
};

/// What a two-class classifier is worth, from labels and probabilities.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::BinaryReport;
///
/// let report = BinaryReport::new(&[true, false, true, false], &[0.9, 0.2, 0.4, 0.1], None)?;
/// assert_eq!(report.roc_auc, Some(1.0));
/// assert_eq!(report.recall, Some(0.5));
/// println!("{report}");
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BinaryReport {
    /// How many rows were judged.
    pub rows: usize,
    /// A row was predicted positive if its probability was above this.
    pub threshold: f64,
    /// What was predicted of which rows.
    pub confusion: ConfusionMatrix,
    /// See [`ConfusionMatrix::accuracy`].
    pub accuracy: Option<f64>,
    /// See [`ConfusionMatrix::precision`].
    pub precision: Option<f64>,
    /// See [`ConfusionMatrix::recall`].
    pub recall: Option<f64>,
    /// See [`ConfusionMatrix::f1`].
    pub f1: Option<f64>,
    /// See [`roc_auc`].
    pub roc_auc: Option<f64>,
    /// See [`log_loss`].
    pub log_loss: Option<f64>,
    /// See [`brier`].
    pub brier: Option<f64>,
}

impl BinaryReport {
    /// Judges `probabilities` of the positive class, predicting it above 0.5.
    ///
    /// # Errors
    ///
    /// As [`log_loss`].
    pub fn new(labels: &[bool], probabilities: &[f64], weights: Option<&[f64]>) -> Result<Self> {
        Self::at(0.5, labels, probabilities, weights)
    }

    /// Judges `probabilities` of the positive class, predicting it above `threshold`.
    ///
    /// # Errors
    ///
    /// As [`log_loss`].
    pub fn at(
        threshold: f64,
        labels: &[bool],
        probabilities: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        let predictions: Vec<bool> = probabilities.iter().map(|p| *p > threshold).collect();
        let confusion = ConfusionMatrix::new(labels, &predictions, weights)?;
        Ok(Self {
            rows: labels.len(),
            threshold,
            confusion,
            accuracy: confusion.accuracy(),
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            roc_auc: roc_auc(labels, probabilities, weights)?,
            log_loss: log_loss(labels, probabilities, weights)?,
            brier: brier(labels, probabilities, weights)?,
        })
    }

    /// Judges `model` on rows that nothing has learned from, whose true class is in the column `target`; `positive` is
    /// the class of interest, written as in [`positives`].
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) for a target that is not there and a class that
    /// the model does not know, and those of the model.
    pub fn evaluate(
        model: &dyn Classify,
        test: &Test,
        target: &str,
        positive: &str,
    ) -> Result<Self> {
        let labels = positives(test, target, positive)?;
        let probabilities = model.predict_proba(test)?;
        let column = NumericColumn::new(positive, by_name(&probabilities, positive)?)?;
        Self::new(&labels, &column.view().to_vec(), None)
    }
}

impl fmt::Display for BinaryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} rows, predicted yes above {}",
            self.rows, self.threshold
        )?;
        self.confusion.fmt(f)?;
        lines(
            f,
            &[
                ("accuracy", self.accuracy),
                ("precision", self.precision),
                ("recall", self.recall),
                ("f1", self.f1),
                ("roc_auc", self.roc_auc),
                ("log_loss", self.log_loss),
                ("brier", self.brier),
            ],
        )
    }
}

/// What a regressor is worth, from true and predicted numbers.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::RegressionReport;
///
/// let report = RegressionReport::new(&[1.0, 2.0, 3.0], &[1.0, 2.0, 2.0], None)?;
/// assert_eq!(report.r2, Some(0.5));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegressionReport {
    /// How many rows were judged.
    pub rows: usize,
    /// See [`mae`].
    pub mae: Option<f64>,
    /// See [`rmse`].
    pub rmse: Option<f64>,
    /// See [`mape`].
    pub mape: Option<f64>,
    /// See [`r2`].
    pub r2: Option<f64>,
    /// See [`median_absolute_error`].
    pub median_absolute_error: Option<f64>,
}

impl RegressionReport {
    /// Judges `predictions` of `truth`.
    ///
    /// # Errors
    ///
    /// As [`mae`].
    pub fn new(truth: &[f64], predictions: &[f64], weights: Option<&[f64]>) -> Result<Self> {
        Ok(Self {
            rows: truth.len(),
            mae: mae(truth, predictions, weights)?,
            rmse: rmse(truth, predictions, weights)?,
            mape: mape(truth, predictions, weights)?,
            r2: r2(truth, predictions, weights)?,
            median_absolute_error: median_absolute_error(truth, predictions, weights)?,
        })
    }

    /// Judges `model` on rows that nothing has learned from, whose true value is in the column `target`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) for a target that is not there,
    /// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a missing value in it, and those of the model.
    pub fn evaluate(model: &dyn Predict, test: &Test, target: &str) -> Result<Self> {
        let truth = NumericColumn::new(target, by_name(test, target)?)?;
        let predictions = NumericColumn::new("predictions", &model.predict(test)?)?;
        Self::new(&truth.view().to_vec(), &predictions.view().to_vec(), None)
    }
}

impl fmt::Display for RegressionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rows", self.rows)?;
        lines(
            f,
            &[
                ("mae", self.mae),
                ("rmse", self.rmse),
                ("mape", self.mape),
                ("r2", self.r2),
                ("median absolute error", self.median_absolute_error),
            ],
        )
    }
}

fn lines(f: &mut fmt::Formatter<'_>, metrics: &[(&str, Option<f64>)]) -> fmt::Result {
    let width = metrics
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    for (name, value) in metrics {
        match value {
            Some(value) => writeln!(f, "{name:width$}  {value:.6}")?,
            None => writeln!(f, "{name:width$}  undefined")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undefined_metric_prints_and_stores_as_such() {
        let report = BinaryReport::at(0.9, &[true, false], &[0.6, 0.5], None).unwrap();
        assert!(
            report.to_string().contains("precision  undefined\n"),
            "{report}"
        );
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["precision"], serde_json::Value::Null);
        assert_eq!(json["confusion"]["fn"], 1.0);
        assert_eq!(
            serde_json::from_value::<BinaryReport>(json).unwrap(),
            report
        );
    }

    #[test]
    fn one_half_is_not_above_one_half() {
        let report = BinaryReport::new(&[true], &[0.5], None).unwrap();
        assert_eq!(report.accuracy, Some(0.0));
    }
}

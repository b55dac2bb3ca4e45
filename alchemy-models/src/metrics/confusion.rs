//! The four outcomes of a yes-or-no prediction.

use std::fmt;

use alchemy_core::Result;
use alchemy_core::stats::ExactSum;
use serde::{Deserialize, Serialize};

use super::check_rows;
use super::weights::Weights;

/// How much weight of rows fell into each pair of label and prediction; without weights, how many rows.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::ConfusionMatrix;
///
/// let matrix = ConfusionMatrix::new(&[true, true, false, false], &[true, false, false, false], None)?;
/// assert_eq!(matrix.true_positives, 1.0);
/// assert_eq!(matrix.accuracy(), Some(0.75));
/// assert_eq!(matrix.precision(), Some(1.0));
/// assert_eq!(matrix.recall(), Some(0.5));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// Negative rows that were predicted negative.
    #[serde(rename = "tn")]
    pub true_negatives: f64,
    /// Negative rows that were predicted positive.
    #[serde(rename = "fp")]
    pub false_positives: f64,
    /// Positive rows that were predicted negative.
    #[serde(rename = "fn")]
    pub false_negatives: f64,
    /// Positive rows that were predicted positive.
    #[serde(rename = "tp")]
    pub true_positives: f64,
}

impl ConfusionMatrix {
    /// Counts the outcomes of `predictions` for rows that are in truth `labels`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for slices of different lengths;
    /// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is negative or not finite.
    pub fn new(labels: &[bool], predictions: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        check_rows("predictions", predictions.len(), labels.len())?;
        let weights = Weights::new(weights, labels.len())?;
        let sum = |label: bool, prediction: bool| {
            let rows = weights
                .rows()
                .filter(|row| (labels[*row], predictions[*row]) == (label, prediction));
            rows.map(|row| weights.of(row))
                .collect::<ExactSum>()
                .value()
        };
        Ok(Self {
            true_negatives: sum(false, false),
            false_positives: sum(false, true),
            false_negatives: sum(true, false),
            true_positives: sum(true, true),
        })
    }

    /// The share of rows predicted right; `None` without rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let right = self.true_negatives + self.true_positives;
        share(right, right + self.false_positives + self.false_negatives)
    }

    /// The share of predicted positives that are positive; `None` if nothing was predicted positive.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// The share of positives that were predicted positive; `None` if nothing is positive.
    #[must_use]
    #[doc(alias = "sensitivity")]
    pub fn recall(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// The harmonic mean of precision and recall, 2 tp / (2 tp + fp + fn); `None` if nothing is or was predicted
    /// positive.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let twice = 2.0 * self.true_positives;
        share(twice, twice + self.false_positives + self.false_negatives)
    }
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, label: &str, no: f64, yes: f64| {
            writeln!(f, "{label:16}{no:>14}{yes:>14}")
        };
        writeln!(f, "{:16}{:>14}{:>14}", "", "predicted no", "predicted yes")?;
        line(f, "actually no", self.true_negatives, self.false_positives)?;
        line(f, "actually yes", self.false_negatives, self.true_positives)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_defined_is_none() {
        let nothing = ConfusionMatrix::new(&[], &[], None).unwrap();
        assert_eq!((nothing.accuracy(), nothing.f1()), (None, None));
        let never_yes = ConfusionMatrix::new(&[true, false], &[false, false], None).unwrap();
        assert_eq!(
            (never_yes.precision(), never_yes.recall(), never_yes.f1()),
            (None, Some(0.0), Some(0.0))
        );
        let no_positive = ConfusionMatrix::new(&[false], &[false], None).unwrap();
        assert_eq!((no_positive.recall(), no_positive.f1()), (None, None));
    }

    #[test]
    fn a_weight_counts_as_so_many_rows() {
        let weighted =
            ConfusionMatrix::new(&[true, false], &[true, true], Some(&[3.0, 2.0])).unwrap();
        let repeated =
            ConfusionMatrix::new(&[true, true, true, false, false], &[true; 5], None).unwrap();
        assert_eq!(weighted, repeated);
        assert_eq!(weighted.precision(), Some(0.6));
    }

    #[test]
    fn bad_weights_and_lengths_are_named() {
        let error = ConfusionMatrix::new(&[true], &[], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "parameter `predictions`: has 0 values for 1 rows"
        );
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(
                ConfusionMatrix::new(&[true], &[true], Some(&[weight])).is_err(),
                "{weight}"
            );
        }
    }
}

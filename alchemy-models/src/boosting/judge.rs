//! What rounds are judged by on the validation part.

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::custom::{CustomMetric, by_row};
use super::link::Link;
use super::loss::Loss;
use super::train::Part;
use crate::metrics::roc_auc;
use crate::sum::mean;

/// What a [`GradientBoostingClassifier`](crate::GradientBoostingClassifier) judges rounds by on the validation part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClassifierMetric {
    /// The log loss, or the mean loss of a [`CustomObjective`](crate::CustomObjective), which training lowers too. The default.
    #[default]
    Objective,
    /// The log loss; lower is better.
    LogLoss,
    /// The share of the weight of rows whose most probable class is not theirs; lower is better.
    ErrorRate,
    /// The area under the ROC curve of the higher class; higher is better. Needs two classes, both in the validation part.
    #[doc(alias = "auc")]
    RocAuc,
}

/// What a [`GradientBoostingRegressor`](crate::GradientBoostingRegressor) judges rounds by on the validation part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RegressorMetric {
    /// The metric that is named with the [`Objective`](crate::Objective), which training lowers too. The default.
    #[default]
    Objective,
    /// The root of the mean squared error of the predictions.
    Rmse,
    /// The mean absolute error of the predictions.
    Mae,
}

/// Judges the scores of the validation part.
pub(super) trait Judge: Sync {
    /// The metric of `scores`, which are by output.
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64>;

    fn is_better(&self, new: f64, best: f64) -> bool {
        new < best
    }
}

/// The metric of a loss.
pub(super) struct MeanLoss<'a>(pub(super) &'a dyn Loss);

impl Judge for MeanLoss<'_> {
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64> {
        let loss = |row: usize| match scores {
            [scores] => self.0.loss(&[scores[row]], part.targets[row]),
            _ => {
                let scores: Vec<f64> = scores.iter().map(|scores| scores[row]).collect();
                self.0.loss(&scores, part.targets[row])
            }
        };
        let mean = mean(part.targets.len(), part.weights.as_deref(), loss);
        Ok(self.0.report(mean))
    }
}

/// The error of predicted numbers.
pub(super) struct Deviation {
    pub(super) link: Link,
    pub(super) squared: bool,
}

impl Judge for Deviation {
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64> {
        let error = |row: usize| self.link.response(scores[0][row]) - part.targets[row];
        let mean_of = |value: &(dyn Fn(f64) -> f64 + Sync)| {
            mean(part.targets.len(), part.weights.as_deref(), |row| {
                value(error(row))
            })
        };
        Ok(if self.squared {
            mean_of(&|error| error * error).sqrt()
        } else {
            mean_of(&f64::abs)
        })
    }
}

/// The share of rows whose most probable class is another; ties go to the lowest class, as in predictions.
pub(super) struct ErrorRate;

impl Judge for ErrorRate {
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64> {
        let predicted = |row: usize| match scores {
            [scores] => usize::from(scores[row] > 0.0),
            _ => {
                let mut best = 0;
                for class in 1..scores.len() {
                    if scores[class][row] > scores[best][row] {
                        best = class;
                    }
                }
                best
            }
        };
        let miss = |row: usize| {
            f64::from(u8::from(
                (predicted(row) as f64 - part.targets[row]).abs() > 0.5,
            ))
        };
        Ok(mean(part.targets.len(), part.weights.as_deref(), miss))
    }
}

/// The area under the ROC curve of the one score.
pub(super) struct RocAuc;

impl Judge for RocAuc {
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64> {
        let labels: Vec<bool> = part.targets.iter().map(|target| *target > 0.5).collect();
        let area = roc_auc(&labels, &scores[0], part.weights.as_deref())?;
        area.ok_or_else(|| {
            let message = "needs rows of both classes in the validation part";
            Error::parameter("eval_metric", message)
        })
    }

    fn is_better(&self, new: f64, best: f64) -> bool {
        new > best
    }
}

/// A metric from outside the crate.
pub(super) struct Foreign<'a> {
    pub(super) metric: &'a dyn CustomMetric,
    pub(super) link: Link,
}

impl Judge for Foreign<'_> {
    fn evaluate(&self, scores: &[Vec<f64>], part: &Part) -> Result<f64> {
        let mut predictions = scores.to_vec();
        self.link.respond_to_all(&mut predictions);
        let found = self.metric.evaluate(
            &by_row(&predictions),
            &part.targets,
            part.weights.as_deref(),
        );
        if found.is_finite() {
            return Ok(found);
        }
        let message = format!("{:?} is {found}", self.metric.name());
        Err(Error::parameter("metric", message))
    }

    fn is_better(&self, new: f64, best: f64) -> bool {
        self.metric.is_better(new, best)
    }
}

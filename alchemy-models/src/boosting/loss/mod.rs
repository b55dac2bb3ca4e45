//! What boosting minimises, one file per loss.

mod absolute;
mod constants;
mod custom;
mod gamma;
mod huber;
mod logistic;
mod pinball;
mod poisson;
mod rows;
mod softmax;
mod squared;
mod tweedie;

use std::fmt::Debug;

use crate::math::narrow;
use crate::tree::gradient::Pair;

pub(crate) use absolute::Absolute;
pub(crate) use custom::Custom;
pub(crate) use gamma::Gamma;
pub(crate) use huber::Huber;
pub(crate) use logistic::Logistic;
pub(crate) use pinball::Pinball;
pub(crate) use poisson::Poisson;
pub(crate) use rows::Rows;
pub(crate) use softmax::Softmax;
pub(crate) use squared::Squared;
pub(crate) use tweedie::Tweedie;

/// The smallest hessian that a loss gives a row.
const SMALLEST_HESSIAN: f64 = 1e-16;

/// A loss of scores, of which a row has one per output, against a target.
///
/// Targets of classes are their codes. Scores and pairs are given output by output, for the same rows.
pub(crate) trait Loss: Debug + Sync {
    /// The constant score of each output that training starts from; where rows have offsets, they are added to it.
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64>;

    /// First and second derivatives of each row's loss by its scores.
    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]);

    /// The loss of a row with these scores.
    fn loss(&self, scores: &[f64], target: f64) -> f64;

    /// What is reported, given the mean of all rows' losses.
    fn report(&self, mean: f64) -> f64 {
        mean
    }

    /// The quantile of its rows' errors that a leaf takes in the end, where derivatives only tell on which side errors lie.
    fn leaf_quantile(&self) -> Option<f64> {
        None
    }

    /// Whether derivatives come from code that may give anything, and so are checked in every round.
    fn is_foreign(&self) -> bool {
        false
    }
}

/// A row's hessian as it is stored.
fn hessian(value: f64) -> f32 {
    narrow(value.max(SMALLEST_HESSIAN))
}

#[cfg(test)]
mod tests;

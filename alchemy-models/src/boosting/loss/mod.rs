//! What boosting minimises, one file per loss.

mod logistic;
mod softmax;
mod squared;

use std::fmt::Debug;

use crate::tree::gradient::Pair;

pub(crate) use logistic::Logistic;
pub(crate) use softmax::Softmax;
pub(crate) use squared::Squared;

/// The smallest hessian that a loss gives a row.
const SMALLEST_HESSIAN: f64 = 1e-16;

/// A loss of scores, of which a row has one per output, against a target.
///
/// Targets of classes are their codes. Scores and pairs are given output by output, for the same rows.
pub(crate) trait Loss: Debug + Sync {
    /// The constant score of each output that training starts from.
    fn base_scores(&self, targets: &[f64], weights: Option<&[f64]>) -> Vec<f64>;

    /// First and second derivatives of each row's loss by its scores.
    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]);

    /// The loss of a row with these scores.
    fn loss(&self, scores: &[f64], target: f64) -> f64;

    /// What is reported, given the mean of all rows' losses.
    fn report(&self, mean: f64) -> f64 {
        mean
    }
}

//! Log loss of two classes, of codes 0 and 1; the score is the log odds of class 1.

use super::{Loss, SMALLEST_HESSIAN};
use crate::math::{ln, logistic, narrow, softplus};
use crate::sum::weighted_mean;
use crate::tree::gradient::Pair;

#[derive(Debug)]
pub(crate) struct Logistic;

impl Loss for Logistic {
    fn base_scores(&self, targets: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
        let share = weighted_mean(targets, weights).clamp(1e-15, 1.0 - 1e-15);
        vec![ln(share / (1.0 - share))]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let p = logistic(*score);
            *pair = [
                narrow(p - target),
                narrow((p * (1.0 - p)).max(SMALLEST_HESSIAN)),
            ];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        softplus(scores[0]) - target * scores[0]
    }
}

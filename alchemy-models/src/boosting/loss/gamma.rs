//! Half the gamma deviance; the score is the logarithm of the mean.

use super::{Loss, Rows};
use crate::math::{exp, ln, narrow};
use crate::tree::gradient::Pair;

#[derive(Debug)]
pub(crate) struct Gamma;

impl Loss for Gamma {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.log_ratio(|target, offset| target * exp(-offset), |_, _| 1.0)]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let ratio = target * exp(-score);
            *pair = [narrow(1.0 - ratio), super::hessian(ratio)];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let log_ratio = ln(target.max(f64::MIN_POSITIVE)) - scores[0];
        exp(log_ratio) - 1.0 - log_ratio
    }

    fn report(&self, mean: f64) -> f64 {
        2.0 * mean
    }
}

//! Half the Poisson deviance; the score is the logarithm of the mean.

use super::{Loss, Rows};
use crate::math::{exp, ln, narrow};
use crate::tree::gradient::Pair;

/// What a leaf may add to the score without overshooting; the default of `LightGBM` and `XGBoost`.
const MAX_DELTA_STEP: f64 = 0.7;

/// The hessian is that at a score higher by [`MAX_DELTA_STEP`], which keeps steps short where the mean is near 0.
#[derive(Debug)]
pub(crate) struct Poisson;

impl Loss for Poisson {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.log_ratio(|target, _| target, |_, offset| exp(offset))]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        let step = exp(MAX_DELTA_STEP);
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let mean = exp(*score);
            *pair = [narrow(mean - target), super::hessian(mean * step)];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let from_target = target * (ln(target.max(f64::MIN_POSITIVE)) - scores[0]);
        from_target - target + exp(scores[0])
    }

    fn report(&self, mean: f64) -> f64 {
        2.0 * mean
    }
}

//! Half the Tweedie deviance; the score is the logarithm of the mean.

use super::{Loss, Rows};
use crate::math::{exp, ln, narrow};
use crate::tree::gradient::Pair;

/// The variance goes as the mean to the `power`, which is between 1 and 2.
#[derive(Debug)]
pub(crate) struct Tweedie {
    pub(crate) power: f64,
}

impl Loss for Tweedie {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        let [one, two] = self.exponents();
        vec![rows.log_ratio(
            |target, offset| target * exp(one * offset),
            |_, offset| exp(two * offset),
        )]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        let [one, two] = self.exponents();
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let from_target = target * exp(one * score);
            let from_mean = exp(two * score);
            *pair = [
                narrow(from_mean - from_target),
                super::hessian(two * from_mean - one * from_target),
            ];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let [one, two] = self.exponents();
        let at_best = if target > 0.0 {
            exp(two * ln(target.max(f64::MIN_POSITIVE))) / (one * two)
        } else {
            0.0
        };
        at_best - target * exp(one * scores[0]) / one + exp(two * scores[0]) / two
    }

    fn report(&self, mean: f64) -> f64 {
        2.0 * mean
    }
}

impl Tweedie {
    /// 1 and 2 less the power.
    fn exponents(&self) -> [f64; 2] {
        [1.0 - self.power, 2.0 - self.power]
    }
}

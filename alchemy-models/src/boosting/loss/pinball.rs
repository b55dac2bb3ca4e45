//! The pinball loss, whose minimum is a quantile. Trees are grown by its slopes, and leaves take that quantile of the errors
//! of their rows.

use super::{Loss, Rows};
use crate::math::narrow;
use crate::tree::gradient::Pair;

/// An error below the target costs `q` for each unit, one above it 1 - `q`.
#[derive(Debug)]
pub(crate) struct Pinball {
    pub(crate) q: f64,
}

impl Loss for Pinball {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.quantile_of_errors(self.q)]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        let slopes = [narrow(-self.q), narrow(1.0 - self.q)];
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            *pair = [slopes[usize::from(score >= target)], 1.0];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let error = target - scores[0];
        (self.q * error).max((self.q - 1.0) * error)
    }

    fn leaf_quantile(&self) -> Option<f64> {
        Some(self.q)
    }
}

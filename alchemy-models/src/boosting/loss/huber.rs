//! Huber's loss: half the squared error up to `delta`, linear beyond.

use super::{Loss, Rows};
use crate::math::narrow;
use crate::tree::gradient::Pair;

/// The hessian is 1 everywhere, as in `LightGBM`: the true one is 0 in the tails, where a leaf would take any step.
#[derive(Debug)]
pub(crate) struct Huber {
    pub(crate) delta: f64,
}

impl Loss for Huber {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.mean_error()]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            *pair = [narrow((score - target).clamp(-self.delta, self.delta)), 1.0];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let error = (scores[0] - target).abs();
        let near = error.min(self.delta);
        near * (error - near / 2.0)
    }
}

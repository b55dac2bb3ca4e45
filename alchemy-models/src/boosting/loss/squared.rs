//! Half the squared error; its mean is reported as the root of the mean squared error.

use super::{Loss, Rows};
use crate::math::narrow;
use crate::tree::gradient::Pair;

#[derive(Debug)]
pub(crate) struct Squared;

impl Loss for Squared {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.mean_error()]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        let rows = pairs[0].iter_mut().zip(scores[0]).zip(targets);
        rows.for_each(|((pair, score), target)| *pair = [narrow(score - target), 1.0]);
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        (scores[0] - target).powi(2) / 2.0
    }

    fn report(&self, mean: f64) -> f64 {
        (2.0 * mean).sqrt()
    }
}

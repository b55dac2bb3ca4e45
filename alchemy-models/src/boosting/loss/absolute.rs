//! The absolute error. Trees are grown by its sign, and leaves take the median error of their rows.

use super::{Loss, Rows};
use crate::tree::gradient::Pair;

#[derive(Debug)]
pub(crate) struct Absolute;

impl Loss for Absolute {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        vec![rows.quantile_of_errors(0.5)]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let above = f32::from(i8::from(score > target) - i8::from(score < target));
            *pair = [above, 1.0];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        (scores[0] - target).abs()
    }

    fn leaf_quantile(&self) -> Option<f64> {
        Some(0.5)
    }
}

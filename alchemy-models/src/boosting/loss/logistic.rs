//! Log loss of two classes, of codes 0 and 1; the score is the log odds of class 1.

use super::{Loss, Rows};
use crate::math::{ln, logistic, narrow, softplus};
use crate::sum::{sum, weighted_mean};
use crate::tree::gradient::Pair;

/// Newton steps at most for the base score over offsets; a handful is the rule.
const MAX_STEPS: usize = 100;

/// The base score over offsets is sought within this distance of 0, beyond which probabilities are 0 or 1.
const FARTHEST: f64 = 400.0;

#[derive(Debug)]
pub(crate) struct Logistic;

impl Loss for Logistic {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        if !rows.offsets.is_empty() {
            return vec![base_over_offsets(rows)];
        }
        let share = weighted_mean(rows.targets, rows.weights).clamp(1e-15, 1.0 - 1e-15);
        vec![ln(share / (1.0 - share))]
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        for ((pair, score), target) in pairs[0].iter_mut().zip(scores[0]).zip(targets) {
            let p = logistic(*score);
            *pair = [narrow(p - target), super::hessian(p * (1.0 - p))];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        softplus(scores[0]) - target * scores[0]
    }
}

/// The constant that, added to every offset, minimises the loss: Newton's steps, halved into the bracket where they leave it.
fn base_over_offsets(rows: &Rows<'_>) -> f64 {
    let [mut low, mut high] = [-FARTHEST, FARTHEST];
    let mut base = 0.0;
    for _ in 0..MAX_STEPS {
        let p = |row: usize| logistic(base + rows.offset(row));
        let slope = sum(rows.targets.len(), |row| {
            rows.weight(row) * (p(row) - rows.targets[row])
        });
        let curvature = sum(rows.targets.len(), |row| {
            rows.weight(row) * p(row) * (1.0 - p(row))
        });
        if slope > 0.0 {
            high = base;
        } else {
            low = base;
        }
        let newton = base - slope / curvature;
        let next = if newton > low && newton < high {
            newton
        } else {
            low.midpoint(high)
        };
        let moved = (next - base).abs();
        base = next;
        if moved <= 1e-12 * (1.0 + base.abs()) {
            break;
        }
    }
    base
}

//! Log loss of several classes; the scores are log probabilities up to a constant of the row.

use super::constants::constants_over_offsets;
use super::{Loss, Rows};
use crate::math::{exp, ln, narrow};
use crate::sum::weighted_mean;
use crate::tree::gradient::Pair;

/// The log loss of `num_classes` classes.
///
/// The hessian is the diagonal of the true one, as in scikit-learn. `LightGBM` multiplies it by K / (K - 1) for K classes (Friedman,
/// 2001), which makes steps smaller: on its own multiclass example the held-out loss after 100 rounds is 1.14 then, and 1.10 so.
#[derive(Debug)]
pub(crate) struct Softmax {
    pub(crate) num_classes: usize,
}

impl Loss for Softmax {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        let share = |class: usize| {
            let is_class: Vec<f64> = rows
                .targets
                .iter()
                .map(|target| indicator(*target, class))
                .collect();
            weighted_mean(&is_class, rows.weights)
        };
        let shares = (0..self.num_classes).map(|class| share(class).max(1e-15));
        if rows.offsets.is_empty() {
            return shares.map(ln).collect();
        }
        constants_over_offsets(rows, &shares.collect::<Vec<_>>())
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        let mut exps = vec![0.0; self.num_classes];
        for (row, target) in targets.iter().enumerate() {
            let highest = scores.iter().fold(f64::NEG_INFINITY, |highest, scores| {
                highest.max(scores[row])
            });
            let mut sum = 0.0;
            for (e, scores) in exps.iter_mut().zip(scores) {
                *e = exp(scores[row] - highest);
                sum += *e;
            }
            for (class, (pairs, e)) in pairs.iter_mut().zip(&exps).enumerate() {
                let p = e / sum;
                let hit = indicator(*target, class);
                pairs[row] = [narrow(p - hit), super::hessian(p * (1.0 - p))];
            }
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|score| exp(score - highest)).sum();
        let own = scores
            .iter()
            .enumerate()
            .find(|(class, _)| indicator(target, *class) > 0.0);
        own.map_or(0.0, |(_, score)| highest + ln(sum) - score)
    }
}

/// 1 if `target` is the code of `class`, else 0.
fn indicator(target: f64, class: usize) -> f64 {
    f64::from(u8::from((target - class as f64).abs() < 0.5))
}

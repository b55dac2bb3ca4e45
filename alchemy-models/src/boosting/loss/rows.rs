//! What a loss sees of the training rows to find the score that training starts from.

use crate::math::ln;
use crate::sum::{mean, sum};

/// Bounds of a mean that is taken on the log scale: far within the numbers that `exp` gives back.
const LOG_DOMAIN: [f64; 2] = [1e-300, 1e300];

/// Targets with the weights and offsets of their rows, where there are any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) targets: &'a [f64],
    pub(crate) weights: Option<&'a [f64]>,
    /// By output; empty without offsets.
    pub(crate) offsets: &'a [Vec<f64>],
}

impl Rows<'_> {
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// That of the one output.
    pub(super) fn offset(&self, row: usize) -> f64 {
        self.offsets.first().map_or(0.0, |offsets| offsets[row])
    }

    /// The mean of what the offsets leave to be learned.
    pub(super) fn mean_error(&self) -> f64 {
        let error = |row: usize| self.targets[row] - self.offset(row);
        mean(self.targets.len(), self.weights, error)
    }

    /// The `q` quantile of what the offsets leave to be learned.
    pub(super) fn quantile_of_errors(&self, q: f64) -> f64 {
        let rows = 0..self.targets.len();
        let error = |row: usize| self.targets[row] - self.offset(row);
        crate::boosting::quantile::of_rows(rows, error, self.weights, q)
    }

    /// The logarithm of the weighted sum of `above` over that of `below`, each of a row's target and offset.
    pub(super) fn log_ratio(
        &self,
        above: impl Fn(f64, f64) -> f64 + Sync,
        below: impl Fn(f64, f64) -> f64 + Sync,
    ) -> f64 {
        let total = |value: &(dyn Fn(f64, f64) -> f64 + Sync)| {
            sum(self.targets.len(), |row| match self.weight(row) {
                weight if weight > 0.0 => weight * value(self.targets[row], self.offset(row)),
                _ => 0.0,
            })
        };
        ln((total(&above) / total(&below)).clamp(LOG_DOMAIN[0], LOG_DOMAIN[1]))
    }
}

//! How much each row counts in a metric.

use alchemy_core::stats::ExactSum;
use alchemy_core::{Error, Result};

use super::check_rows;

/// Checked row weights; without any, each row weighs 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<'a> {
    weights: Option<&'a [f64]>,
    rows: usize,
}

impl<'a> Weights<'a> {
    pub(super) fn new(weights: Option<&'a [f64]>, rows: usize) -> Result<Self> {
        if let Some(weights) = weights {
            check_rows("weights", weights.len(), rows)?;
            if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
                let found = weights[row].to_string();
                return Err(Error::value(
                    "weights",
                    row as u64,
                    &found,
                    "finite and at least 0",
                ));
            }
        }
        Ok(Self { weights, rows })
    }

    pub(super) fn of(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// The rows that have weight.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        (0..self.rows).filter(|row| self.of(*row) > 0.0)
    }

    /// The weighted mean of `value(row)` over the rows that have weight, if there are any and it is finite.
    pub(super) fn mean(&self, value: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut total) = (ExactSum::new(), ExactSum::new());
        for row in self.rows() {
            let value = value(row);
            // An exact sum leaves NaN out.
            if value.is_nan() {
                return None;
            }
            sum.add(self.of(row) * value);
            total.add(self.of(row));
        }
        Some(sum.value() / total.value()).filter(|mean| mean.is_finite())
    }
}

//! The mean of a number: splits lower the squared error.

use super::outcome::Outcome;
use crate::tree::gradient::{Moments, Scale};

/// The targets of a bag, and sums of (weight x target, weight) as rounded on `scale`.
///
/// Splits are found on the rounded targets; the value of a leaf is the mean of the targets themselves.
#[derive(Debug)]
pub(super) struct Mean<'a, C> {
    pub(super) targets: &'a [f64],
    pub(super) weights: &'a [f64],
    pub(super) cells: Vec<C>,
    pub(super) scale: Scale,
}

impl<C: Moments> Outcome for Mean<'_, C> {
    type Cell = C;

    fn cells(&self) -> Vec<C> {
        self.cells.clone()
    }

    /// The squared sum over the weight: the sum of squared errors goes down by as much as this goes up.
    fn worth(&self, total: C) -> f64 {
        let [sum, weight] = total.sums();
        let [sum, weight] = [
            sum as f64 * self.scale.units[0],
            weight as f64 * self.scale.units[1],
        ];
        sum * sum / weight
    }

    fn weight(&self, total: C) -> f64 {
        total.sums()[1] as f64 * self.scale.units[1]
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        let first = rows.first().map(|row| self.targets[*row as usize]);
        rows.iter()
            .all(|row| Some(self.targets[*row as usize]) == first)
    }

    fn num_values(&self) -> usize {
        1
    }

    fn write_leaf(&self, rows: &[u32], values: &mut [f64]) {
        let (mut sum, mut weight) = (0.0, 0.0);
        for row in rows.iter().map(|row| *row as usize) {
            sum += self.weights[row] * self.targets[row];
            weight += self.weights[row];
        }
        values[0] = sum / weight;
    }
}

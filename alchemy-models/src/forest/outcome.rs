//! What a forest predicts, as its trees see it.

use crate::tree::cell::{Cell, Counted};
use crate::tree::split::Criterion;

/// The target of the rows in a bag, which are numbered from 0.
pub(super) trait Outcome: Sync {
    /// What a histogram adds up.
    type Cell: Cell;

    /// What each row adds.
    fn cells(&self) -> Vec<Self::Cell>;

    /// How well one prediction fits rows that add up to `total`, comparable between ways to part the same rows.
    fn worth(&self, total: Self::Cell) -> f64;

    /// Whether rows that add up to `side` may be a side of a split.
    fn allows(&self, _side: Self::Cell) -> bool {
        true
    }

    /// The weight of rows that add up to `total`.
    fn weight(&self, total: Self::Cell) -> f64;

    /// Whether `rows` all have the same target, so that no split can do better.
    fn is_pure(&self, rows: &[u32]) -> bool;

    /// How many values a leaf has.
    fn num_values(&self) -> usize;

    /// Writes what a leaf of `rows` predicts.
    fn write_leaf(&self, rows: &[u32], values: &mut [f64]);
}

/// Splits by the worth of their sides.
#[derive(Debug)]
pub(super) struct ByWorth<'a, O>(pub(super) &'a O);

impl<O: Outcome> Criterion<O::Cell> for ByWorth<'_, O> {
    fn worth(&self, left: O::Cell, right: O::Cell) -> Option<f64> {
        let allowed = self.0.allows(left) && self.0.allows(right);
        allowed.then(|| self.0.worth(left) + self.0.worth(right))
    }
}

/// An outcome whose splits leave at least `rows` rows on each side.
#[derive(Debug)]
pub(super) struct AtLeast<O> {
    pub(super) rows: usize,
    pub(super) outcome: O,
}

impl<O: Outcome> Outcome for AtLeast<O> {
    type Cell = Counted<O::Cell>;

    fn cells(&self) -> Vec<Self::Cell> {
        self.outcome
            .cells()
            .into_iter()
            .map(|cell| Counted { cell, rows: 1 })
            .collect()
    }

    fn worth(&self, total: Self::Cell) -> f64 {
        self.outcome.worth(total.cell)
    }

    fn allows(&self, side: Self::Cell) -> bool {
        side.rows as usize >= self.rows && self.outcome.allows(side.cell)
    }

    fn weight(&self, total: Self::Cell) -> f64 {
        self.outcome.weight(total.cell)
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        self.outcome.is_pure(rows)
    }

    fn num_values(&self) -> usize {
        self.outcome.num_values()
    }

    fn write_leaf(&self, rows: &[u32], values: &mut [f64]) {
        self.outcome.write_leaf(rows, values);
    }
}

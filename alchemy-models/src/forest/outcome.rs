//! What a forest predicts, as its trees see it.

use crate::tree::cell::{Cell, Counted};

/// The target of the rows of a table.
pub(super) trait Target: Sync {
    /// Whether `rows` all have the same target, so that no split can do better.
    fn is_pure(&self, rows: impl Iterator<Item = usize>) -> bool;

    /// How many values a leaf has.
    fn num_values(&self) -> usize;

    /// Writes what a leaf of `rows` predicts.
    fn write_leaf(&self, rows: impl Iterator<Item = usize>, values: &mut [f64]);
}

/// A target as the sums that splits are found by.
pub(super) trait Outcome: Sync {
    type Target: Target;
    /// What a row adds to a sum.
    type Row: Copy + Default + Send + Sync;
    /// A sum over rows.
    type Cell: Cell;

    fn target(&self) -> &Self::Target;

    fn put(cell: &mut Self::Cell, row: Self::Row);

    /// How much better the two sides of a split fit than the whole, if `left` of the rows that add up to `total` go left;
    /// negative if that is not allowed. Neither side is empty.
    fn gain(&self, left: Self::Cell, total: Self::Cell) -> f64;

    /// The weight of rows that add up to `total`.
    fn weight(&self, total: Self::Cell) -> f64;
}

/// An outcome whose splits leave at least `rows` rows on each side.
#[derive(Debug)]
pub(super) struct AtLeast<O> {
    pub(super) rows: u32,
    pub(super) outcome: O,
}

impl<O: Outcome> Outcome for AtLeast<O> {
    type Target = O::Target;
    type Row = O::Row;
    type Cell = Counted<O::Cell>;

    fn target(&self) -> &O::Target {
        self.outcome.target()
    }

    fn put(cell: &mut Self::Cell, row: O::Row) {
        O::put(&mut cell.cell, row);
        cell.rows += 1;
    }

    fn gain(&self, left: Self::Cell, total: Self::Cell) -> f64 {
        let fewest = left.rows.min(total.rows - left.rows);
        let gain = self.outcome.gain(left.cell, total.cell);
        if fewest < self.rows { -1.0 } else { gain }
    }

    fn weight(&self, total: Self::Cell) -> f64 {
        self.outcome.weight(total.cell)
    }
}

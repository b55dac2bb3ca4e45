//! What a histogram adds up.

use std::fmt::Debug;

/// A sum over rows whose parts may be added in any order.
pub(crate) trait Cell: Copy + Default + PartialEq + Debug + Send + Sync {
    fn add(&mut self, other: Self);
    fn subtract(&mut self, other: Self);

    /// Whether no row is in it.
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A cell that also counts its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counted<C> {
    pub(crate) cell: C,
    pub(crate) rows: u32,
}

impl<C: Cell> Cell for Counted<C> {
    fn add(&mut self, other: Self) {
        self.cell.add(other.cell);
        self.rows += other.rows;
    }

    fn subtract(&mut self, other: Self) {
        self.cell.subtract(other.cell);
        self.rows -= other.rows;
    }
}

//! The rows in which some cell is missing.

use alchemy_core::arrow::array::{Array, ArrayRef, UInt64Array};
use alchemy_core::arrow::buffer::NullBuffer;

/// Which rows of several columns have a missing cell, and where each stands among them.
pub(crate) struct Incomplete {
    rows: UInt64Array,
    positions: UInt64Array,
}

impl Incomplete {
    /// Of plain `columns`; `None` if no cell is missing.
    pub(crate) fn of(columns: &[ArrayRef]) -> Option<Self> {
        let complete = columns.iter().fold(None, |complete, column| {
            NullBuffer::union(complete.as_ref(), column.nulls())
        });
        let complete = complete.filter(|complete| complete.null_count() > 0)?;
        let mut rows = Vec::with_capacity(complete.null_count());
        let position = |(row, complete): (usize, bool)| {
            (!complete).then(|| {
                rows.push(row as u64);
                rows.len() as u64 - 1
            })
        };
        let positions = complete.iter().enumerate().map(position).collect();
        Some(Self {
            rows: rows.into(),
            positions,
        })
    }

    /// The rows, in order.
    pub(crate) fn rows(&self) -> &UInt64Array {
        &self.rows
    }

    /// For each row of the table where it stands among the incomplete ones; null for a complete one.
    pub(crate) fn positions(&self) -> &UInt64Array {
        &self.positions
    }
}

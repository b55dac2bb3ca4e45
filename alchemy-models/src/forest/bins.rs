//! Bins of rows, whichever way they lie in memory.

use crate::binning::BinnedMatrix;

/// Up to so many columns a row's bins lie together, in one cache line; with more of them a few are drawn for a node, and
/// reading these column by column touches less memory.
const ROW_BY_ROW: usize = 64;

/// A table of bins, borrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bins<'a> {
    bytes: &'a [u8],
    /// From a row to the next, and from a column to the next.
    steps: [usize; 2],
}

/// A table of bins, row by row.
#[derive(Debug, Default)]
pub(super) struct RowBins {
    bytes: Vec<u8>,
    width: usize,
}

impl RowBins {
    /// A copy of `matrix`, or `None` if it has too many columns.
    pub(super) fn new(matrix: &BinnedMatrix) -> Option<Self> {
        let width = usize::from(matrix.num_columns()).max(1);
        if width > ROW_BY_ROW {
            return None;
        }
        let rows: Vec<u32> = (0u32..).take(matrix.num_rows()).collect();
        let mut bins = Self::default();
        bins.copy(Bins::by_column(matrix), width, &rows);
        Some(bins)
    }

    /// Becomes a copy of `rows` of `bins`, which has `width` columns.
    pub(super) fn copy(&mut self, bins: Bins<'_>, width: usize, rows: &[u32]) {
        self.width = width;
        self.bytes.clear();
        if bins.steps[1] == 1 {
            for row in rows {
                let start = *row as usize * bins.steps[0];
                self.bytes
                    .extend_from_slice(&bins.bytes[start..start + width]);
            }
            return;
        }
        self.bytes.resize(rows.len() * width, 0);
        for column in 0..width {
            let cells = self.bytes.iter_mut().skip(column).step_by(width);
            let bins = bins.column(column);
            for (cell, row) in cells.zip(rows) {
                *cell = bins.of(*row);
            }
        }
    }

    pub(super) fn bins(&self) -> Bins<'_> {
        Bins {
            bytes: &self.bytes,
            steps: [self.width, 1],
        }
    }
}

impl<'a> Bins<'a> {
    pub(super) fn by_column(matrix: &'a BinnedMatrix) -> Self {
        Self {
            bytes: matrix.bytes(),
            steps: [1, matrix.num_rows()],
        }
    }

    pub(super) fn column(self, column: usize) -> ColumnBins<'a> {
        ColumnBins {
            bytes: &self.bytes[column * self.steps[1]..],
            step: self.steps[0],
        }
    }
}

/// The bins of one column.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnBins<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl ColumnBins<'_> {
    #[inline]
    pub(super) fn of(self, row: u32) -> u8 {
        self.bytes[row as usize * self.step]
    }
}

//! Rows as bins, column by column.

use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;

use super::{FeatureBins, MISSING};
use crate::table::{Column, Piece};

/// The bins of all rows, one byte per row and column.
#[derive(Debug, Clone)]
pub(crate) struct BinnedMatrix {
    num_rows: usize,
    num_columns: u16,
    num_bins: Vec<usize>,
    /// Column after column; one column of bin 0 if there is none, since a walk that stands on a leaf looks at column 0.
    bytes: Vec<u8>,
}

impl BinnedMatrix {
    /// The rows of `pieces` by the varying features `columns`.
    ///
    /// # Errors
    ///
    /// As [`blank`](Self::blank) and [`fill`](Self::fill).
    pub(crate) fn new(columns: &[(&FeatureBins, Column)], pieces: &[Piece]) -> Result<Self> {
        let num_rows = pieces.iter().map(|piece| piece.len).sum();
        let num_bins = columns.iter().map(|(feature, _)| feature.num_bins());
        let mut matrix = Self::blank(num_rows, num_bins.collect())?;
        matrix.fill(0, columns, pieces)?;
        Ok(matrix)
    }

    /// Room for `num_rows` rows by columns of so many bins, all of them bin 0.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] beyond 65535 columns.
    pub(crate) fn blank(num_rows: usize, num_bins: Vec<usize>) -> Result<Self> {
        let num_columns = u16::try_from(num_bins.len()).map_err(|_| {
            let message = format!("{} columns vary, more than 65535", num_bins.len());
            Error::parameter("features", message)
        })?;
        Ok(Self {
            num_rows,
            num_columns,
            bytes: vec![MISSING; num_rows * num_bins.len().max(1)],
            num_bins,
        })
    }

    /// Puts the rows of `pieces` by the varying features `columns` in place, the first as row `first_row`; a task is one
    /// column of one piece.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] for a column of another kind than its bins were learned from.
    pub(crate) fn fill(
        &mut self,
        first_row: usize,
        columns: &[(&FeatureBins, Column)],
        pieces: &[Piece],
    ) -> Result<()> {
        let mut tasks = Vec::with_capacity(columns.len() * pieces.len());
        let bytes = self.bytes.chunks_exact_mut(self.num_rows.max(1));
        for (bytes, (feature, column)) in bytes.zip(columns) {
            let mut rest = &mut bytes[first_row..];
            for piece in pieces {
                let (bins, after) = rest.split_at_mut(piece.len);
                tasks.push((feature, column, piece, bins));
                rest = after;
            }
        }
        let filled = tasks.into_par_iter().map(|(feature, column, piece, bins)| {
            let array = column.arrays()[piece.batch].slice(piece.start, piece.len);
            feature.bins(&column.name, &array, bins)
        });
        try_collect(filled).map(|_| ())
    }

    pub(crate) fn num_rows(&self) -> usize {
        self.num_rows
    }

    pub(crate) fn num_columns(&self) -> u16 {
        self.num_columns
    }

    /// Number of bins of each column, the one of missing values included.
    pub(crate) fn num_bins(&self) -> &[usize] {
        &self.num_bins
    }

    /// The bins of `column`, row by row.
    pub(crate) fn column(&self, column: u16) -> &[u8] {
        &self.bytes[usize::from(column) * self.num_rows..][..self.num_rows]
    }

    /// All bins, column after column.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bin(&self, row: usize, column: u16) -> u8 {
        self.bytes[usize::from(column) * self.num_rows + row]
    }
}

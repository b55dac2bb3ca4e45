//! Rows as bins, laid out for histograms.

use rayon::prelude::*;

use super::{BinnedMatrix, MISSING, ROWS_PER_TASK};

/// Columns of a tile: one cache line holds two rows, and the histogram of a tile stays in the second-level cache.
const TILE_COLUMNS: usize = 32;

/// A tile's rows are padded to a multiple of so many columns, so that few widths need a kernel of their own.
const WIDTH_STEP: usize = 4;

/// A copy of a [`BinnedMatrix`] in tiles of 32 columns, row by row inside a tile: a histogram reads a row's bins together.
#[derive(Debug, Clone)]
pub(crate) struct RowTiles {
    num_bins: Vec<usize>,
    tiles: Vec<Tile>,
}

/// Up to 32 neighbouring columns. Columns that pad a tile hold bin 0 only.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    pub(crate) width: usize,
    pub(crate) bytes: Vec<u8>,
}

impl RowTiles {
    pub(crate) fn new(matrix: &BinnedMatrix) -> Self {
        let columns: Vec<&[u8]> = (0..matrix.num_columns())
            .map(|column| matrix.column(column))
            .collect();
        // A tile without a column is made of padding: its histogram still tells the sum over all rows.
        let mut groups: Vec<&[&[u8]]> = columns.chunks(TILE_COLUMNS).collect();
        if groups.is_empty() {
            groups.push(&[]);
        }
        let tiles: Vec<Tile> = groups
            .into_iter()
            .map(|columns| Tile::new(columns, matrix.num_rows()))
            .collect();
        let padding = tiles.iter().map(|tile| tile.width).sum::<usize>() - columns.len();
        let num_bins = matrix
            .num_bins()
            .iter()
            .copied()
            .chain(std::iter::repeat_n(1, padding))
            .collect();
        Self { num_bins, tiles }
    }

    pub(crate) fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Number of bins that each column has, those that pad a tile included.
    pub(crate) fn num_bins(&self) -> &[usize] {
        &self.num_bins
    }
}

impl Tile {
    fn new(columns: &[&[u8]], num_rows: usize) -> Self {
        let width = columns.len().max(1).next_multiple_of(WIDTH_STEP);
        let mut bytes = vec![MISSING; num_rows * width];
        let blocks = bytes.par_chunks_mut(ROWS_PER_TASK * width).enumerate();
        blocks.for_each(|(block, bytes)| {
            let rows = block * ROWS_PER_TASK..num_rows.min((block + 1) * ROWS_PER_TASK);
            for (offset, column) in columns.iter().enumerate() {
                let cells = bytes.iter_mut().skip(offset).step_by(width);
                cells
                    .zip(&column[rows.clone()])
                    .for_each(|(cell, bin)| *cell = *bin);
            }
        });
        Self { width, bytes }
    }
}

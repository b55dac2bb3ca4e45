//! Rows as bins, laid out for histograms.

use alchemy_core::{Error, Result};
use rayon::prelude::*;

use super::{FeatureBins, MISSING};
use crate::table::{Column, Piece};

/// Columns of a tile: one cache line holds two rows, and the histogram of a tile stays in the second-level cache.
const TILE_COLUMNS: usize = 32;

/// A tile's rows are padded to a multiple of so many columns, so that few widths need a kernel of their own.
const WIDTH_STEP: usize = 4;

/// Bins of all rows: tiles of 32 columns, row by row inside a tile, one byte per row and column.
#[derive(Debug, Clone)]
pub(crate) struct BinnedMatrix {
    num_rows: usize,
    num_columns: u16,
    num_bins: Vec<usize>,
    tiles: Vec<Tile>,
}

/// Up to 32 neighbouring columns. Columns that pad a tile hold bin 0 only.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    pub(crate) width: usize,
    pub(crate) bytes: Vec<u8>,
}

impl BinnedMatrix {
    /// The rows of `pieces`, one task each, by the varying features `columns`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] for a column of another kind than its bins were learned from, [`Error::InvalidParameter`] beyond
    /// 65 535 columns.
    pub(crate) fn new(columns: &[(&FeatureBins, Column)], pieces: &[Piece]) -> Result<Self> {
        let num_rows = pieces.iter().map(|piece| piece.len).sum();
        let num_columns = u16::try_from(columns.len()).map_err(|_| {
            Error::parameter(
                "features",
                format!("{} columns vary, more than 65535", columns.len()),
            )
        })?;
        let mut tiles = empty_tiles(columns.len(), num_rows);
        let mut tasks = Vec::with_capacity(tiles.len() * pieces.len());
        for (tile, columns) in tiles.iter_mut().zip(columns.chunks(TILE_COLUMNS)) {
            let mut rest = tile.bytes.as_mut_slice();
            for piece in pieces {
                let (rows, after) = rest.split_at_mut(piece.len * tile.width);
                tasks.push((*piece, columns, tile.width, rows));
                rest = after;
            }
        }
        tasks
            .into_par_iter()
            .try_for_each(|(piece, columns, width, rows)| fill(piece, columns, width, rows))?;
        let num_bins = columns
            .iter()
            .map(|(feature, _)| feature.num_bins())
            .collect();
        Ok(Self {
            num_rows,
            num_columns,
            num_bins,
            tiles,
        })
    }

    /// A copy of `rows`, in their order.
    pub(crate) fn select(&self, rows: &[u32]) -> Self {
        let select = |tile: &Tile| {
            let mut bytes = Vec::with_capacity(rows.len() * tile.width);
            rows.iter()
                .for_each(|row| bytes.extend_from_slice(tile.row(*row as usize)));
            Tile {
                width: tile.width,
                bytes,
            }
        };
        Self {
            num_rows: rows.len(),
            num_columns: self.num_columns,
            num_bins: self.num_bins.clone(),
            tiles: self.tiles.iter().map(select).collect(),
        }
    }

    pub(crate) fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// Number of bins of each column, the one of missing values included.
    pub(crate) fn num_bins(&self) -> &[usize] {
        &self.num_bins
    }

    pub(crate) fn num_columns(&self) -> u16 {
        self.num_columns
    }

    /// At least one, even without a column.
    pub(crate) fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// The bins of `column`, to be asked for row by row.
    pub(crate) fn column(&self, column: u16) -> BinnedColumn<'_> {
        let column = usize::from(column);
        let tile = &self.tiles[column / TILE_COLUMNS];
        BinnedColumn {
            bytes: &tile.bytes,
            width: tile.width,
            offset: column % TILE_COLUMNS,
        }
    }

    pub(crate) fn bin(&self, row: usize, column: u16) -> u8 {
        self.column(column).bin(row)
    }
}

impl Tile {
    fn row(&self, row: usize) -> &[u8] {
        &self.bytes[row * self.width..][..self.width]
    }
}

/// One column of a [`BinnedMatrix`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BinnedColumn<'a> {
    bytes: &'a [u8],
    width: usize,
    offset: usize,
}

impl BinnedColumn<'_> {
    pub(crate) fn bin(&self, row: usize) -> u8 {
        self.bytes[row * self.width + self.offset]
    }
}

fn empty_tiles(num_columns: usize, num_rows: usize) -> Vec<Tile> {
    (0..num_columns.max(1))
        .step_by(TILE_COLUMNS)
        .map(|first| {
            let columns = (num_columns - first).clamp(1, TILE_COLUMNS);
            let width = columns.next_multiple_of(WIDTH_STEP);
            Tile {
                width,
                bytes: vec![MISSING; num_rows * width],
            }
        })
        .collect()
}

/// Bins the rows of `piece` into `rows`, which holds [`MISSING`].
fn fill(
    piece: Piece,
    columns: &[(&FeatureBins, Column)],
    width: usize,
    rows: &mut [u8],
) -> Result<()> {
    for (offset, (feature, column)) in columns.iter().enumerate() {
        let array = column.arrays()[piece.batch].slice(piece.start, piece.len);
        feature.for_each_bin(&column.name, &array, |row, bin| {
            rows[row * width + offset] = bin;
        })?;
    }
    Ok(())
}

//! What the steps of trees compare: bins of columns, as they are or less one.

use std::collections::HashMap;
use std::ops::Range;

use alchemy_core::Result;

use crate::binning::{BinnedMatrix, FeatureBins, MISSING};
use crate::table::{Column, Piece};

/// Rows that take the steps of a tree together.
pub(super) const ROWS: usize = 256;

/// One byte for each row of a block.
pub(super) type Block = [u8; ROWS];

/// A column's bins less a bias of 0 or 1, in wrapping arithmetic: a bias of 1 sends missing values, which are bin 0, to
/// the right of every threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Plane {
    column: u16,
    bias: u8,
}

/// The planes that some trees read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Planes {
    planes: Vec<Plane>,
    places: HashMap<Plane, u32>,
}

impl Planes {
    /// The place of a plane, which is added if it is new.
    pub(super) fn find(&mut self, column: u16, bias: u8) -> u32 {
        let plane = Plane { column, bias };
        let Self { planes, places } = self;
        *places.entry(plane).or_insert_with(|| {
            planes.push(plane);
            // At most twice as many as there are columns.
            u32::try_from(planes.len() - 1).unwrap_or(u32::MAX)
        })
    }

    pub(super) fn len(&self) -> usize {
        self.planes.len()
    }

    /// The planes of one row, whose bins are `bins`.
    pub(super) fn of_row(&self, bins: &[u8], planes: &mut [u8]) {
        for (out, plane) in planes.iter_mut().zip(&self.planes) {
            *out = bins[usize::from(plane.column)].wrapping_sub(plane.bias);
        }
    }

    /// The planes of a block of `rows` of `matrix`, of which there may be fewer than a block has.
    pub(super) fn of_binned(
        &self,
        matrix: &BinnedMatrix,
        rows: Range<usize>,
        blocks: &mut [Block],
    ) {
        for (block, plane) in blocks.iter_mut().zip(&self.planes) {
            let bins = &matrix.column(plane.column)[rows.clone()];
            for (out, bin) in block.iter_mut().zip(bins) {
                *out = bin.wrapping_sub(plane.bias);
            }
        }
    }

    /// The planes of the rows of `piece`, block after block; the last block ends in rows of missing values.
    ///
    /// # Errors
    ///
    /// As [`FeatureBins::bins`].
    pub(super) fn of_rows(
        &self,
        columns: &[(&FeatureBins, Column)],
        piece: Piece,
    ) -> Result<Vec<Block>> {
        // A column that no tree reads has to be of its kind all the same.
        for (feature, values) in columns {
            let none = values.arrays()[piece.batch].slice(piece.start, 0);
            feature.bins(&values.name, &none, &mut [])?;
        }
        let mut blocks = vec![[0; ROWS]; piece.len.div_ceil(ROWS) * self.len()];
        let mut bins = vec![MISSING; piece.len];
        let mut filled = vec![false; self.len()];
        for first in 0..self.len() {
            if filled[first] {
                continue;
            }
            let column = self.planes[first].column;
            let (feature, values) = &columns[usize::from(column)];
            let array = values.arrays()[piece.batch].slice(piece.start, piece.len);
            feature.bins(&values.name, &array, &mut bins)?;
            for bias in [0, 1] {
                let Some(place) = self.places.get(&Plane { column, bias }) else {
                    continue;
                };
                let place = *place as usize;
                filled[place] = true;
                let blocks = blocks.iter_mut().skip(place).step_by(self.len());
                for (block, bins) in blocks.zip(bins.chunks(ROWS)) {
                    for (out, bin) in block.iter_mut().zip(bins) {
                        *out = bin.wrapping_sub(bias);
                    }
                }
            }
        }
        Ok(blocks)
    }
}

//! What the steps of trees compare: bins of columns, as they are or less one, and whether a bin is in a set.

use std::collections::HashMap;
use std::ops::Range;

use alchemy_core::Result;

use crate::binning::{BinnedMatrix, FeatureBins, MISSING};
use crate::table::{Column, Piece};
use crate::tree::bin_set::BinSet;
use crate::tree::node::{Cut, Rule};

/// Rows that take the steps of a tree together.
pub(super) const ROWS: usize = 256;

/// One byte of a plane for each row of a block, [less 128](less_128).
pub(super) type Block = [i8; ROWS];

/// Planes and what they are compared with are less 128: vectors compare bytes with a sign in one instruction, and others in two.
pub(super) fn less_128(byte: u8) -> i8 {
    (byte ^ 0x80).cast_signed()
}

/// What a step compares, and from which column it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Plane {
    column: u16,
    compared: Compared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Compared {
    /// The bins, in which missing values, being bin 0, are below all others.
    Bins,
    /// The bins less 1 in wrapping arithmetic, in which missing values are above all others.
    BinsLessOne,
    /// 1 for the bins in the set, 0 for others.
    InSet(BinSet),
}

impl Compared {
    /// Of `bin`.
    fn of(&self, bin: u8) -> u8 {
        match self {
            Self::Bins => bin,
            Self::BinsLessOne => bin.wrapping_sub(1),
            Self::InSet(set) => u8::from(set.contains(bin)),
        }
    }

    /// Of every one of `bins`, for a block.
    fn write(&self, bins: &[u8], out: &mut [i8]) {
        let pairs = out.iter_mut().zip(bins);
        match self {
            Self::Bins => pairs.for_each(|(out, bin)| *out = less_128(*bin)),
            Self::BinsLessOne => pairs.for_each(|(out, bin)| *out = less_128(bin.wrapping_sub(1))),
            Self::InSet(set) => {
                let table = set.table();
                pairs.for_each(|(out, bin)| *out = less_128(table[usize::from(*bin)]));
            }
        }
    }
}

/// The planes that some trees read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Planes {
    planes: Vec<Plane>,
    places: HashMap<Plane, u32>,
    /// The places of all planes, those of one column side by side.
    by_column: Vec<u32>,
}

impl Planes {
    /// The place of the plane that `rule` reads, which is added if it is new, and the threshold above which rows go right.
    pub(super) fn find(&mut self, rule: Rule) -> (u32, i8) {
        let (compared, threshold) = match rule {
            Rule::Cut(Cut {
                bin, missing_left, ..
            }) => {
                if missing_left {
                    (Compared::Bins, bin)
                } else {
                    (Compared::BinsLessOne, bin.wrapping_sub(1))
                }
            }
            Rule::Set(set) => (Compared::InSet(set.right), 0),
        };
        let plane = Plane {
            column: rule.column(),
            compared,
        };
        let Self { planes, places, .. } = self;
        let place = *places.entry(plane).or_insert_with(|| {
            planes.push(plane);
            // At most one for each split; a model with 2^32 of them fits no memory.
            u32::try_from(planes.len() - 1).unwrap_or(u32::MAX)
        });
        (place, less_128(threshold))
    }

    /// To be called once all planes are found.
    pub(super) fn sort(&mut self) {
        self.by_column = (0u32..).take(self.planes.len()).collect();
        let column = |place: &u32| self.planes[*place as usize].column;
        self.by_column.sort_by_key(column);
    }

    pub(super) fn len(&self) -> usize {
        self.planes.len()
    }

    /// The planes of one row, whose bins are `bins`.
    pub(super) fn of_row(&self, bins: &[u8], planes: &mut [i8]) {
        for (out, plane) in planes.iter_mut().zip(&self.planes) {
            *out = less_128(plane.compared.of(bins[usize::from(plane.column)]));
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
            plane.compared.write(bins, block);
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
        let mut column = None;
        for place in &self.by_column {
            let plane = &self.planes[*place as usize];
            if column != Some(plane.column) {
                let (feature, values) = &columns[usize::from(plane.column)];
                let array = values.arrays()[piece.batch].slice(piece.start, piece.len);
                feature.bins(&values.name, &array, &mut bins)?;
                column = Some(plane.column);
            }
            let blocks = blocks.iter_mut().skip(*place as usize).step_by(self.len());
            for (block, bins) in blocks.zip(bins.chunks(ROWS)) {
                plane.compared.write(bins, block);
            }
        }
        Ok(blocks)
    }
}

//! Sums by bin of a few columns of a node, and what lies left of each bin.

use super::bins::ColumnBins;
use super::outcome::Outcome;
use crate::tree::cell::Cell;

/// Rows from which all bins are looked through for filled ones; below, each row marks its bin.
const MANY_ROWS: usize = 96;

/// Columns that are added up in one pass over the rows.
pub(super) const GROUP: usize = 4;

/// Memory for the sums of a node. All cells are empty between uses.
#[derive(Debug)]
pub(super) struct Sums<O: Outcome> {
    cells: Vec<[O::Cell; 256]>,
    /// One bit for each filled bin.
    filled: [[u64; 4]; GROUP],
    /// The filled bins of the column that was drained last, ascending.
    bins: Vec<u8>,
    /// The sum over rows up to each of them.
    lefts: Vec<O::Cell>,
}

/// The filled bins of a column, ascending, and the sum over rows up to each of them.
#[derive(Debug)]
pub(super) struct Drained<'a, C> {
    pub(super) bins: &'a [u8],
    pub(super) lefts: &'a [C],
}

impl<O: Outcome> Sums<O> {
    pub(super) fn new() -> Self {
        Self {
            cells: vec![[O::Cell::default(); 256]; GROUP],
            filled: [[0; 4]; GROUP],
            bins: vec![0; 257],
            lefts: vec![O::Cell::default(); 257],
        }
    }

    /// Adds up to [`GROUP`] columns of `rows` up.
    pub(super) fn fill(&mut self, columns: &[ColumnBins<'_>], rows: &[u32], added: &[O::Row]) {
        let marks = rows.len() < MANY_ROWS;
        match (columns, marks) {
            ([a, b, c, d], true) => self.add::<4, true>([*a, *b, *c, *d], rows, added),
            ([a, b, c, d], false) => self.add::<4, false>([*a, *b, *c, *d], rows, added),
            ([a, b, c], true) => self.add::<3, true>([*a, *b, *c], rows, added),
            ([a, b, c], false) => self.add::<3, false>([*a, *b, *c], rows, added),
            ([a, b], true) => self.add::<2, true>([*a, *b], rows, added),
            ([a, b], false) => self.add::<2, false>([*a, *b], rows, added),
            ([a], true) => self.add::<1, true>([*a], rows, added),
            ([a], false) => self.add::<1, false>([*a], rows, added),
            _ => {}
        }
    }

    fn add<const N: usize, const MARKS: bool>(
        &mut self,
        columns: [ColumnBins<'_>; N],
        rows: &[u32],
        added: &[O::Row],
    ) {
        let Some(cells) = self.cells.first_chunk_mut::<N>() else {
            return;
        };
        let Some(filled) = self.filled.first_chunk_mut::<N>() else {
            return;
        };
        for (row, added) in rows.iter().zip(added) {
            for place in 0..N {
                let bin = usize::from(columns[place].of(*row));
                O::put(&mut cells[place][bin], *added);
                if MARKS {
                    filled[place][bin / 64] |= 1 << (bin % 64);
                }
            }
        }
    }

    /// Takes the sums of the column number `place` out; `num_rows` rows were added, and it has `num_bins` bins.
    pub(super) fn drain(
        &mut self,
        place: usize,
        num_rows: usize,
        num_bins: usize,
    ) -> Drained<'_, O::Cell> {
        let cells = &mut self.cells[place];
        let mut left = O::Cell::default();
        let mut found = 0;
        if num_rows < MANY_ROWS {
            for (first, bits) in [0u8, 64, 128, 192].into_iter().zip(&mut self.filled[place]) {
                let mut rest = std::mem::take(bits);
                while rest != 0 {
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "a bit's position in a word is below 64"
                    )]
                    let bin = first + rest.trailing_zeros() as u8;
                    rest &= rest - 1;
                    left.add(std::mem::take(&mut cells[usize::from(bin)]));
                    self.bins[found] = bin;
                    self.lefts[found] = left;
                    found += 1;
                }
            }
        } else {
            // Written at every bin, so there is no branch to mispredict.
            for (bin, cell) in (0..=u8::MAX).zip(&mut cells[..num_bins]) {
                let cell = std::mem::take(cell);
                left.add(cell);
                self.bins[found] = bin;
                self.lefts[found] = left;
                found += usize::from(!cell.is_empty());
            }
        }
        Drained {
            bins: &self.bins[..found],
            lefts: &self.lefts[..found],
        }
    }
}

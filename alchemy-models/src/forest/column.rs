//! Sums by bin of one column, for nodes of any size.

use crate::tree::cell::Cell;

/// Rows from which all bins are looked through for filled ones; below, each row marks its bin.
const MANY_ROWS: usize = 256;

/// One column's cells, all empty between uses. Clearing costs as much as was filled, so small nodes stay cheap.
#[derive(Debug)]
pub(super) struct ColumnCells<C> {
    cells: Box<[C; 256]>,
    /// One bit for each filled bin.
    filled: [u64; 4],
}

impl<C: Cell> ColumnCells<C> {
    pub(super) fn new() -> Self {
        Self {
            cells: Box::new([C::default(); 256]),
            filled: [0; 4],
        }
    }

    /// Adds each of `rows` with its cell out of `row_cells`.
    pub(super) fn fill(&mut self, column: &[u8], rows: &[u32], row_cells: &[C]) {
        let rows = rows
            .iter()
            .zip(row_cells)
            .map(|(row, cell)| (usize::from(column[*row as usize]), *cell));
        if rows.len() < MANY_ROWS {
            for (bin, cell) in rows {
                self.cells[bin].add(cell);
                self.filled[bin / 64] |= 1 << (bin % 64);
            }
            return;
        }
        rows.for_each(|(bin, cell)| self.cells[bin].add(cell));
        for (filled, cells) in self.filled.iter_mut().zip(self.cells.chunks(64)) {
            let bits = cells.iter().map(|cell| u64::from(!cell.is_empty()));
            *filled = bits.rev().fold(0, |bits, bit| bits << 1 | bit);
        }
    }

    /// Whether the rows differ in this column.
    pub(super) fn varies(&self) -> bool {
        self.filled
            .iter()
            .map(|bits| bits.count_ones())
            .sum::<u32>()
            > 1
    }

    /// The filled bins and their cells in ascending order.
    pub(super) fn filled(&self) -> impl Iterator<Item = (u8, C)> + Clone {
        bins(self.filled).map(|bin| (bin, self.cells[usize::from(bin)]))
    }

    pub(super) fn clear(&mut self) {
        bins(self.filled).for_each(|bin| self.cells[usize::from(bin)] = C::default());
        self.filled = [0; 4];
    }
}

/// The positions of the bits that are set, ascending.
fn bins(filled: [u64; 4]) -> impl Iterator<Item = u8> + Clone {
    let words = [0u8, 64, 128, 192].into_iter().zip(filled);
    words.flat_map(|(start, bits)| {
        let mut bits = bits;
        std::iter::from_fn(move || {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a bit's position in a word is below 64"
            )]
            let bin = (bits != 0).then(|| start + bits.trailing_zeros() as u8);
            bits &= bits.wrapping_sub(1);
            bin
        })
    })
}

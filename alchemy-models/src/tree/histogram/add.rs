//! The kernel of histograms: adding rows to the cells of one tile.
//!
//! One kernel adds contiguous rows. Rows that are scattered are first copied to a small block: the copy keeps many cache misses
//! in flight, and adding then runs at full speed.

use super::Cells;
use crate::binning::Tile;
use crate::tree::cell::Cell;

/// Columns that are added together where some are left out.
const GROUP: usize = 4;

/// Rows copied together: with 32 columns the copy fills half of a first-level cache.
const BLOCK: usize = 512;

/// Adds `rows`, which are in ascending order, to the cells of the columns of `tile`; those that are not `wanted` may be left
/// out.
pub(super) fn add_tile<C: Cell, const W: usize>(
    tile: &Tile,
    gradients: &[C],
    rows: &[u32],
    cells: &mut [Cells<C>],
    wanted: &[bool],
) {
    let (bins, _) = tile.bytes.as_chunks::<W>();
    let Some(cells) = cells.first_chunk_mut::<W>() else {
        return;
    };
    let add = |bins: &[[u8; W]], gradients: &[C], cells: &mut [Cells<C>; W]| {
        if wanted.contains(&false) {
            add_wanted(bins, gradients, cells, wanted);
        } else {
            add_contiguous(bins, gradients, cells);
        }
    };
    let mut near_bins = [[0; W]; BLOCK];
    let mut near_gradients = [C::default(); BLOCK];
    for block in rows.chunks(BLOCK) {
        let first = block[0] as usize;
        let len = block.len();
        if block[len - 1] as usize - first == len - 1 {
            add(
                &bins[first..first + len],
                &gradients[first..first + len],
                cells,
            );
            continue;
        }
        for ((row, bin), gradient) in block.iter().zip(&mut near_bins).zip(&mut near_gradients) {
            *bin = bins[*row as usize];
            *gradient = gradients[*row as usize];
        }
        add(&near_bins[..len], &near_gradients[..len], cells);
    }
}

fn add_contiguous<C: Cell, const W: usize>(
    bins: &[[u8; W]],
    gradients: &[C],
    cells: &mut [Cells<C>; W],
) {
    for (row, gradient) in bins.iter().zip(gradients) {
        for (column, bin) in cells.iter_mut().zip(row) {
            column[usize::from(*bin)].add(*gradient);
        }
    }
}

/// As [`add_contiguous`], four columns at a time, leaving out those that are not `wanted`.
fn add_wanted<C: Cell, const W: usize>(
    bins: &[[u8; W]],
    gradients: &[C],
    cells: &mut [Cells<C>; W],
    wanted: &[bool],
) {
    let (groups, _) = cells.as_chunks_mut::<GROUP>();
    let (wanted, _) = wanted.as_chunks::<GROUP>();
    for (group, (cells, wanted)) in groups.iter_mut().zip(wanted).enumerate() {
        let words = bins.iter().map(|row| {
            let (groups, _) = row.as_chunks::<GROUP>();
            groups[group]
        });
        let rows = words.zip(gradients);
        match wanted.map(u8::from) {
            [0, 0, 0, 0] => {}
            [0, 0, 0, 1] => add_group::<C, 0b0001>(rows, cells),
            [0, 0, 1, 0] => add_group::<C, 0b0010>(rows, cells),
            [0, 0, 1, 1] => add_group::<C, 0b0011>(rows, cells),
            [0, 1, 0, 0] => add_group::<C, 0b0100>(rows, cells),
            [0, 1, 0, 1] => add_group::<C, 0b0101>(rows, cells),
            [0, 1, 1, 0] => add_group::<C, 0b0110>(rows, cells),
            [0, 1, 1, 1] => add_group::<C, 0b0111>(rows, cells),
            [1, 0, 0, 0] => add_group::<C, 0b1000>(rows, cells),
            [1, 0, 0, 1] => add_group::<C, 0b1001>(rows, cells),
            [1, 0, 1, 0] => add_group::<C, 0b1010>(rows, cells),
            [1, 0, 1, 1] => add_group::<C, 0b1011>(rows, cells),
            [1, 1, 0, 0] => add_group::<C, 0b1100>(rows, cells),
            [1, 1, 0, 1] => add_group::<C, 0b1101>(rows, cells),
            [1, 1, 1, 0] => add_group::<C, 0b1110>(rows, cells),
            _ => add_group::<C, 0b1111>(rows, cells),
        }
    }
}

/// Adds the columns whose bits in `WANTED`, from the highest of four on, are set.
#[inline(always)]
fn add_group<'g, C: Cell + 'g, const WANTED: u8>(
    rows: impl Iterator<Item = ([u8; GROUP], &'g C)>,
    cells: &mut [Cells<C>; GROUP],
) {
    for (bins, gradient) in rows {
        for (column, (cells, bin)) in cells.iter_mut().zip(bins).enumerate() {
            if WANTED & (0b1000 >> column) != 0 {
                cells[usize::from(bin)].add(*gradient);
            }
        }
    }
}

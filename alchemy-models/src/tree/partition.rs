//! Parting the rows of a node.

use rayon::prelude::*;

use super::node::Cut;
use crate::binning::BinnedMatrix;

/// Rows that one task parts.
const BLOCK: usize = 1 << 14;

/// Puts the rows that go left before those that go right, each side in its old order; returns how many go left. `spare` is
/// as long as `rows` and is overwritten.
pub(crate) fn partition(
    matrix: &BinnedMatrix,
    cut: Cut,
    rows: &mut [u32],
    spare: &mut [u32],
) -> usize {
    let lefts: Vec<usize> = (rows.par_chunks_mut(BLOCK).zip(spare.par_chunks_mut(BLOCK)))
        .map(|(rows, spare)| partition_block(matrix, cut, rows, spare))
        .collect();
    if let [left] = lefts[..] {
        let right = rows.len() - left;
        rows[left..].copy_from_slice(&spare[..right]);
        return left;
    }
    let mut end = 0;
    for (block, left) in lefts.iter().enumerate() {
        let start = block * BLOCK;
        rows.copy_within(start..start + left, end);
        end += left;
    }
    let mut at = end;
    for (block, left) in lefts.iter().enumerate() {
        let start = block * BLOCK;
        let right = BLOCK.min(rows.len() - start) - left;
        rows[at..at + right].copy_from_slice(&spare[start..start + right]);
        at += right;
    }
    end
}

/// Leaves the rows that go left at the front of `rows`, and the others at the front of `spare`. Both are written at every
/// step, so there is no branch to mispredict.
fn partition_block(matrix: &BinnedMatrix, cut: Cut, rows: &mut [u32], spare: &mut [u32]) -> usize {
    let column = matrix.column(cut.column);
    let (mut left, mut right) = (0, 0);
    for index in 0..rows.len() {
        let row = rows[index];
        let goes_right = usize::from(cut.goes_right(column.bin(row as usize)));
        rows[left] = row;
        spare[right] = row;
        left += 1 - goes_right;
        right += goes_right;
    }
    left
}

//! Parting the rows of a node.

use rayon::prelude::*;

use super::node::Rule;
use crate::binning::BinnedMatrix;

/// Rows that one task parts.
const BLOCK: usize = 1 << 14;

/// Puts the rows that go left before those that go right, each side in its old order; returns how many go left. `spare` is
/// as long as `rows` and is overwritten.
pub(crate) fn partition(
    matrix: &BinnedMatrix,
    rule: impl Into<Rule>,
    rows: &mut [u32],
    spare: &mut [u32],
) -> usize {
    let rule = rule.into();
    if rows.len() <= BLOCK {
        let left = partition_block(matrix, &rule, rows, spare);
        let right = rows.len() - left;
        rows[left..].copy_from_slice(&spare[..right]);
        return left;
    }
    let blocks = rows.par_chunks_mut(BLOCK).zip(spare.par_chunks_mut(BLOCK));
    let lefts: Vec<usize> = blocks
        .map(|(rows, spare)| {
            let left = partition_block(matrix, &rule, rows, spare);
            // Both sides end up in `spare`, the right one first, so that `rows` is free to take them from all blocks.
            let right = rows.len() - left;
            spare[right..].copy_from_slice(&rows[..left]);
            left
        })
        .collect();
    let left = lefts.iter().sum();
    let (mut left_rows, mut right_rows) = rows.split_at_mut(left);
    let mut moves = Vec::with_capacity(lefts.len());
    for (spare, left) in spare.chunks(BLOCK).zip(lefts) {
        let (right_from, left_from) = spare.split_at(spare.len() - left);
        let (left_to, left_rest) = left_rows.split_at_mut(left);
        let (right_to, right_rest) = right_rows.split_at_mut(right_from.len());
        moves.push([(left_to, left_from), (right_to, right_from)]);
        (left_rows, right_rows) = (left_rest, right_rest);
    }
    moves.into_par_iter().for_each(|sides| {
        for (to, from) in sides {
            to.copy_from_slice(from);
        }
    });
    left
}

/// Leaves the rows that go left at the front of `rows`, and the others at the front of `spare`. Both are written at every
/// step, so there is no branch to mispredict.
fn partition_block(
    matrix: &BinnedMatrix,
    rule: &Rule,
    rows: &mut [u32],
    spare: &mut [u32],
) -> usize {
    let column = matrix.column(rule.column());
    match rule {
        Rule::Cut(cut) => part(rows, spare, |row| cut.goes_right(column[row])),
        Rule::Set(set) => {
            let table = set.right.table();
            part(rows, spare, |row| table[usize::from(column[row])] == 1)
        }
    }
}

#[inline]
fn part(rows: &mut [u32], spare: &mut [u32], goes_right: impl Fn(usize) -> bool) -> usize {
    let (mut left, mut right) = (0, 0);
    for index in 0..rows.len() {
        let row = rows[index];
        let goes_right = usize::from(goes_right(row as usize));
        rows[left] = row;
        spare[right] = row;
        left += 1 - goes_right;
        right += goes_right;
    }
    left
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
    use alchemy_core::random::Stream;

    use super::*;
    use crate::binning::Binner;
    use crate::table::Table;
    use crate::tree::node::Cut;

    #[test]
    fn both_sides_keep_their_order_over_any_number_of_blocks() {
        for rows in [0, 1, 5, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            let mut stream = Stream::new(3, &[rows as u64]);
            let values: Float64Array = (0..=rows)
                .map(|_| {
                    Some(stream.below(9))
                        .filter(|value| *value > 0)
                        .map(|value| value as f64)
                })
                .collect();
            let batches =
                [RecordBatch::try_from_iter([("x", Arc::new(values) as ArrayRef)]).unwrap()];
            let table = Table::new(&batches);
            let matrix = Binner::learn(table, vec!["x".into()], None, 255)
                .unwrap()
                .bin(table)
                .unwrap();
            for (bin, missing_left) in [(0, true), (3, true), (3, false), (8, false)] {
                let cut = Cut {
                    column: 0,
                    bin,
                    missing_left,
                };
                let mut parted: Vec<u32> = (0u32..).take(rows).collect();
                let left = partition(&matrix, cut, &mut parted, &mut vec![0; rows]);
                let goes_left = |row: &u32| match matrix.bin(*row as usize, 0) {
                    0 => missing_left,
                    value => value <= bin,
                };
                let (mut expected, right): (Vec<u32>, Vec<u32>) =
                    (0u32..).take(rows).partition(goes_left);
                assert_eq!(left, expected.len());
                expected.extend(right);
                assert_eq!(parted, expected);
            }
        }
    }
}

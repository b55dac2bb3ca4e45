//! A tree added to the scores of rows that are binned already, as in training.

use rayon::prelude::*;

use super::avx2::Avx2;
use super::planes::{Block, ROWS};
use super::steps::StepTrees;
use crate::binning::BinnedMatrix;
use crate::tree::node::Tree;

/// Rows that one task adds to.
const ROWS_PER_TASK: usize = 16 * ROWS;

/// Adds the values of `tree` to `scores`, one for each row of `matrix`.
///
/// All rows take a small tree together, block after block in the order of memory, which is cheaper than to go from the leaves
/// to their rows: 0.7 ns per row for 31 leaves.
pub(crate) fn add_tree(tree: &Tree, matrix: &BinnedMatrix, scores: &mut [f64]) {
    add_tree_with(tree, matrix, scores, Avx2::detect());
}

pub(super) fn add_tree_with(
    tree: &Tree,
    matrix: &BinnedMatrix,
    scores: &mut [f64],
    avx2: Option<Avx2>,
) {
    let steps = StepTrees::new(std::iter::once(tree));
    let tasks = scores.par_chunks_mut(ROWS_PER_TASK).enumerate();
    tasks.for_each(|(task, scores)| {
        let first = task * ROWS_PER_TASK;
        let Some((trees, planes)) = &steps else {
            tree.for_each_row_of(matrix, first..first + scores.len(), |row, values| {
                scores[row - first] += values[0];
            });
            return;
        };
        let mut blocks: Vec<Block> = vec![[0; ROWS]; planes.len()];
        for (block, scores) in scores.chunks_mut(ROWS).enumerate() {
            let first = first + block * ROWS;
            planes.of_binned(matrix, first..first + scores.len(), &mut blocks);
            if let Ok(sums) = <&mut [f64; ROWS]>::try_from(&mut *scores) {
                trees.add_block(0..1, &blocks, avx2, sums);
            } else {
                let mut sums = [0.0; ROWS];
                sums[..scores.len()].copy_from_slice(scores);
                trees.add_block(0..1, &blocks, avx2, &mut sums);
                scores.copy_from_slice(&sums[..scores.len()]);
            }
        }
    });
}

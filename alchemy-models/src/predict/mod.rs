//! Sums of small trees, for blocks of rows and for one row.
//!
//! A tree with few leaves is cheaper to take whole than to walk: all its inner nodes in turn, each moving those rows on that
//! are there and go right, is a handful of vector instructions per node, without a branch and with no load that waits for
//! another. [`steps`] does so for 256 rows of one tree, [`lanes`] for one row of 64 trees. Larger trees are walked; see
//! [`tree::predict`](crate::tree::predict). On every path the trees of an output are added in order, so the bits are the same.

mod avx2;
mod binned;
mod lanes;
mod planes;
mod row;
mod steps;
#[cfg(test)]
mod tests;
mod threes;

use alchemy_core::Result;

use crate::binning::FeatureBins;
use crate::table::{Column, Piece};
use crate::tree::node::Tree;
use crate::tree::predict::for_each_tree;
use avx2::Avx2;
pub(crate) use binned::add_tree;
use lanes::Lanes;
use planes::{Planes, ROWS};
pub use row::RowScratch;
use steps::StepTrees;

/// Trees of at most 256 leaves, arranged for prediction; follows from the trees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Engine {
    /// The trees of the first output, then those of the second.
    trees: StepTrees,
    trees_per_output: usize,
    planes: Planes,
    avx2: Option<Avx2>,
    /// Only with AVX2: without it a row walks the trees.
    lanes: Option<Lanes>,
}

impl Engine {
    /// `trees` are round by round, one of `outputs` in each; `None` if one of them has too many leaves.
    pub(crate) fn new(trees: &[Tree], outputs: usize) -> Option<Self> {
        Self::with(trees, outputs, Avx2::detect())
    }

    fn with(trees: &[Tree], outputs: usize, avx2: Option<Avx2>) -> Option<Self> {
        let by_output = (0..outputs).flat_map(|output| trees.iter().skip(output).step_by(outputs));
        let trees_per_output = trees.len() / outputs;
        let (trees, planes) = StepTrees::new(by_output)?;
        let lanes = avx2.and_then(|_| Lanes::new(&trees, planes.len()));
        Some(Self {
            trees,
            trees_per_output,
            planes,
            avx2,
            lanes,
        })
    }

    /// From how many rows on a block of them is cheaper than row after row.
    pub(crate) fn rows_for_blocks(&self) -> usize {
        if self.lanes.is_some() {
            ROWS / 4
        } else {
            ROWS / 16
        }
    }

    /// Adds the trees to the scores of the rows of `piece`, which are output by output.
    ///
    /// # Errors
    ///
    /// As [`FeatureBins::bins`].
    pub(crate) fn add_rows(
        &self,
        columns: &[(&FeatureBins, Column)],
        piece: Piece,
        scores: &mut [Vec<f64>],
    ) -> Result<()> {
        let blocks = self.planes.of_rows(columns, piece)?;
        for (output, scores) in scores.iter_mut().enumerate() {
            let first = output * self.trees_per_output;
            for (index, scores) in scores.chunks_mut(ROWS).enumerate() {
                let planes = &blocks[index * self.planes.len()..][..self.planes.len()];
                let mut sums = [0.0; ROWS];
                sums[..scores.len()].copy_from_slice(scores);
                self.trees.add_block(
                    first..first + self.trees_per_output,
                    planes,
                    self.avx2,
                    &mut sums,
                );
                scores.copy_from_slice(&sums[..scores.len()]);
            }
        }
        Ok(())
    }
}

impl Engine {
    /// Adds the values of the trees from number `first` on that `leaves` are of, as far as there are trees, to the outputs, and
    /// returns the number of the tree after them.
    fn add_leaves(&self, first: usize, leaves: &[u8], outputs: &mut [f64]) -> usize {
        let (mut tree, mut leaves) = (first, leaves);
        while let Some(sum) = outputs.get_mut(tree / self.trees_per_output) {
            let left = self.trees_per_output - tree % self.trees_per_output;
            let (of_output, others) = leaves.split_at(left.min(leaves.len()));
            *sum = self.trees.add_leaves(tree, of_output, *sum);
            tree += of_output.len();
            leaves = others;
            if leaves.is_empty() {
                break;
            }
        }
        tree
    }
}

/// Adds `trees`, round by round, to the outputs of `scratch` for the row whose bins it holds; `engine` is theirs.
pub(crate) fn add_row(engine: Option<&Engine>, trees: &[Tree], scratch: &mut RowScratch) {
    let RowScratch {
        bins,
        planes,
        outputs,
    } = scratch;
    let lanes = engine.and_then(|engine| Some((engine, engine.avx2?, engine.lanes.as_ref()?)));
    let Some((engine, avx2, lanes)) = lanes else {
        let num_outputs = outputs.len();
        for_each_tree(trees, bins, |tree, values| {
            outputs[tree % num_outputs] += values[0];
        });
        return;
    };
    planes.resize(engine.planes.len(), 0);
    engine.planes.of_row(bins, planes);
    // The sums of one group wait for each other, not for the walks of the next.
    let mut tree = 0;
    avx2.walk_lanes(lanes, planes, |leaves| {
        tree = engine.add_leaves(tree, leaves, outputs);
    });
}

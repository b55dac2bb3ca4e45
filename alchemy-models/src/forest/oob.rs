//! Predictions of training rows by the trees that did not learn from them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bag::times_drawn;
use super::fit::Prepared;
use crate::binning::ROWS_PER_TASK;
use crate::tree::node::Tree;

/// Trees whose bags are known at a time: a row's part in them is a word.
const TREES: usize = 64;

/// The mean of the trees that left a row out, for each row of the training table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OutOfBag {
    /// Row by row, one number per output; zeros for a row that no tree left out.
    means: Vec<f64>,
    /// How many trees left each row out.
    num_trees: Vec<u32>,
    score: Option<f64>,
}

impl OutOfBag {
    /// Of every row by `trees`; `score` rates the predictions of those rows that were left out and have a weight.
    pub(super) fn new(
        prepared: &Prepared<'_>,
        trees: &[Tree],
        outputs: usize,
        score: impl Fn(&[(usize, &[f64])]) -> f64,
    ) -> Self {
        let num_rows = prepared.matrix.num_rows();
        let mut means = vec![0.0; num_rows * outputs];
        let mut num_trees = vec![0; num_rows];
        for (group, trees) in trees.chunks(TREES).enumerate() {
            let left_out = left_out(prepared, group * TREES, trees.len());
            let blocks = means
                .par_chunks_mut(ROWS_PER_TASK * outputs)
                .zip(num_trees.par_chunks_mut(ROWS_PER_TASK))
                .zip(left_out.par_chunks(ROWS_PER_TASK))
                .enumerate();
            blocks.for_each(|(block, ((means, num_trees), left_out))| {
                for (bit, tree) in trees.iter().enumerate() {
                    for (at, left_out) in left_out.iter().enumerate() {
                        if left_out >> bit & 1 == 0 {
                            continue;
                        }
                        let leaf = tree.leaf(&prepared.matrix, block * ROWS_PER_TASK + at);
                        let sums = &mut means[at * outputs..][..outputs];
                        for (sum, value) in sums.iter_mut().zip(tree.values(leaf)) {
                            *sum += value;
                        }
                        num_trees[at] += 1;
                    }
                }
            });
        }
        for (means, num_trees) in means.chunks_mut(outputs).zip(&num_trees) {
            let num_trees = f64::from((*num_trees).max(1));
            means.iter_mut().for_each(|mean| *mean /= num_trees);
        }
        let rated: Vec<(usize, &[f64])> = (prepared.rows.iter())
            .map(|row| *row as usize)
            .filter(|row| num_trees[*row] > 0)
            .map(|row| (row, &means[row * outputs..][..outputs]))
            .collect();
        let score = (!rated.is_empty()).then(|| score(&rated));
        Self {
            score: score.filter(|score| score.is_finite()),
            means,
            num_trees,
        }
    }

    pub(super) fn score(&self) -> Option<f64> {
        self.score
    }

    /// The mean of output number `output` for each row, or `None` where no tree left it out.
    pub(super) fn output(&self, output: usize) -> impl Iterator<Item = Option<f64>> {
        let outputs = self.means.len() / self.num_trees.len().max(1);
        let means = self.means.iter().skip(output).step_by(outputs.max(1));
        let seen = self.num_trees.iter().map(|num_trees| *num_trees > 0);
        means.zip(seen).map(|(mean, seen)| seen.then_some(*mean))
    }

    /// Whether there is a number for each of `outputs` of every row.
    pub(super) fn fits(&self, outputs: usize) -> bool {
        self.num_trees.len().checked_mul(outputs) == Some(self.means.len())
    }
}

/// For each row one bit per tree, from number `first` on: whether the tree did not learn from it.
fn left_out(prepared: &Prepared<'_>, first: usize, num_trees: usize) -> Vec<u64> {
    let num_rows = prepared.matrix.num_rows();
    let bags: Vec<Vec<u32>> = (first..first + num_trees)
        .into_par_iter()
        .map(|tree| times_drawn(prepared.params, tree as u64, prepared.rows.len()))
        .collect();
    let all = u64::MAX >> (TREES - num_trees);
    let mut left_out = vec![all; num_rows];
    for (at, row) in prepared.rows.iter().enumerate() {
        let drawn = (0u32..).zip(&bags);
        left_out[*row as usize] = drawn.fold(all, |bits, (bit, times)| {
            bits & !(u64::from(times[at] > 0) << bit)
        });
    }
    left_out
}

/// The share of rows whose most probable class is theirs; of equals the lowest.
pub(super) fn accuracy(rated: &[(usize, &[f64])], codes: &[u32]) -> f64 {
    let right = |(row, shares): &&(usize, &[f64])| {
        let mut best = 0;
        for (class, share) in shares.iter().enumerate() {
            if *share > shares[best] {
                best = class;
            }
        }
        best == codes[*row] as usize
    };
    rated.iter().filter(right).count() as f64 / rated.len() as f64
}

/// The coefficient of determination; without variance there is none.
pub(super) fn r_squared(rated: &[(usize, &[f64])], targets: &[f64]) -> f64 {
    let num_rows = rated.len() as f64;
    let mean = rated.iter().map(|(row, _)| targets[*row]).sum::<f64>() / num_rows;
    let (mut errors, mut spread) = (0.0, 0.0);
    for (row, means) in rated {
        errors += (targets[*row] - means[0]).powi(2);
        spread += (targets[*row] - mean).powi(2);
    }
    1.0 - errors / spread
}

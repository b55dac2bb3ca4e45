//! Rows walking a tree, and a tree as the list of its inner nodes for those who take all of them.

use std::ops::Range;

use super::node::{Rule, Tree};
use crate::binning::BinnedMatrix;

/// Walks in flight at once: enough to hide the latency of one step behind the others.
const LANES: usize = 8;

/// An inner node of a tree whose leaves are numbered from left to right: a row at leaf `from` that goes right here moves on
/// by `by` leaves.
///
/// A row starts at leaf 0, the leftmost, and takes the nodes with parents before children and left before right. It is at
/// leaf `from` when the turn of a node comes if and only if its walk passes that node: `from` is the leftmost leaf below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) rule: Rule,
    pub(crate) from: u8,
    pub(crate) by: u8,
}

/// The most leaves of a tree that is taken as [`Hop`]s.
pub(crate) const MOST_LEAVES: usize = 256;

impl Tree {
    /// The leaf that `row` of `matrix` arrives at.
    pub(crate) fn leaf(&self, matrix: &BinnedMatrix, row: usize) -> u32 {
        let mut at = 0;
        loop {
            let next = self.step(matrix, row, at);
            if next == at {
                return at;
            }
            at = next;
        }
    }

    /// Calls `each` with every row of `matrix` and the values of the leaf it arrives at.
    pub(crate) fn for_each_row(&self, matrix: &BinnedMatrix, each: impl FnMut(usize, &[f64])) {
        self.for_each_row_of(matrix, 0..matrix.num_rows(), each);
    }

    /// As [`for_each_row`](Self::for_each_row), for `rows` only.
    pub(crate) fn for_each_row_of(
        &self,
        matrix: &BinnedMatrix,
        rows: Range<usize>,
        mut each: impl FnMut(usize, &[f64]),
    ) {
        for first in rows.clone().step_by(LANES) {
            if first + LANES > rows.end {
                (first..rows.end).for_each(|row| each(row, self.values(self.leaf(matrix, row))));
                return;
            }
            let mut at = [0; LANES];
            loop {
                let mut moved = 0;
                for (lane, at) in at.iter_mut().enumerate() {
                    let next = self.step(matrix, first + lane, *at);
                    moved |= next ^ *at;
                    *at = next;
                }
                if moved == 0 {
                    break;
                }
            }
            for (lane, leaf) in at.into_iter().enumerate() {
                each(first + lane, self.values(leaf));
            }
        }
    }

    fn step(&self, matrix: &BinnedMatrix, row: usize, at: u32) -> u32 {
        let node = self.nodes[at as usize];
        node.left + u32::from(self.goes_right(at, matrix.bin(row, node.column)))
    }

    /// The inner nodes in the order of [`Hop`] and the leaves' values from left to right, or `None` if there are more than
    /// [`MOST_LEAVES`] leaves.
    pub(crate) fn hops(&self) -> Option<(Vec<Hop>, Vec<f64>)> {
        if self.nodes.len() >= 2 * MOST_LEAVES {
            return None;
        }
        let (mut hops, mut values) = (Vec::new(), Vec::with_capacity(MOST_LEAVES));
        let mut leaves = 0;
        // Beside each node the hop whose left side ends where the node begins.
        let mut open: Vec<(u32, Option<usize>)> = vec![(0, None)];
        while let Some((index, ends)) = open.pop() {
            if let Some(hop) = ends {
                let hop: &mut Hop = &mut hops[hop];
                hop.by = leaves - hop.from;
            }
            if let Some(rule) = self.rule(index) {
                let left = self.nodes[index as usize].left;
                open.push((left + 1, Some(hops.len())));
                open.push((left, None));
                hops.push(Hop {
                    rule,
                    from: leaves,
                    by: 0,
                });
            } else {
                values.extend_from_slice(self.values(index));
                // Only the last of 256 leaves wraps, and nothing follows it.
                leaves = leaves.wrapping_add(1);
            }
        }
        Some((hops, values))
    }
}

/// Calls `each` with the place of every tree and the values of the leaf that the row of these `bins` arrives at, in the
/// order of `trees`. Trees are walked several together, as [`Tree::for_each_row`] does with rows.
pub(crate) fn for_each_tree(trees: &[Tree], bins: &[u8], mut each: impl FnMut(usize, &[f64])) {
    let step = |tree: &Tree, at: u32| {
        let node = tree.nodes[at as usize];
        node.left + u32::from(tree.goes_right(at, bins[usize::from(node.column)]))
    };
    for (group, trees) in trees.chunks(LANES).enumerate() {
        let mut at = [0; LANES];
        loop {
            let mut moved = 0;
            for (at, tree) in at.iter_mut().zip(trees) {
                let next = step(tree, *at);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                break;
            }
        }
        for (lane, (at, tree)) in at.into_iter().zip(trees).enumerate() {
            each(group * LANES + lane, tree.values(at));
        }
    }
}

//! Rows walking a tree.

use super::node::Tree;
use crate::binning::BinnedMatrix;

/// Walks in flight at once: enough to hide the latency of one step behind the others.
const LANES: usize = 8;

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
    pub(crate) fn for_each_row(&self, matrix: &BinnedMatrix, mut each: impl FnMut(usize, &[f64])) {
        let rows = matrix.num_rows();
        for first in (0..rows).step_by(LANES) {
            if first + LANES > rows {
                (first..rows).for_each(|row| each(row, self.values(self.leaf(matrix, row))));
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
        node.left + u32::from(node.goes_right(matrix.bin(row, node.column)))
    }
}

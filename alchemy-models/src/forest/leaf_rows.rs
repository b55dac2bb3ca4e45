//! Which training rows a leaf was made of.

use serde::{Deserialize, Serialize};

use super::bag::Bag;
use crate::binning::BinnedMatrix;
use crate::math::narrow;
use crate::tree::node::Tree;

/// The training rows in the leaves of a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LeafRows {
    /// For each node the end of its rows, which begin where those of the node before end.
    ends: Vec<u32>,
    /// The place of each row's target among all targets.
    ranks: Vec<u32>,
    weights: Vec<f32>,
}

impl LeafRows {
    pub(super) fn new(
        tree: &Tree,
        matrix: &BinnedMatrix,
        bag: &Bag,
        rank: &impl Fn(u32) -> usize,
    ) -> Self {
        let mut rows: Vec<(u32, u32)> = (bag.rows.iter())
            .map(|row| (tree.leaf(matrix, *row as usize), *row))
            .collect();
        rows.sort_unstable();
        let mut ends = vec![0; tree.num_nodes()];
        for (leaf, _) in &rows {
            ends[*leaf as usize] += 1;
        }
        let mut end = 0;
        for node in &mut ends {
            end += *node;
            *node = end;
        }
        // Ranks are below the number of rows, which is below 2^32.
        let rank = |(_, row): &(u32, u32)| u32::try_from(rank(*row)).unwrap_or(u32::MAX);
        let weight = |(_, row): &(u32, u32)| narrow(bag.weights[*row as usize]);
        Self {
            ranks: rows.iter().map(rank).collect(),
            weights: rows.iter().map(weight).collect(),
            ends,
        }
    }

    /// The ranks and weights of the rows in `leaf`.
    pub(super) fn of(&self, leaf: u32) -> impl Iterator<Item = (u32, f64)> + Clone {
        let leaf = leaf as usize;
        let start = leaf.checked_sub(1).map_or(0, |before| self.ends[before]);
        let range = start as usize..self.ends[leaf] as usize;
        let weights = self.weights[range.clone()].iter();
        let ranks = self.ranks[range].iter();
        ranks.copied().zip(weights.map(|weight| f64::from(*weight)))
    }

    pub(super) fn is_sound(&self, tree: &Tree, num_targets: usize) -> bool {
        let last = self.ends.last().map_or(0, |end| *end as usize);
        self.ends.len() == tree.num_nodes()
            && self.ends.is_sorted()
            && last == self.ranks.len()
            && last == self.weights.len()
            && self.ranks.iter().all(|rank| (*rank as usize) < num_targets)
            && (self.weights.iter()).all(|weight| weight.is_finite() && *weight >= 0.0)
    }
}

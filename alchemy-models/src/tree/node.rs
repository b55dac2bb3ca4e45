//! The nodes of a tree, as they are walked and stored.

mod rule;
mod stored;

use serde::{Deserialize, Serialize};

use super::bin_set::BinSet;
pub(crate) use rule::{Cut, Rule, SetCut};
pub(super) use stored::Stored;

/// The largest magnitude of a leaf's value: sums and products of as many as there are stay far from overflow.
const LARGEST_VALUE: f64 = 1e100;

/// A binary tree over binned columns.
///
/// Nodes are in breadth-first order, the children of a node side by side, so the shape follows from which nodes are inner
/// ones. Each leaf holds `outputs` values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(crate) struct Tree {
    pub(super) nodes: Vec<Node>,
    outputs: usize,
    /// `outputs` per node, 0 for inner nodes.
    values: Vec<f64>,
    gains: Vec<f32>,
    covers: Vec<f32>,
    /// The bins that go right at each node that splits by a set.
    sets: Vec<BinSet>,
    /// The place in `sets` of each node's set, 0 for other nodes; empty if no node splits by a set.
    set_places: Vec<u32>,
}

/// A node as rows walk it: a bin goes left if `bin - bias <= threshold` in wrapping arithmetic, else right.
///
/// Bias 0 sends missing values, which are bin 0, left; bias 1 turns them into 255 and so sends them right. A leaf is its
/// own left child and sends every bin left, so a walk that has arrived stays. Bias [`BY_SET`] says that a set tells which
/// bins go right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) left: u32,
    pub(super) column: u16,
    pub(super) threshold: u8,
    pub(super) bias: u8,
}

/// The bias of a node that splits by a set.
const BY_SET: u8 = 2;

impl Node {
    fn cut(left: u32, cut: Cut) -> Self {
        let bias = u8::from(!cut.missing_left);
        Self {
            left,
            column: cut.column,
            threshold: cut.bin.wrapping_sub(bias),
            bias,
        }
    }

    fn set(left: u32, column: u16) -> Self {
        Self {
            left,
            column,
            threshold: 0,
            bias: BY_SET,
        }
    }

    fn leaf(index: u32) -> Self {
        Self {
            left: index,
            column: 0,
            threshold: u8::MAX,
            bias: 0,
        }
    }

    /// The rule of a node that does not split by a set.
    fn as_cut(self) -> Cut {
        Cut {
            column: self.column,
            bin: self.threshold.wrapping_add(self.bias),
            missing_left: self.bias == 0,
        }
    }
}

impl Tree {
    /// Whether a row with `bin` in the column of node `index` goes right there; at a leaf nothing does.
    pub(crate) fn goes_right(&self, index: u32, bin: u8) -> bool {
        let node = self.nodes[index as usize];
        if node.bias == BY_SET {
            self.set(index).contains(bin)
        } else {
            bin.wrapping_sub(node.bias) > node.threshold
        }
    }

    /// The rule of node `index`; `None` at a leaf.
    pub(crate) fn rule(&self, index: u32) -> Option<Rule> {
        let node = self.nodes[index as usize];
        if node.left == index {
            None
        } else if node.bias == BY_SET {
            let (column, right) = (node.column, *self.set(index));
            Some(Rule::Set(SetCut { column, right }))
        } else {
            Some(Rule::Cut(node.as_cut()))
        }
    }

    fn set(&self, index: u32) -> &BinSet {
        &self.sets[self.set_places[index as usize] as usize]
    }

    /// The values of node `index`: those of a leaf, or zeros.
    pub(crate) fn values(&self, index: u32) -> &[f64] {
        &self.values[index as usize * self.outputs..][..self.outputs]
    }

    /// The values of node `index`, to be changed: those of a leaf.
    pub(crate) fn values_mut(&mut self, index: u32) -> &mut [f64] {
        &mut self.values[index as usize * self.outputs..][..self.outputs]
    }

    /// By how much the split of node `index` improved the fit; 0 at a leaf.
    pub(crate) fn gain(&self, index: u32) -> f32 {
        self.gains[index as usize]
    }

    /// The rows (or their weight) that came by node `index` in training.
    pub(crate) fn cover(&self, index: u32) -> f32 {
        self.covers[index as usize]
    }

    pub(crate) fn num_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Whether every value is at most [`LARGEST_VALUE`] away from 0.
    pub(crate) fn is_bounded(&self) -> bool {
        self.values.iter().all(|value| value.abs() <= LARGEST_VALUE)
    }

    /// The column and gain of every inner node.
    pub(crate) fn splits(&self) -> impl Iterator<Item = (u16, f64)> {
        let inner = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(index, node)| node.left as usize != *index);
        inner.map(|(index, node)| (node.column, f64::from(self.gains[index])))
    }

    /// Whether the tree reads columns below `num_columns` only and gives `outputs` values.
    pub(crate) fn fits(&self, num_columns: usize, outputs: usize) -> bool {
        self.outputs == outputs
            && self
                .splits()
                .all(|(column, _)| usize::from(column) < num_columns)
    }
}

//! The nodes of a tree, as they are walked and stored.

use serde::{Deserialize, Serialize};

use super::bin_set::BinSet;
use crate::binning::MISSING;

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

/// The rule of an inner node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// By the order of the bins.
    Cut(Cut),
    /// By what the bins are, whatever their order.
    Set(SetCut),
}

/// The rule of an inner node that parts categories: the bins in `right` go right, all others left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetCut {
    pub(crate) column: u16,
    pub(crate) right: BinSet,
}

/// The rule of an inner node by order: bins up to `bin` go left, and missing values where `missing_left` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cut {
    pub(crate) column: u16,
    /// The last bin on the left; [`MISSING`](crate::binning::MISSING) if only missing values go left.
    pub(crate) bin: u8,
    pub(crate) missing_left: bool,
}

/// A tree node by node, breadth first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) outputs: usize,
    /// The rule and gain of each inner node, `None` for a leaf.
    pub(super) nodes: Vec<Option<(Rule, f32)>>,
    /// `outputs` for each leaf.
    pub(super) leaf_values: Vec<f64>,
    /// The rows (or their weight) that came by each node in training.
    pub(super) covers: Vec<f32>,
}

impl Cut {
    /// Whether a row with `bin` in this column goes right.
    pub(crate) fn goes_right(self, bin: u8) -> bool {
        let bias = u8::from(!self.missing_left);
        bin.wrapping_sub(bias) > self.bin.wrapping_sub(bias)
    }

    /// Missing values must be on the side that they are said to be on.
    fn is_sound(self) -> bool {
        self.missing_left || self.bin > 0
    }
}

impl From<Cut> for Rule {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

impl Rule {
    pub(crate) fn column(&self) -> u16 {
        match self {
            Self::Cut(cut) => cut.column,
            Self::Set(set) => set.column,
        }
    }

    /// Sends the bins that no row of the node is in to one side. Of a rule by order these can only be the missing values:
    /// other bins have a side by their order.
    pub(crate) fn send(&mut self, absent: &BinSet, left: bool) {
        match self {
            Self::Cut(cut) => {
                if absent.contains(MISSING) {
                    cut.missing_left = left;
                }
            }
            Self::Set(set) => {
                if !left {
                    set.right = set.right.union(absent);
                }
            }
        }
    }

    fn is_sound(&self) -> bool {
        match self {
            Self::Cut(cut) => cut.is_sound(),
            Self::Set(_) => true,
        }
    }
}

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
    /// The tree that `stored`, which passes its check, describes.
    pub(super) fn new(stored: Stored) -> Self {
        let Stored {
            outputs,
            nodes: rules,
            leaf_values,
            covers,
        } = stored;
        let mut nodes = Vec::with_capacity(rules.len());
        let mut gains = Vec::with_capacity(rules.len());
        let mut values = vec![0.0; rules.len() * outputs];
        let mut leaves = leaf_values.chunks_exact(outputs);
        let (mut sets, mut set_places) = (Vec::new(), Vec::new());
        let mut next_child = 1;
        for (index, (rule, values)) in
            (0..).zip(rules.into_iter().zip(values.chunks_exact_mut(outputs)))
        {
            if let Some((rule, gain)) = rule {
                nodes.push(match rule {
                    Rule::Cut(cut) => Node::cut(next_child, cut),
                    Rule::Set(SetCut { column, right }) => {
                        set_places.resize(nodes.len(), 0);
                        // No more sets than nodes, whose number is below 2^32.
                        set_places.push(u32::try_from(sets.len()).unwrap_or(0));
                        sets.push(right);
                        Node::set(next_child, column)
                    }
                });
                gains.push(gain);
                next_child += 2;
            } else {
                nodes.push(Node::leaf(index));
                gains.push(0.0);
                leaves
                    .next()
                    .into_iter()
                    .for_each(|leaf| values.copy_from_slice(leaf));
            }
        }
        if !sets.is_empty() {
            set_places.resize(nodes.len(), 0);
        }
        Self {
            nodes,
            outputs,
            values,
            gains,
            covers,
            sets,
            set_places,
        }
    }

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

impl TryFrom<Stored> for Tree {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        stored.check()?;
        Ok(Self::new(stored))
    }
}

impl Stored {
    fn check(&self) -> Result<(), &'static str> {
        if self.outputs == 0 || u32::try_from(self.nodes.len()).is_err() {
            return Err("a tree has no output or too many nodes");
        }
        let mut reached = 1;
        for (index, node) in self.nodes.iter().enumerate() {
            if index >= reached {
                return Err("a tree has a node without a parent");
            }
            if let Some((rule, _)) = node {
                reached += 2;
                if !rule.is_sound() {
                    return Err("a split sends missing values both ways");
                }
            }
        }
        let leaves = reached.div_ceil(2);
        if reached != self.nodes.len() || self.covers.len() != self.nodes.len() {
            return Err("a tree has a node without children or cover");
        }
        if leaves.checked_mul(self.outputs) != Some(self.leaf_values.len()) {
            return Err("a tree has more or fewer values than leaves");
        }
        let is_bounded = |value: &f64| value.abs() <= LARGEST_VALUE;
        if !self.leaf_values.iter().all(is_bounded) {
            return Err("a leaf's value is not a number within bounds");
        }
        Ok(())
    }
}

impl From<Tree> for Stored {
    fn from(tree: Tree) -> Self {
        let mut leaf_values = Vec::new();
        let mut nodes = Vec::with_capacity(tree.nodes.len());
        for (index, gain) in (0u32..).zip(&tree.gains) {
            let rule = tree.rule(index);
            if rule.is_none() {
                leaf_values.extend_from_slice(tree.values(index));
            }
            nodes.push(rule.map(|rule| (rule, *gain)));
        }
        Self {
            outputs: tree.outputs,
            nodes,
            leaf_values,
            covers: tree.covers,
        }
    }
}

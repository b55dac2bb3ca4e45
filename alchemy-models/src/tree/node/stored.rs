//! The form in which a tree is built and stored.

use serde::{Deserialize, Serialize};

use super::rule::{Rule, SetCut};
use super::{LARGEST_VALUE, Node, Tree};

/// A tree node by node, breadth first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::tree) struct Stored {
    pub(in crate::tree) outputs: usize,
    /// The rule and gain of each inner node, `None` for a leaf.
    pub(in crate::tree) nodes: Vec<Option<(Rule, f32)>>,
    /// `outputs` for each leaf.
    pub(in crate::tree) leaf_values: Vec<f64>,
    /// The rows (or their weight) that came by each node in training.
    pub(in crate::tree) covers: Vec<f32>,
}

impl Tree {
    /// The tree that `stored`, which passes its check, describes.
    pub(in crate::tree) fn new(stored: Stored) -> Self {
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

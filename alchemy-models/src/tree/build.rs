//! A tree while it grows.

use super::node::{Cut, Stored, Tree};

/// Nodes in the order they were made; [`finish`](Self::finish) puts them in breadth-first order.
#[derive(Debug)]
pub(crate) struct TreeBuilder {
    outputs: usize,
    nodes: Vec<Growing>,
    /// `outputs` per node.
    values: Vec<f64>,
}

#[derive(Debug)]
struct Growing {
    split: Option<Split>,
    cover: f32,
}

#[derive(Debug, Clone, Copy)]
struct Split {
    cut: Cut,
    gain: f32,
    left: usize,
}

impl TreeBuilder {
    /// A tree of one leaf, number 0, whose values are 0.
    pub(crate) fn new(outputs: usize, cover: f32) -> Self {
        let root = Growing { split: None, cover };
        Self {
            outputs,
            nodes: vec![root],
            values: vec![0.0; outputs],
        }
    }

    /// Makes `leaf` an inner node; returns the number of its left child, after which comes the right one.
    pub(crate) fn split(&mut self, leaf: usize, cut: Cut, gain: f64, covers: [f32; 2]) -> usize {
        let left = self.nodes.len();
        self.nodes[leaf].split = Some(Split {
            cut,
            gain: gain as f32,
            left,
        });
        self.nodes
            .extend(covers.map(|cover| Growing { split: None, cover }));
        self.values.resize(self.nodes.len() * self.outputs, 0.0);
        left
    }

    /// The values of `leaf`, 0 until they are set.
    pub(crate) fn values_mut(&mut self, leaf: usize) -> &mut [f64] {
        &mut self.values[leaf * self.outputs..][..self.outputs]
    }

    /// The finished tree.
    pub(crate) fn finish(self) -> Tree {
        let mut stored = Stored {
            outputs: self.outputs,
            nodes: vec![],
            leaf_values: vec![],
            covers: vec![],
        };
        let mut order = vec![0];
        let mut next = 0;
        while let Some(&index) = order.get(next) {
            next += 1;
            let node = &self.nodes[index];
            stored.covers.push(node.cover);
            stored
                .nodes
                .push(node.split.map(|split| (split.cut, split.gain)));
            match node.split {
                Some(Split { left, .. }) => order.extend([left, left + 1]),
                None => stored
                    .leaf_values
                    .extend_from_slice(&self.values[index * self.outputs..][..self.outputs]),
            }
        }
        Tree::new(stored)
    }
}

//! A tree while it grows.

use super::node::{Rule, Stored, Tree};
use crate::math::narrow;

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
    rule: Rule,
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
    pub(crate) fn split(
        &mut self,
        leaf: usize,
        rule: impl Into<Rule>,
        gain: f64,
        covers: [f32; 2],
    ) -> usize {
        let left = self.nodes.len();
        self.nodes[leaf].split = Some(Split {
            rule: rule.into(),
            gain: narrow(gain),
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
                .push(node.split.map(|split| (split.rule, split.gain)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::node::{Cut, SetCut};

    #[test]
    fn a_finished_tree_is_stored_and_read_back_as_it_is() {
        let cut = |column, bin, missing_left| Cut {
            column,
            bin,
            missing_left,
        };
        let mut builder = TreeBuilder::new(2, 10.0);
        assert_eq!(builder.split(0, cut(3, 7, false), 1.5, [6.0, 4.0]), 1);
        assert_eq!(builder.split(2, cut(1, 0, true), 0.5, [3.0, 1.0]), 3);
        assert_eq!(builder.split(1, cut(0, 254, false), 0.25, [2.0, 4.0]), 5);
        let set = Rule::Set(SetCut {
            column: 2,
            right: [0, 3, 255].into_iter().collect(),
        });
        assert_eq!(builder.split(3, set, 0.125, [2.0, 1.0]), 7);
        builder.values_mut(4).copy_from_slice(&[0.5, -1.0]);
        let tree = builder.finish();
        let stored = Stored::from(tree.clone());
        assert_eq!(
            stored.covers,
            [10.0, 6.0, 4.0, 2.0, 4.0, 3.0, 1.0, 2.0, 1.0]
        );
        assert_eq!(
            stored.leaf_values,
            [0.0, 0.0, 0.0, 0.0, 0.5, -1.0, 0.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(stored.nodes[1], Some((cut(0, 254, false).into(), 0.25)));
        assert_eq!(stored.nodes[2], Some((cut(1, 0, true).into(), 0.5)));
        assert_eq!(stored.nodes[5], Some((set, 0.125)));
        assert!([0, 3, 255].iter().all(|bin| tree.goes_right(5, *bin)));
        assert!([1, 2, 254].iter().all(|bin| !tree.goes_right(5, *bin)));
        assert_eq!(Tree::try_from(stored).unwrap(), tree);
        assert!(tree.fits(4, 2) && !tree.fits(3, 2) && !tree.fits(4, 1));
    }

    #[test]
    fn what_is_not_a_tree_is_refused() {
        let cut = Some((
            Cut {
                column: 0,
                bin: 1,
                missing_left: false,
            }
            .into(),
            1.0,
        ));
        let sound = Stored {
            outputs: 1,
            nodes: vec![cut, None, None],
            leaf_values: vec![1.0, 2.0],
            covers: vec![2.0, 1.0, 1.0],
        };
        assert!(Tree::try_from(sound.clone()).is_ok());
        let spoil: [fn(&mut Stored); 9] = [
            |tree| tree.outputs = 0,
            |tree| tree.outputs = usize::MAX,
            |tree| tree.nodes.push(None),
            |tree| tree.nodes.truncate(2),
            |tree| tree.nodes.clear(),
            |tree| tree.nodes[0] = None,
            |tree| tree.leaf_values[1] = f64::NAN,
            |tree| tree.covers.clear(),
            |tree| {
                tree.nodes[0] = Some((
                    Cut {
                        column: 0,
                        bin: 0,
                        missing_left: false,
                    }
                    .into(),
                    1.0,
                ));
            },
        ];
        for spoil in spoil {
            let mut tree = sound.clone();
            spoil(&mut tree);
            assert!(Tree::try_from(tree.clone()).is_err(), "{tree:?}");
        }
    }
}

//! Growing a tree best split first.
//!
//! Open leaves wait in a heap by the gain of their best split. Splitting one parts its rows, adds up the histogram of the
//! smaller child and takes it off the parent's to get the larger child's. Without a limit on leaves every split with a gain
//! is made, which is the same tree as growing level by level. With one, growing level by level takes the levels in turn.
//!
//! Small leaves are prepared several at a time ([`expand`]). One that was split in advance and is not wanted after all stays a
//! leaf, so the tree does not show it.

mod expand;
mod leaf;
mod search;

use std::collections::BinaryHeap;
use std::ops::Range;

use super::build::TreeBuilder;
use super::gradient::{Moments, Scale};
use super::growth::{ColumnDraws, ColumnRules, Growth as Order};
use super::histogram::{Histogram, Pool};
use super::interaction::Path;
use super::monotone::Bounds;
use super::node::{Rule, Tree};
use super::rules::{Rules, Scaled};
use super::split::Split;
use crate::binning::{BinnedMatrix, RowTiles};
use leaf::{Child, Found, Leaf, Open};

/// What one tree grows from.
#[derive(Debug)]
pub(crate) struct Grower<'a, C> {
    pub(crate) matrix: &'a BinnedMatrix,
    /// The same bins as in `matrix`.
    pub(crate) tiles: &'a RowTiles,
    pub(crate) gradients: &'a [C],
    pub(crate) scale: Scale,
    pub(crate) rules: &'a Rules,
    /// Whether each column may be split by.
    pub(crate) allowed: &'a [bool],
    pub(crate) columns: &'a ColumnRules,
    pub(crate) draws: ColumnDraws,
    pub(crate) pool: &'a Pool<C>,
}

/// A grown tree and where its training rows ended up.
#[derive(Debug)]
pub(crate) struct Grown {
    pub(crate) tree: Tree,
    /// Each leaf's range in the row order and its value.
    pub(crate) leaves: Vec<(Range<usize>, f64)>,
}

impl<C: Moments> Grower<'_, C> {
    /// Grows a tree on `rows`, which are in ascending order, and reorders them; `spare` is as long and is overwritten. Leaf
    /// values are multiplied by `shrinkage`.
    pub(crate) fn grow(&self, rows: &mut [u32], spare: &mut [u32], shrinkage: f64) -> Grown {
        let mut growth = Growth {
            grower: self,
            scaled: Scaled {
                rules: self.rules,
                scale: self.scale,
                extra_l2: 0.0,
                bounds: Bounds::FREE,
                direction: None,
            },
            builder: TreeBuilder::new(1, rows.len() as f32),
            open: BinaryHeap::new(),
            leaves: Vec::new(),
            shrinkage,
        };
        growth.start(rows);
        while let Some(open) = growth.open.pop() {
            if growth.num_leaves() + 1 < self.rules.num_leaves {
                let open = growth.expand_several(open, rows, spare);
                growth.split(open);
            } else {
                growth.give_up(open, rows);
            }
        }
        Grown {
            tree: growth.builder.finish(),
            leaves: growth.leaves,
        }
    }

    /// The sums over `rows`, which are in ascending order.
    fn histogram(&self, rows: &[u32]) -> Histogram<C> {
        (self.pool).build(self.tiles, self.gradients, rows, self.allowed)
    }
}

struct Growth<'a, C> {
    grower: &'a Grower<'a, C>,
    scaled: Scaled<'a>,
    builder: TreeBuilder,
    open: BinaryHeap<Open<C>>,
    /// Leaves that stay.
    leaves: Vec<(Range<usize>, f64)>,
    shrinkage: f64,
}

impl<C: Moments> Growth<'_, C> {
    fn start(&mut self, rows: &[u32]) {
        let histogram = self.grower.histogram(rows);
        let allowed = self.grower.allowed;
        // Without an allowed column, padding tells.
        let told_by = allowed
            .iter()
            .position(|allowed| *allowed)
            .unwrap_or(allowed.len());
        let root = Leaf {
            node: 0,
            key: 1,
            depth: 0,
            rows: 0..rows.len(),
            total: histogram.total(told_by),
            extra_l2: 0.0,
            bounds: Bounds::FREE,
            path: Path::Any,
        };
        let split = self.find(&root, &histogram, rows);
        self.place(root, histogram, split);
    }

    /// Makes the split of `open`, whose children are prepared.
    fn split(&mut self, open: Open<C>) {
        let Open {
            leaf,
            histogram,
            split,
            gain,
            children,
            ..
        } = open;
        if let Some(histogram) = histogram {
            self.grower.pool.give_back(histogram);
        }
        let Some(children) = children else {
            return self.close(leaf);
        };
        let covers = children
            .each_ref()
            .map(|child| child.leaf.rows.len() as f32);
        let node = self.builder.split(leaf.node, split.cut, gain, covers);
        let [left, right] = children;
        // The smaller side is placed first: of equal gains what was placed first is split first.
        let left_is_small = left.leaf.rows.len() <= right.leaf.rows.len();
        let [mut first, mut second] = if left_is_small {
            [left, right]
        } else {
            [right, left]
        };
        (first.leaf.node, second.leaf.node) = if left_is_small {
            (node, node + 1)
        } else {
            (node + 1, node)
        };
        for Child { leaf, found } in [first, second] {
            match found {
                Some(Found { histogram, split }) => self.place(leaf, histogram, split),
                None => self.close(leaf),
            }
        }
    }

    /// Makes a leaf of `open` for good. Rows that were parted in advance go back to ascending order.
    fn give_up(&mut self, open: Open<C>, rows: &mut [u32]) {
        let Open {
            leaf,
            histogram,
            children,
            ..
        } = open;
        if let Some(histogram) = histogram {
            self.grower.pool.give_back(histogram);
        }
        if children.is_some() {
            rows[leaf.rows.clone()].sort();
        }
        for child in children.into_iter().flatten() {
            if let Some(found) = child.found {
                self.grower.pool.give_back(found.histogram);
            }
        }
        self.close(leaf);
    }

    fn num_leaves(&self) -> usize {
        self.open.len() + self.leaves.len()
    }

    fn place(&mut self, leaf: Leaf<C>, histogram: Histogram<C>, split: Option<Split<C, Rule>>) {
        if let Some(split) = split {
            let rank = match self.grower.rules.growth {
                Order::LeafWise => 0,
                Order::DepthWise => usize::MAX - leaf.depth,
            };
            self.open.push(Open {
                gain: self.gain(&split, &leaf),
                rank,
                leaf,
                histogram: Some(histogram),
                split,
                children: None,
            });
        } else {
            self.grower.pool.give_back(histogram);
            self.close(leaf);
        }
    }

    fn close(&mut self, leaf: Leaf<C>) {
        let scaled = Scaled {
            extra_l2: leaf.extra_l2,
            bounds: leaf.bounds,
            ..self.scaled
        };
        let value = self.shrinkage * scaled.leaf_value(leaf.total);
        self.builder.values_mut(leaf.node)[0] = value;
        self.leaves.push((leaf.rows, value));
    }
}

#[cfg(test)]
mod tests;

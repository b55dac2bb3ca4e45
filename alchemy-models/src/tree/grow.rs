//! Growing a tree best split first.
//!
//! Open leaves wait in a heap by the gain of their best split. Splitting one parts its rows, adds up the histogram of the
//! smaller child and takes it off the parent's to get the larger child's. Without a limit on leaves every split with a gain
//! is made, which is the same tree as growing level by level. With one, growing level by level takes the levels in turn.
//!
//! Small leaves are split several at a time ([`expand`]): besides the best one those that are likely to be next. A leaf that
//! was split in advance and is not wanted after all stays a leaf, so the tree does not show it.

mod search;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use alchemy_core::random::mix;
use rayon::prelude::*;

use super::build::TreeBuilder;
use super::gradient::{Moments, Scale};
use super::growth::{ColumnDraws, ColumnRules, Growth as Order};
use super::histogram::{Histogram, Pool};
use super::interaction::Path;
use super::monotone::Bounds;
use super::node::{Rule, Tree};
use super::partition::partition;
use super::rules::{Rules, Scaled};
use super::split::Split;
use crate::binning::{BinnedMatrix, RowTiles};

/// Leaves of fewer rows are split several at a time, since the rows of one are too few to share among threads.
const ROWS_OF_SMALL: usize = 1 << 16;

/// The most leaves that are split together.
const SMALL_TOGETHER: usize = 8;

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

/// A leaf that has just come to be.
struct Leaf<C> {
    /// Its number, once it is in the tree.
    node: usize,
    /// Names it by its path from the root, for random draws.
    key: u64,
    depth: usize,
    rows: Range<usize>,
    total: C,
    /// What the split that made it adds to the L2 penalty on its value.
    extra_l2: f64,
    bounds: Bounds,
    path: Path,
}

/// A leaf that may still be split.
struct Open<C> {
    leaf: Leaf<C>,
    /// Until its larger child takes it over.
    histogram: Option<Histogram<C>>,
    split: Split<C, Rule>,
    gain: f64,
    /// Splits of a higher rank come first.
    rank: usize,
    children: Option<[Child<C>; 2]>,
}

/// A side of a split that may not be made yet, left or right.
struct Child<C> {
    leaf: Leaf<C>,
    /// Where there was room for another split.
    found: Option<Found<C>>,
}

/// The sums of a leaf, and its best split if one gains enough.
struct Found<C> {
    histogram: Histogram<C>,
    split: Option<Split<C, Rule>>,
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
        let Grower {
            tiles,
            gradients,
            allowed,
            pool,
            ..
        } = *self.grower;
        let histogram = pool.build(tiles, gradients, rows, allowed);
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

    /// Prepares the children of `open`, which is to be split now, and of leaves that are likely to be next.
    fn expand_several(&mut self, open: Open<C>, rows: &mut [u32], spare: &mut [u32]) -> Open<C> {
        if open.children.is_some() {
            return open;
        }
        let splits_left = self.grower.rules.num_leaves - 1 - self.num_leaves();
        let together = if open.leaf.rows.len() < ROWS_OF_SMALL {
            (splits_left / 2).clamp(1, SMALL_TOGETHER)
        } else {
            1
        };
        let first = open.leaf.node;
        let (mut tasks, mut ready) = (vec![open], Vec::new());
        while tasks.len() < together
            && let Some(next) = self.open.pop()
        {
            match next.children {
                Some(_) => ready.push(next),
                None => tasks.push(next),
            }
        }
        self.open.extend(ready);
        tasks.sort_unstable_by_key(|open| open.leaf.rows.start);
        let (mut rows, mut spare, mut start) = (rows, spare, 0);
        let mut parted = Vec::with_capacity(tasks.len());
        for open in &mut tasks {
            let Range { start: from, end } = open.leaf.rows.clone();
            let (own, rest) = rows.split_at_mut(end - start);
            let (own_spare, spare_rest) = spare.split_at_mut(end - start);
            parted.push((
                open,
                &mut own[from - start..],
                &mut own_spare[from - start..],
            ));
            (rows, spare, start) = (rest, spare_rest, end);
        }
        parted
            .into_par_iter()
            .for_each(|(open, rows, spare)| self.expand(open, rows, spare, splits_left > 1));
        let place = tasks.iter().position(|open| open.leaf.node == first);
        let open = tasks.swap_remove(place.unwrap_or(0));
        self.open.extend(tasks);
        open
    }

    /// Parts the rows of a leaf, which are `rows`, and finds the best splits of its children if these `may_go_on`.
    fn expand(&self, open: &mut Open<C>, rows: &mut [u32], spare: &mut [u32], may_go_on: bool) {
        let Open {
            leaf,
            histogram,
            split,
            ..
        } = open;
        let left_rows = partition(self.grower.matrix, split.cut, rows, spare);
        let right_rows = rows.len() - left_rows;
        if let Some(histogram) = histogram {
            let absent = self.absent(split.cut.column(), histogram);
            split.cut.send(&absent, left_rows >= right_rows);
        }
        let extra_l2 = self.extra_l2(&split.cut);
        let bounds = self.bounds(leaf, split, extra_l2);
        let path = self.path(leaf, &split.cut);
        let middle = leaf.rows.start + left_rows;
        let child = |side: u8, rows: Range<usize>, total, bounds| Leaf {
            node: 0,
            key: mix(leaf.key ^ u64::from(side)),
            depth: leaf.depth + 1,
            rows,
            total,
            extra_l2,
            bounds,
            path: path.clone(),
        };
        let left = child(0, leaf.rows.start..middle, split.left, bounds[0]);
        let right = child(1, middle..leaf.rows.end, split.right, bounds[1]);
        let (left_own, right_own) = rows.split_at(left_rows);
        let left_is_small = left_rows <= right_rows;
        let (small, small_rows, large, large_rows) = if left_is_small {
            (left, left_own, right, right_own)
        } else {
            (right, right_own, left, left_own)
        };
        let mut found = [None, None];
        if may_go_on
            && self.may_split(&large)
            && let Some(histogram) = histogram.take()
        {
            found = self.find_both((&small, small_rows), (&large, large_rows), histogram);
        }
        let [small_found, large_found] = found;
        let small = Child {
            leaf: small,
            found: small_found,
        };
        let large = Child {
            leaf: large,
            found: large_found,
        };
        open.children = Some(if left_is_small {
            [small, large]
        } else {
            [large, small]
        });
    }

    /// The sums and best splits of two siblings, whose parent has the sums `parent`.
    fn find_both(
        &self,
        (small, small_rows): (&Leaf<C>, &[u32]),
        (large, large_rows): (&Leaf<C>, &[u32]),
        parent: Histogram<C>,
    ) -> [Option<Found<C>>; 2] {
        let Grower {
            tiles,
            gradients,
            allowed,
            pool,
            ..
        } = *self.grower;
        let small_histogram = pool.build(tiles, gradients, small_rows, allowed);
        let mut large_histogram = parent;
        large_histogram.subtract(tiles, &small_histogram);
        let (small_split, large_split) = rayon::join(
            || self.find(small, &small_histogram, small_rows),
            || self.find(large, &large_histogram, large_rows),
        );
        [
            (small_histogram, small_split),
            (large_histogram, large_split),
        ]
        .map(|(histogram, split)| Some(Found { histogram, split }))
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

impl<C> Ord for Open<C> {
    /// By rank, then by gain; of equal gains the leaf that was made first is the greater.
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank
            .cmp(&other.rank)
            .then_with(|| self.gain.total_cmp(&other.gain))
            .then_with(|| other.leaf.node.cmp(&self.leaf.node))
    }
}

impl<C> PartialOrd for Open<C> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<C> Eq for Open<C> {}

impl<C> PartialEq for Open<C> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

#[cfg(test)]
mod tests;

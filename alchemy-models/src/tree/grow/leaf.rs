//! The leaves of a tree that grows.

use std::cmp::Ordering;
use std::ops::Range;

use crate::tree::histogram::Histogram;
use crate::tree::interaction::Path;
use crate::tree::monotone::Bounds;
use crate::tree::node::Rule;
use crate::tree::split::Split;

/// A leaf that has just come to be.
pub(super) struct Leaf<C> {
    /// Its number, once it is in the tree.
    pub(super) node: usize,
    /// Names it by its path from the root, for random draws.
    pub(super) key: u64,
    pub(super) depth: usize,
    pub(super) rows: Range<usize>,
    pub(super) total: C,
    /// What the split that made it adds to the L2 penalty on its value.
    pub(super) extra_l2: f64,
    pub(super) bounds: Bounds,
    pub(super) path: Path,
}

/// A leaf that may still be split.
pub(super) struct Open<C> {
    pub(super) leaf: Leaf<C>,
    /// Until its larger child takes it over.
    pub(super) histogram: Option<Histogram<C>>,
    pub(super) split: Split<C, Rule>,
    pub(super) gain: f64,
    /// Splits of a higher rank come first.
    pub(super) rank: usize,
    pub(super) children: Option<[Child<C>; 2]>,
}

/// A side of a split that may not be made yet, left or right.
pub(super) struct Child<C> {
    pub(super) leaf: Leaf<C>,
    /// Where there was room for another split.
    pub(super) found: Option<Found<C>>,
}

/// The sums of a leaf, and its best split if one gains enough.
pub(super) struct Found<C> {
    pub(super) histogram: Histogram<C>,
    pub(super) split: Option<Split<C, Rule>>,
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

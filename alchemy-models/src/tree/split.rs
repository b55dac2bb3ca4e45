//! The best way to part a node by one column.
//!
//! Bins are scanned once from low to high with the missing values on the right and, if there are any, once more with them on
//! the left, beginning with "missing against the rest". Empty bins give no candidate: a cut
//! between two filled bins stands in the middle of the empty ones.
//!
//! Of equal gains the lowest column wins, then missing values on the right, then the lowest bin, so a tree does not depend
//! on the order in which columns are looked at.

use std::cmp::Ordering;

use super::cell::Cell;
use super::node::{Cut, Rule};
use crate::binning::MISSING;

/// What a split is worth.
pub(crate) trait Criterion<C>: Sync {
    /// The worth of parting rows so, comparable between candidates of one node; `None` if it is not allowed.
    fn worth(&self, left: C, right: C) -> Option<f64>;
}

/// A candidate: a [`Cut`], or a [`Rule`] where columns may hold categories.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Split<C, R = Cut> {
    pub(crate) worth: f64,
    pub(crate) cut: R,
    /// Whether the node has missing values in the column, so that `cut` knows their side.
    pub(crate) missing: bool,
    pub(crate) left: C,
    pub(crate) right: C,
}

impl<C, R> Split<C, R> {
    /// The same split with the sums of both sides changed by `change`.
    pub(crate) fn map<D>(self, change: impl Fn(C) -> D) -> Split<D, R> {
        let Self {
            worth,
            cut,
            missing,
            left,
            right,
        } = self;
        Split {
            worth,
            cut,
            missing,
            left: change(left),
            right: change(right),
        }
    }
}

impl<C> From<Split<C>> for Split<C, Rule> {
    fn from(split: Split<C>) -> Self {
        let Split {
            worth,
            cut,
            missing,
            left,
            right,
        } = split;
        Self {
            worth,
            cut: Rule::Cut(cut),
            missing,
            left,
            right,
        }
    }
}

impl<C, R: Rank> Split<C, R> {
    /// The better of two candidates for a node is the greater.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.worth
            .total_cmp(&other.worth)
            .then_with(|| other.cut.rank().cmp(&self.cut.rank()))
    }
}

/// What decides between candidates of equal worth.
pub(crate) trait Rank {
    /// The lower one wins.
    fn rank(&self) -> (u16, bool, u8);
}

impl Rank for Cut {
    fn rank(&self) -> (u16, bool, u8) {
        (self.column, self.missing_left, self.bin)
    }
}

impl Rank for Rule {
    /// There is one candidate for each column of categories.
    fn rank(&self) -> (u16, bool, u8) {
        match self {
            Self::Cut(cut) => cut.rank(),
            Self::Set(set) => (set.column, false, 0),
        }
    }
}

/// The best split by `column`, whose filled bins in ascending order are `filled`, of a node that adds up to `total`.
pub(crate) fn best_split<C: Cell>(
    column: u16,
    filled: impl Iterator<Item = (u8, C)> + Clone,
    total: C,
    criterion: &impl Criterion<C>,
) -> Option<Split<C>> {
    let mut values = filled;
    let mut after_missing = values.clone();
    let missing = after_missing.next().filter(|(bin, _)| *bin == MISSING);
    if missing.is_some() {
        values = after_missing;
    }
    let mut scan = Scan {
        column,
        total,
        criterion,
        best: None,
    };
    scan.run(C::default(), None, values.clone());
    if let Some((bin, cell)) = missing {
        scan.run(cell, Some(bin), values);
    }
    let mut best = scan.best?;
    best.missing = missing.is_some();
    Some(best)
}

struct Scan<'a, C, K> {
    column: u16,
    total: C,
    criterion: &'a K,
    best: Option<Split<C>>,
}

impl<C: Cell, K: Criterion<C>> Scan<'_, C, K> {
    /// Tries a cut before each of `values` but the first, or before all of them if the left side starts with the missing
    /// values in bin `last`.
    fn run(&mut self, mut left: C, mut last: Option<u8>, values: impl Iterator<Item = (u8, C)>) {
        let missing_left = last.is_some();
        for (bin, cell) in values {
            if let Some(last) = last {
                let middle = if last == MISSING {
                    last
                } else {
                    last + (bin - 1 - last) / 2
                };
                self.try_cut(
                    Cut {
                        column: self.column,
                        bin: middle,
                        missing_left,
                    },
                    left,
                );
            }
            left.add(cell);
            last = Some(bin);
        }
    }

    fn try_cut(&mut self, cut: Cut, left: C) {
        let mut right = self.total;
        right.subtract(left);
        if let Some(worth) = self.criterion.worth(left, right)
            && self.best.is_none_or(|best| worth > best.worth)
        {
            self.best = Some(Split {
                worth,
                cut,
                missing: false,
                left,
                right,
            });
        }
    }
}

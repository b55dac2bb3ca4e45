//! Preparing splits: parting the rows of a leaf and finding the best splits of both sides.
//!
//! A leaf of few rows cannot keep several threads busy, so small leaves are prepared several at a time: besides the best one
//! those that are likely to be next.

use std::ops::Range;

use alchemy_core::random::mix;
use rayon::prelude::*;

use super::Growth;
use super::leaf::{Child, Found, Leaf, Open};
use crate::tree::gradient::Moments;
use crate::tree::histogram::Histogram;
use crate::tree::partition::partition;

/// Leaves of fewer rows are split several at a time, since the rows of one are too few to share among threads.
const ROWS_OF_SMALL: usize = 1 << 16;

/// The most leaves that are split together.
const SMALL_TOGETHER: usize = 8;

impl<C: Moments> Growth<'_, C> {
    /// Prepares the children of `open`, which is to be split now, and of leaves that are likely to be next.
    pub(super) fn expand_several(
        &mut self,
        open: Open<C>,
        rows: &mut [u32],
        spare: &mut [u32],
    ) -> Open<C> {
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
        let small_histogram = self.grower.histogram(small_rows);
        let mut large_histogram = parent;
        large_histogram.subtract(self.grower.tiles, &small_histogram);
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
}

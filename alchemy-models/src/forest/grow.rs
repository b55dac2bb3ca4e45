//! Growing one tree of a forest, depth first.

use std::ops::Range;

use super::bins::{Bins, RowBins};
use super::outcome::{Outcome, Target};
use super::params::Params;
use super::search::Search;
use crate::math::narrow;
use crate::tree::build::TreeBuilder;
use crate::tree::cell::Cell;
use crate::tree::node::{Cut, Tree};

/// Rows of a node from which on down its bins are copied, so that all below it works in a first-level cache.
const COPIED_ROWS: usize = 1024;

/// The columns of a training table.
#[derive(Debug)]
pub(super) struct Layout {
    /// The column of each feature, `None` for one that never varies.
    pub(super) columns: Vec<Option<u16>>,
    /// How many bins each column has.
    pub(super) num_bins: Vec<usize>,
    /// Where the bins of each column lie, for random cuts.
    pub(super) positions: Vec<Vec<f64>>,
}

/// What a tree grows from.
#[derive(Debug)]
pub(super) struct Grower<'a, O> {
    pub(super) params: &'a Params,
    pub(super) layout: &'a Layout,
    pub(super) bins: Bins<'a>,
    pub(super) outcome: &'a O,
    /// The number of the tree.
    pub(super) tree: u64,
}

/// A node that is not yet split or closed.
struct Open<C> {
    node: usize,
    depth: usize,
    rows: Range<usize>,
    total: C,
}

/// Rows and what each adds, in the order of nodes; and as much memory again to part them.
struct Ordered<R> {
    rows: Vec<u32>,
    added: Vec<R>,
    spare_rows: Vec<u32>,
    spare_added: Vec<R>,
}

impl<'a, O: Outcome> Grower<'a, O> {
    /// Grows a tree on `rows`, each of which adds what `added` says.
    pub(super) fn grow(&self, rows: Vec<u32>, added: Vec<O::Row>) -> Tree {
        let mut total = O::Cell::default();
        added.iter().for_each(|row| O::put(&mut total, *row));
        let root = Open {
            node: 0,
            depth: 0,
            rows: 0..rows.len(),
            total,
        };
        let num_values = self.outcome.target().num_values();
        let mut growth = Growth {
            grower: self,
            builder: TreeBuilder::new(num_values, self.cover(total)),
            search: Search::new(self),
        };
        growth.below(root, self.bins, None, &mut Ordered::new(rows, added));
        growth.builder.finish()
    }

    fn cover(&self, total: O::Cell) -> f32 {
        narrow(self.outcome.weight(total))
    }

    /// Whether copies pay: each column is copied once, and read where it is drawn.
    fn copies(&self) -> bool {
        let num_features = self.layout.columns.len();
        num_features <= 8 * self.params.max_features.of(num_features)
    }
}

struct Growth<'a, O: Outcome> {
    grower: &'a Grower<'a, O>,
    builder: TreeBuilder,
    search: Search<'a, O>,
}

impl<O: Outcome> Growth<'_, O> {
    /// Grows everything below `top`. `ordered` are rows of `bins`, which `names` calls by their rows in the table; without
    /// names they are these.
    fn below(
        &mut self,
        top: Open<O::Cell>,
        bins: Bins<'_>,
        names: Option<&[u32]>,
        ordered: &mut Ordered<O::Row>,
    ) {
        let grower = self.grower;
        let mut open = vec![top];
        while let Some(Open {
            node,
            depth,
            rows: range,
            total,
        }) = open.pop()
        {
            if names.is_none() && range.len() <= COPIED_ROWS && grower.copies() {
                let rows = ordered.rows[range.clone()].to_vec();
                let mut copy = RowBins::default();
                copy.copy(bins, grower.layout.num_bins.len().max(1), &rows);
                let mut local = Ordered::new(
                    (0u32..).take(rows.len()).collect(),
                    ordered.added[range].to_vec(),
                );
                let top = Open {
                    node,
                    depth,
                    rows: 0..rows.len(),
                    total,
                };
                self.below(top, copy.bins(), Some(&rows), &mut local);
                continue;
            }
            let rows = &ordered.rows[range.clone()];
            let named = |row: &u32| names.map_or(*row, |names| names[*row as usize]) as usize;
            let may_split = depth < grower.params.max_depth.unwrap_or(usize::MAX)
                && rows.len() >= grower.params.min_samples_split
                && rows.len() / 2 >= grower.params.min_samples_leaf
                && !grower.outcome.target().is_pure(rows.iter().map(named));
            let found = if may_split {
                let added = &ordered.added[range.clone()];
                self.search.find(node, bins, rows, added, total)
            } else {
                None
            };
            let Some(mut found) = found else {
                let values = self.builder.values_mut(node);
                let target = grower.outcome.target();
                target.write_leaf(rows.iter().map(named), values);
                continue;
            };
            let left_rows = ordered.part(range.clone(), bins, found.cut);
            if !found.missing {
                found.cut.missing_left = left_rows >= range.len() - left_rows;
            }
            let mut right = total;
            right.subtract(found.left);
            let covers = [grower.cover(found.left), grower.cover(right)];
            let left = self.builder.split(node, found.cut, found.gain, covers);
            let middle = range.start + left_rows;
            let depth = depth + 1;
            open.push(Open {
                node: left + 1,
                depth,
                rows: middle..range.end,
                total: right,
            });
            open.push(Open {
                node: left,
                depth,
                rows: range.start..middle,
                total: found.left,
            });
        }
    }
}

impl<R: Copy + Default> Ordered<R> {
    fn new(rows: Vec<u32>, added: Vec<R>) -> Self {
        Self {
            spare_rows: vec![0; rows.len()],
            spare_added: vec![R::default(); rows.len()],
            rows,
            added,
        }
    }

    /// Puts the rows of `range` that go left before those that go right, each side in its old order; returns how many go
    /// left. All is written at every step, so there is no branch to mispredict.
    fn part(&mut self, range: Range<usize>, bins: Bins<'_>, cut: Cut) -> usize {
        let column = bins.column(usize::from(cut.column));
        let rows = &mut self.rows[range.clone()];
        let added = &mut self.added[range.clone()];
        let spare_rows = &mut self.spare_rows[..rows.len()];
        let spare_added = &mut self.spare_added[..rows.len()];
        let (mut left, mut right) = (0, 0);
        for index in 0..rows.len() {
            let (row, adds) = (rows[index], added[index]);
            let goes_right = usize::from(cut.goes_right(column.of(row)));
            rows[left] = row;
            added[left] = adds;
            spare_rows[right] = row;
            spare_added[right] = adds;
            left += 1 - goes_right;
            right += goes_right;
        }
        rows[left..].copy_from_slice(&spare_rows[..right]);
        added[left..].copy_from_slice(&spare_added[..right]);
        left
    }
}

//! Growing one tree of a forest, depth first.

use std::ops::Range;

use alchemy_core::random::Stream;

use super::column::ColumnCells;
use super::outcome::{ByWorth, Outcome};
use super::params::Params;
use crate::binning::BinnedMatrix;
use crate::math::narrow;
use crate::tree::build::TreeBuilder;
use crate::tree::cell::Cell;
use crate::tree::node::Tree;
use crate::tree::partition::partition;
use crate::tree::split::{Split, best_split};

/// Key of the random stream, so that it differs from the draws of rows.
const FEATURES_KEY: u64 = 2;

/// What a tree grows from.
#[derive(Debug)]
pub(super) struct Grower<'a, O> {
    pub(super) params: &'a Params,
    /// The rows of the tree's bag.
    pub(super) matrix: &'a BinnedMatrix,
    /// The column of each feature, `None` for one that never varies.
    pub(super) columns: &'a [Option<u16>],
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

impl<O: Outcome> Grower<'_, O> {
    pub(super) fn grow(&self) -> Tree {
        let num_rows = self.matrix.num_rows();
        let mut rows: Vec<u32> = (0u32..).take(num_rows).collect();
        let mut spare = vec![0; num_rows];
        let cells = self.outcome.cells();
        let mut total = O::Cell::default();
        cells.iter().for_each(|cell| total.add(*cell));
        let mut builder = TreeBuilder::new(self.outcome.num_values(), self.cover(total));
        let mut search = Search::new(self, &cells);
        let mut open = vec![Open {
            node: 0,
            depth: 0,
            rows: 0..num_rows,
            total,
        }];
        while let Some(Open {
            node,
            depth,
            rows: range,
            total,
        }) = open.pop()
        {
            let node_rows = &mut rows[range.clone()];
            let split = if self.may_split(node_rows, depth) {
                search.find(node, node_rows, total)
            } else {
                None
            };
            let Some(mut split) = split else {
                self.outcome.write_leaf(node_rows, builder.values_mut(node));
                continue;
            };
            let left_rows = partition(self.matrix, split.cut, node_rows, &mut spare[range.clone()]);
            if !split.missing {
                split.cut.missing_left = left_rows >= node_rows.len() - left_rows;
            }
            let gain = split.worth - self.outcome.worth(total);
            let left = builder.split(
                node,
                split.cut,
                gain,
                [self.cover(split.left), self.cover(split.right)],
            );
            let middle = range.start + left_rows;
            let depth = depth + 1;
            open.push(Open {
                node: left + 1,
                depth,
                rows: middle..range.end,
                total: split.right,
            });
            open.push(Open {
                node: left,
                depth,
                rows: range.start..middle,
                total: split.left,
            });
        }
        builder.finish()
    }

    fn may_split(&self, rows: &[u32], depth: usize) -> bool {
        depth < self.params.max_depth.unwrap_or(usize::MAX)
            && rows.len() >= self.params.min_samples_split
            && rows.len() / 2 >= self.params.min_samples_leaf
            && !self.outcome.is_pure(rows)
    }

    fn cover(&self, total: O::Cell) -> f32 {
        narrow(self.outcome.weight(total))
    }
}

/// The search for splits, with memory that is used again for every node.
struct Search<'a, O: Outcome> {
    grower: &'a Grower<'a, O>,
    cells: &'a [O::Cell],
    /// The cells of a node's rows, in their order.
    near: Vec<O::Cell>,
    column: ColumnCells<O::Cell>,
    /// All features; in their own order between nodes.
    features: Vec<usize>,
    swaps: Vec<(usize, usize)>,
}

impl<'a, O: Outcome> Search<'a, O> {
    fn new(grower: &'a Grower<'a, O>, cells: &'a [O::Cell]) -> Self {
        Self {
            grower,
            cells,
            near: Vec::with_capacity(cells.len()),
            column: ColumnCells::new(),
            features: (0..grower.columns.len()).collect(),
            swaps: Vec::new(),
        }
    }

    /// The best split by features drawn at random, until enough are drawn and one of them varies.
    fn find(&mut self, node: usize, rows: &[u32], total: O::Cell) -> Option<Split<O::Cell>> {
        self.near.clear();
        self.near
            .extend(rows.iter().map(|row| self.cells[*row as usize]));
        let mut stream = Stream::new(
            self.grower.params.seed,
            &[FEATURES_KEY, self.grower.tree, node as u64],
        );
        let num_features = self.features.len();
        let wanted = self.grower.params.max_features.of(num_features);
        let mut varied = false;
        let mut best: Option<Split<O::Cell>> = None;
        for drawn in 0..num_features {
            if drawn >= wanted && varied {
                break;
            }
            let left = (num_features - drawn) as u64;
            let other = drawn + usize::try_from(stream.below(left)).unwrap_or(0);
            self.features.swap(drawn, other);
            self.swaps.push((drawn, other));
            let Some(column) = self.grower.columns[self.features[drawn]] else {
                continue;
            };
            self.column
                .fill(self.grower.matrix.column(column), rows, &self.near);
            if self.column.varies() {
                varied = true;
                let split = best_split(
                    column,
                    self.column.filled(),
                    total,
                    &ByWorth(self.grower.outcome),
                );
                best = best.into_iter().chain(split).max_by(Split::compare);
            }
            self.column.clear();
        }
        while let Some((drawn, other)) = self.swaps.pop() {
            self.features.swap(drawn, other);
        }
        best
    }
}

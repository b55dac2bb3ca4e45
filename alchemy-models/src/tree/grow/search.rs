//! The search for the best split of a leaf.

use rayon::prelude::*;

use super::leaf::Leaf;
use super::{Grower, Growth};
use crate::tree::bin_set::BinSet;
use crate::tree::categories::CategoryCells;
use crate::tree::cell::{Cell, Counted};
use crate::tree::gradient::Moments;
use crate::tree::histogram::Histogram;
use crate::tree::interaction::Path;
use crate::tree::monotone::Bounds;
use crate::tree::node::Rule;
use crate::tree::rules::Scaled;
use crate::tree::scan::best_cut;
use crate::tree::split::{Split, best_split};

/// Bins that one task scans: some tens of microseconds.
const BINS_PER_TASK: usize = 4096;

/// A gain below this share of what it is the difference of is taken for rounding.
const NOISE: f64 = 1e-12;

impl<C: Moments> Growth<'_, C> {
    /// The best split of `leaf` that gains enough, if it may be split.
    pub(super) fn find(
        &self,
        leaf: &Leaf<C>,
        histogram: &Histogram<C>,
        rows: &[u32],
    ) -> Option<Split<C, Rule>> {
        if !self.may_split(leaf) {
            return None;
        }
        let Grower {
            allowed,
            columns,
            draws,
            ..
        } = self.grower;
        let interactions = columns.interactions.as_ref();
        let interactions = interactions.map(|interactions| (interactions, &leaf.path));
        let allowed = draws.columns(allowed, leaf.key, leaf.depth, interactions);
        let best = self.best_of(&allowed, |column| self.scan(column, histogram, leaf))?;
        if !self.gains_enough(&best, leaf) {
            return None;
        }
        if self.is_certain(&best) {
            return Some(best);
        }
        let best = self.find_exact(&allowed, leaf, histogram, rows)?;
        self.gains_enough(&best, leaf).then_some(best)
    }

    /// The best of what `scan` finds in the columns that may be split by.
    fn best_of(
        &self,
        allowed: &[bool],
        scan: impl Fn(u16) -> Option<Split<C, Rule>> + Sync + Send,
    ) -> Option<Split<C, Rule>> {
        let matrix = self.grower.matrix;
        let bins: usize = matrix.num_bins().iter().sum();
        let grain = BINS_PER_TASK * usize::from(matrix.num_columns()) / bins.max(1);
        (0..matrix.num_columns())
            .into_par_iter()
            .with_min_len(grain)
            .filter(|column| allowed[usize::from(*column)])
            .filter_map(scan)
            .max_by(Split::compare)
    }

    /// The best split with rows counted wherever hessians do not tell how many there are. Columns are taken in the order of
    /// what they promise, until none promises more than the best found.
    fn find_exact(
        &self,
        allowed: &[bool],
        leaf: &Leaf<C>,
        histogram: &Histogram<C>,
        rows: &[u32],
    ) -> Option<Split<C, Rule>> {
        let mut candidates: Vec<Split<C, Rule>> = (0..self.grower.matrix.num_columns())
            .filter(|column| allowed[usize::from(*column)])
            .filter_map(|column| self.scan(column, histogram, leaf))
            .collect();
        candidates.sort_unstable_by(|a, b| b.compare(a));
        let mut best: Option<Split<C, Rule>> = None;
        for candidate in candidates {
            if best.is_some_and(|best| best.compare(&candidate).is_gt())
                || !self.gains_enough(&candidate, leaf)
            {
                break;
            }
            let exact = if self.is_certain(&candidate) {
                Some(candidate)
            } else {
                self.recount(candidate.cut.column(), histogram, leaf, rows)
            };
            best = best.into_iter().chain(exact).max_by(Split::compare);
        }
        best
    }

    fn is_certain(&self, split: &Split<C, Rule>) -> bool {
        self.scaled.has_enough_rows(split.left) && self.scaled.has_enough_rows(split.right)
    }

    pub(super) fn may_split(&self, leaf: &Leaf<C>) -> bool {
        let rules = self.grower.rules;
        leaf.depth < rules.max_depth && leaf.rows.len() / 2 >= rules.min_samples_leaf
    }

    pub(super) fn gain(&self, split: &Split<C, Rule>, leaf: &Leaf<C>) -> f64 {
        let scaled = Scaled {
            bounds: leaf.bounds,
            ..self.scaled
        };
        split.worth - scaled.node_worth(leaf.total)
    }

    fn gains_enough(&self, split: &Split<C, Rule>, leaf: &Leaf<C>) -> bool {
        self.gain(split, leaf) > self.grower.rules.min_gain.max(NOISE * split.worth)
    }

    /// What splits of `leaf` by `column` are worth.
    fn criterion(&self, leaf: &Leaf<C>, column: u16) -> Scaled<'_> {
        Scaled {
            bounds: leaf.bounds,
            direction: self.grower.columns.monotone[usize::from(column)],
            ..self.scaled
        }
    }

    /// The best split by `column`. Where hessians do not tell how many rows a side has, it may have fewer than allowed.
    fn scan(
        &self,
        column: u16,
        histogram: &Histogram<C>,
        leaf: &Leaf<C>,
    ) -> Option<Split<C, Rule>> {
        let cells = self.cells(column, histogram);
        let scaled = self.criterion(leaf, column);
        if self.grower.columns.categorical[usize::from(column)] {
            return self
                .categories(column, cells, leaf)
                .best_subset(&scaled, None);
        }
        let best = if scaled.is_free() {
            best_cut(column, cells, leaf.total, &scaled)
        } else {
            let filled = (0..=u8::MAX)
                .zip(cells.iter().copied())
                .filter(|(_, cell)| !cell.is_empty());
            best_split(column, filled, leaf.total, &scaled)
        };
        best.map(Split::from)
    }

    /// The best split by `column`, each bin's rows counted.
    fn recount(
        &self,
        column: u16,
        histogram: &Histogram<C>,
        leaf: &Leaf<C>,
        rows: &[u32],
    ) -> Option<Split<C, Rule>> {
        let bins = self.grower.matrix.column(column);
        let mut counts = [0; 256];
        for row in rows {
            counts[usize::from(bins[*row as usize])] += 1;
        }
        let cells = self.cells(column, histogram);
        let scaled = self.criterion(leaf, column);
        if self.grower.columns.categorical[usize::from(column)] {
            return self
                .categories(column, cells, leaf)
                .best_subset(&scaled, Some(&counts));
        }
        let counted = cells
            .iter()
            .zip(counts)
            .map(|(cell, rows)| Counted { cell: *cell, rows });
        let filled = (0..=u8::MAX)
            .zip(counted)
            .filter(|(_, cell)| !cell.is_empty());
        let total = Counted {
            cell: leaf.total,
            rows: counts.iter().sum(),
        };
        let best = best_split(column, filled, total, &scaled)?;
        Some(best.map(|counted| counted.cell).into())
    }

    fn categories<'h>(&self, column: u16, cells: &'h [C], leaf: &Leaf<C>) -> CategoryCells<'h, C> {
        CategoryCells {
            column,
            cells,
            total: leaf.total,
            rows: leaf.rows.len(),
        }
    }

    /// The bounds of both sides of `split`.
    pub(super) fn bounds(
        &self,
        leaf: &Leaf<C>,
        split: &Split<C, Rule>,
        extra_l2: f64,
    ) -> [Bounds; 2] {
        let scaled = Scaled {
            extra_l2,
            ..self.criterion(leaf, split.cut.column())
        };
        let values = [split.left, split.right].map(|side| scaled.leaf_value(side));
        leaf.bounds.parted(scaled.direction, values)
    }

    /// The path of both sides of a split of `leaf` by `rule`.
    pub(super) fn path(&self, leaf: &Leaf<C>, rule: &Rule) -> Path {
        match &self.grower.columns.interactions {
            Some(interactions) => interactions.after(&leaf.path, rule.column()),
            None => Path::Any,
        }
    }

    /// The bins of `column` that no row of a node with this histogram is in, those beyond the column's last among them.
    pub(super) fn absent(&self, column: u16, histogram: &Histogram<C>) -> BinSet {
        let cells = (0..=u8::MAX).zip(self.cells(column, histogram));
        let filled: BinSet = cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(bin, _)| bin)
            .collect();
        filled.complement()
    }

    /// What a split by `rule` adds to the L2 penalty on the values of the leaves that it makes.
    pub(super) fn extra_l2(&self, rule: &Rule) -> f64 {
        let num_bins = self.grower.matrix.num_bins()[usize::from(rule.column())];
        self.scaled.rules.categories.extra_l2(rule, num_bins)
    }

    fn cells<'h>(&self, column: u16, histogram: &'h Histogram<C>) -> &'h [C] {
        let column = usize::from(column);
        &histogram.columns()[column][..self.grower.matrix.num_bins()[column]]
    }
}

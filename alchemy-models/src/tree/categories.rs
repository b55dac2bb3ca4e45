//! The best way to part a node by what a column's values are, whatever their order.
//!
//! Where a column has few categories, each is tried against all others. Else the categories are put in the order of their
//! mean gradient, in which the best of all subsets is a prefix (Fisher, 1958), and prefixes are tried from both ends. Many
//! categories with few rows each fit noise, so the search is held back as in `LightGBM`: categories with few rows stay on
//! the right, a prefix ends only where enough rows have come together, it takes a limited number of categories, and what it
//! makes is regularised more.
//!
//! Missing values are one category more. Of equal gains the one found first wins: from the low end before the high end, then
//! the shorter prefix; in the order of bins where each is tried alone.

use super::bin_set::BinSet;
use super::cell::{Cell, Counted};
use super::gradient::Moments;
use super::node::{Rule, SetCut};
use super::rules::Scaled;
use super::split::{Criterion, Split};

/// The most categories of a column of which each is tried against all others; `LightGBM`'s `max_cat_to_onehot`.
const ONE_AGAINST_REST: usize = 4;

/// How a search among categories is held back; defaults are those of `LightGBM`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CategoryRules {
    /// What is added to the hessian for the order, and the rows a category needs to leave the right side.
    pub(crate) smooth: f64,
    /// What is added to `l2` for both sides.
    pub(crate) l2: f64,
    /// The most categories of a prefix.
    pub(crate) max_categories: usize,
    /// The rows that come together between two ends of prefixes, and that stay on the right.
    pub(crate) min_rows: usize,
}

impl CategoryRules {
    /// What is added to the L2 penalty of both sides of a split by `rule`, whose column has `num_bins` bins.
    pub(crate) fn extra_l2(&self, rule: &Rule, num_bins: usize) -> f64 {
        match rule {
            Rule::Set(_) if !tries_each(num_bins) => self.l2,
            _ => 0.0,
        }
    }
}

fn tries_each(num_bins: usize) -> bool {
    num_bins <= ONE_AGAINST_REST + 1
}

/// A column of a node: the cells of its bins and the rows of each, if they were counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CategoryCells<'a, C> {
    pub(crate) column: u16,
    pub(crate) cells: &'a [C],
    pub(crate) counts: Option<&'a [u32; 256]>,
    pub(crate) total: C,
    pub(crate) rows: usize,
}

impl<C: Moments> CategoryCells<'_, C> {
    /// The best subset. Without counts a side may have fewer rows than allowed, and none with counts is worth more.
    pub(crate) fn best_subset(&self, scaled: &Scaled<'_>) -> Option<Split<C, Rule>> {
        let filled = (0..=u8::MAX).zip(self.cells);
        let filled: Vec<u8> = filled
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(bin, _)| bin)
            .collect();
        if filled.len() < 2 {
            return None;
        }
        let mut search = Search {
            of: self,
            scaled: *scaled,
            filled: &filled,
            best: None,
        };
        if tries_each(self.cells.len()) {
            for bin in &filled {
                search.try_left(self.cell(*bin), std::slice::from_ref(bin));
            }
        } else {
            let rules = &scaled.rules.categories;
            search.scaled.extra_l2 = rules.l2;
            let mut order: Vec<u8> = filled.clone();
            order.retain(|bin| self.about_rows(*bin) >= rules.smooth);
            let key = |bin: &u8| {
                let [gradient, hessian] = scaled.sums(self.cells[usize::from(*bin)]);
                gradient / (hessian + rules.smooth)
            };
            order.sort_by(|a, b| key(a).total_cmp(&key(b)));
            search.try_prefixes(&order);
            order.reverse();
            search.try_prefixes(&order);
        }
        search.best
    }

    fn cell(&self, bin: u8) -> Counted<C> {
        Counted {
            cell: self.cells[usize::from(bin)],
            rows: self.counts.map_or(0, |counts| counts[usize::from(bin)]),
        }
    }

    /// The rows of a bin by its share of the hessian, which is exact if all rows have the same.
    fn about_rows(&self, bin: u8) -> f64 {
        let [_, part] = self.cells[usize::from(bin)].sums();
        let [_, whole] = self.total.sums();
        (part as f64 * (self.rows as f64 / whole as f64)).round()
    }
}

struct Search<'a, C> {
    of: &'a CategoryCells<'a, C>,
    scaled: Scaled<'a>,
    filled: &'a [u8],
    best: Option<Split<C, Rule>>,
}

impl<C: Moments> Search<'_, C> {
    /// Which prefixes are tried follows from hessians alone, so counts only take candidates away.
    fn try_prefixes(&mut self, order: &[u8]) {
        let rules = self.scaled.rules;
        let most = (rules.categories.max_categories).min(order.len().div_ceil(2));
        let min_rows = rules.categories.min_rows as f64;
        let min_leaf = rules.min_samples_leaf as f64;
        let all = self.of.rows as f64;
        let mut left = Counted::default();
        let (mut rows, mut last_end) = (0.0, 0.0);
        for (before, bin) in order[..most].iter().enumerate() {
            left.add(self.of.cell(*bin));
            rows += self.of.about_rows(*bin);
            if all - rows < min_rows.max(min_leaf) {
                break;
            }
            let [_, hessian] = self.scaled.sums(left.cell);
            let is_leaf = rows >= min_leaf && hessian >= rules.min_child_weight;
            if is_leaf && rows - last_end >= min_rows {
                last_end = rows;
                self.try_left(left, &order[..=before]);
            }
        }
    }

    fn try_left(&mut self, left: Counted<C>, bins: &[u8]) {
        let mut right = Counted {
            cell: self.of.total,
            rows: u32::try_from(self.of.rows).unwrap_or(u32::MAX),
        };
        right.cell.subtract(left.cell);
        let worth = if self.of.counts.is_some() {
            right.rows -= left.rows;
            self.scaled.worth(left, right)
        } else {
            self.scaled.worth(left.cell, right.cell)
        };
        let Some(worth) = worth else { return };
        if self.best.is_none_or(|best| worth > best.worth) {
            let right_bins: BinSet = self
                .filled
                .iter()
                .copied()
                .filter(|bin| !bins.contains(bin))
                .collect();
            self.best = Some(Split {
                worth,
                cut: Rule::Set(SetCut {
                    column: self.of.column,
                    right: right_bins,
                }),
                missing: true,
                left: left.cell,
                right: right.cell,
            });
        }
    }
}

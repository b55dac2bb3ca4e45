//! From a batch to trees: what all forests share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use alchemy_core::arrow::array::{RecordBatch, RecordBatchReader};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Context, Error, Result};
use rayon::prelude::*;

use super::bag::Bag;
use super::bins::{Bins, RowBins};
use super::grow::{Grower, Layout};
use super::outcome::{AtLeast, Outcome};
use super::params::Params;
use crate::binning::{BinnedMatrix, Binner};
use crate::dataset::{Columns, used_rows, weights};
use crate::stream::{Binned, Data, Reading};
use crate::table::Table;
use crate::tree::node::Tree;

/// Binned training data.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    pub(super) params: &'a Params,
    pub(super) binner: Binner,
    pub(super) matrix: BinnedMatrix,
    row_bins: Option<RowBins>,
    layout: Layout,
    weights: Option<Vec<f64>>,
    /// Rows of weight above zero.
    pub(super) rows: Vec<u32>,
}

/// Reads what `open` gives twice, for [`Prepared::new`].
///
/// # Errors
///
/// [`alchemy_core::Error::InvalidParameter`], and those of [`Reading::read`].
pub(super) fn read<R: RecordBatchReader>(
    params: &Params,
    columns: &Columns,
    open: impl Fn() -> Result<R>,
    context: &Context,
) -> Result<(Vec<RecordBatch>, Binned)> {
    params.check()?;
    let reading = Reading {
        columns,
        offsets: vec![],
        categorical: &|_| Ok(vec![]),
        max_bins: params.max_bins,
        binner: None,
        context,
    };
    reading.read(open)
}

impl<'a> Prepared<'a> {
    /// Checks the parameters, reads the target by `read_target` and bins the features.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::InvalidParameter`], and those of columns that are missing or of the wrong type.
    pub(super) fn new<T>(
        params: &'a Params,
        columns: &Columns,
        train: Data<'_>,
        read_target: impl Fn(Table<'_>, &str) -> Result<T>,
    ) -> Result<(Self, T)> {
        params.check()?;
        let (table, resolved, binned) = train.open(columns)?;
        let target = read_target(table, &resolved.target)?;
        let weights = resolved
            .weight
            .map(|name| weights(table, &name))
            .transpose()?;
        let (binner, matrix) = if let Some(binned) = binned {
            (binned.binner, binned.matrix)
        } else {
            let binner = Binner::learn(
                table,
                resolved.features,
                weights.as_deref(),
                params.max_bins,
            )?;
            let matrix = binner.bin(table)?;
            (binner, matrix)
        };
        let mut columns = vec![None; binner.names().len()];
        for (column, place) in (0..).zip(binner.places()) {
            columns[place] = Some(column);
        }
        let prepared = Self {
            params,
            layout: Layout {
                columns,
                num_bins: matrix.num_bins().to_vec(),
                positions: binner.positions(),
            },
            row_bins: RowBins::new(&matrix),
            binner,
            matrix,
            rows: used_rows(table.num_rows(), weights.as_deref()),
            weights,
        };
        Ok((prepared, target))
    }

    /// Replaces the weights of rows, from which bins have been learned, by what `change` makes of them.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub(super) fn reweigh(
        &mut self,
        change: impl FnOnce(Option<&[f64]>) -> Result<Vec<f64>>,
    ) -> Result<()> {
        self.weights = Some(change(self.weights())?);
        Ok(())
    }

    pub(super) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// Grows every tree by `grow`, given its number and its bag.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::Cancelled`].
    pub(super) fn trees<T: Send>(
        &self,
        context: &Context,
        grow: impl Fn(u64, Bag) -> T + Sync,
    ) -> Result<Vec<T>> {
        let (done, total) = (AtomicU64::new(0), self.params.num_trees as u64);
        let cancelled = AtomicBool::new(false);
        context.report("forest", 0, total)?;
        let trees = (0..self.params.num_trees).into_par_iter().map(|tree| {
            // Every tree is asked for, so those that are left when it is cancelled cost nothing.
            if cancelled.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            let tree = tree as u64;
            let num_rows = self.matrix.num_rows();
            let bag = Bag::draw(self.params, tree, &self.rows, num_rows, self.weights());
            let grown = grow(tree, bag);
            let reported =
                context.report("forest", done.fetch_add(1, Ordering::Relaxed) + 1, total);
            cancelled.fetch_or(reported.is_err(), Ordering::Relaxed);
            reported.map(|()| grown)
        });
        try_collect(trees)
    }

    /// Grows tree number `tree` on `rows`, each of which adds what `added` says to the sums of `outcome`.
    pub(super) fn tree<O: Outcome>(
        &self,
        tree: u64,
        rows: Vec<u32>,
        added: Vec<O::Row>,
        outcome: O,
    ) -> Tree {
        if self.params.min_samples_leaf > 1 {
            let rows_of_leaf = u32::try_from(self.params.min_samples_leaf).unwrap_or(u32::MAX);
            let outcome = AtLeast {
                rows: rows_of_leaf,
                outcome,
            };
            self.grower(tree, &outcome).grow(rows, added)
        } else {
            self.grower(tree, &outcome).grow(rows, added)
        }
    }

    fn grower<'g, O>(&'g self, tree: u64, outcome: &'g O) -> Grower<'g, O> {
        Grower {
            params: self.params,
            layout: &self.layout,
            bins: (self.row_bins.as_ref()).map_or(Bins::by_column(&self.matrix), RowBins::bins),
            outcome,
            tree,
        }
    }
}

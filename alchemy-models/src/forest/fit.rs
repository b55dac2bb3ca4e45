//! From a batch to a forest: what classifier and regressor share.

use std::sync::atomic::{AtomicU64, Ordering};

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Context, Result};
use rayon::prelude::*;

use super::bag::Bag;
use super::ensemble::Ensemble;
use super::grow::Grower;
use super::outcome::{AtLeast, Outcome};
use super::params::Params;
use crate::binning::{BinnedMatrix, Binner};
use crate::dataset::{Columns, open, used_rows, weights};
use crate::table::Table;
use crate::tree::node::Tree;

/// Binned training data.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    params: &'a Params,
    binner: Binner,
    matrix: BinnedMatrix,
    /// The column of each feature, `None` for one that never varies.
    columns: Vec<Option<u16>>,
    weights: Option<Vec<f64>>,
    /// Rows of weight above zero.
    rows: Vec<u32>,
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
        batches: &[RecordBatch],
        read_target: impl Fn(Table<'_>, &str) -> Result<T>,
    ) -> Result<(Self, T)> {
        params.check()?;
        let (table, resolved) = open(batches, columns)?;
        let target = read_target(table, &resolved.target)?;
        let weights = resolved
            .weight
            .map(|name| weights(table, &name))
            .transpose()?;
        let binner = Binner::learn(
            table,
            resolved.features,
            weights.as_deref(),
            params.max_bins,
        )?;
        let matrix = binner.bin(table)?;
        let mut columns = vec![None; binner.names().len()];
        for (column, place) in (0..).zip(binner.places()) {
            columns[place] = Some(column);
        }
        let rows = used_rows(table.num_rows(), weights.as_deref());
        Ok((
            Self {
                params,
                binner,
                matrix,
                columns,
                weights,
                rows,
            },
            target,
        ))
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

    /// Grows every tree by `grow`, given the tree's number and its bag.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::Cancelled`].
    pub(super) fn forest(
        self,
        outputs: usize,
        context: &Context,
        grow: impl Fn(&Self, u64, &Bag) -> Tree + Sync,
    ) -> Result<Ensemble> {
        let (done, total) = (AtomicU64::new(0), self.params.num_trees as u64);
        context.report("forest", 0, total)?;
        let trees = (0..total)
            .into_par_iter()
            .map(|tree| {
                let bag = Bag::draw(self.params, tree, &self.rows, self.weights());
                let grown = grow(&self, tree, &bag);
                context.report("forest", done.fetch_add(1, Ordering::Relaxed) + 1, total)?;
                Ok(grown)
            })
            .collect::<Result<_>>()?;
        Ok(Ensemble::new(self.binner, trees, outputs))
    }

    /// Grows tree number `tree` on the rows of `bag`, whose target is `outcome`.
    pub(super) fn tree<O: Outcome>(&self, tree: u64, bag: &Bag, outcome: O) -> Tree {
        let Self {
            params, columns, ..
        } = self;
        let matrix = &self.matrix.select(&bag.rows);
        if params.min_samples_leaf > 1 {
            let outcome = &AtLeast {
                rows: params.min_samples_leaf,
                outcome,
            };
            Grower {
                params,
                matrix,
                columns,
                outcome,
                tree,
            }
            .grow()
        } else {
            Grower {
                params,
                matrix,
                columns,
                outcome: &outcome,
                tree,
            }
            .grow()
        }
    }
}

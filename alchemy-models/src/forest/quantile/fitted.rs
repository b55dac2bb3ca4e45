//! A fitted forest of quantiles.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::binning::{BinnedMatrix, ROWS_PER_TASK};
use crate::explain::{Trees, explain_methods};
use crate::forest::ensemble::Ensemble;
use crate::forest::leaf_rows::LeafRows;
use crate::table::Table;

/// What a share may fall short of a quantile by rounding.
const ROUNDING: f64 = 1e-12;

/// A fitted [`QuantileForestRegressor`](crate::QuantileForestRegressor).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedQuantileForestRegressor {
    pub(super) ensemble: Ensemble,
    /// The distinct targets, ascending.
    pub(super) targets: Vec<f64>,
    /// Those of each tree.
    pub(super) leaves: Vec<LeafRows>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    targets: Vec<f64>,
    leaves: Vec<LeafRows>,
}

impl TryFrom<Stored> for FittedQuantileForestRegressor {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            targets,
            leaves,
        } = stored;
        let finite = targets.iter().all(|target| target.is_finite());
        if ensemble.outputs() != 1 || targets.is_empty() || !finite {
            return Err("a quantile forest has more than one output, or no targets");
        }
        let trees = ensemble.trees();
        let mut pairs = leaves.iter().zip(trees);
        if leaves.len() != trees.len()
            || !pairs.all(|(leaves, tree)| leaves.is_sound(tree, targets.len()))
        {
            return Err("a leaf has rows that are not there");
        }
        Ok(Self {
            ensemble,
            targets,
            leaves,
        })
    }
}

impl FittedQuantileForestRegressor {
    explain_methods!();

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(vec!["prediction".to_owned()])
    }

    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.ensemble.num_trees()
    }

    /// The `quantiles`, each between 0 and 1, of every row's target: one column for each, named `quantile_0.1` and so on.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a quantile that is not between 0 and 1, and those of [`predict`](Predict::predict).
    pub fn predict_quantiles(&self, batch: &RecordBatch, quantiles: &[f64]) -> Result<RecordBatch> {
        if let Some(quantile) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            let message = format!("holds {quantile}, not between 0 and 1");
            return Err(Error::parameter("quantiles", message));
        }
        if quantiles.is_empty() {
            return Err(Error::parameter("quantiles", "is empty"));
        }
        let table = Table::new(std::slice::from_ref(batch));
        let columns = self.ensemble.columns(table)?;
        let pieces = table.pieces(ROWS_PER_TASK).into_par_iter().map(|piece| {
            let matrix = BinnedMatrix::new(&columns, &[piece])?;
            Ok(self.quantiles_of(&matrix, quantiles))
        });
        let pieces = try_collect(pieces)?;
        let columns = quantiles.iter().enumerate().map(|(place, quantile)| {
            let of_piece = |rows: &Vec<f64>| -> Vec<f64> {
                let values = rows.iter().skip(place).step_by(quantiles.len());
                values.copied().collect()
            };
            let values: Vec<f64> = pieces.iter().flat_map(of_piece).collect();
            let column = Arc::new(Float64Array::from(values)) as ArrayRef;
            (format!("quantile_{quantile}"), column)
        });
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// The quantiles of each row of `matrix`, row by row.
    fn quantiles_of(&self, matrix: &BinnedMatrix, quantiles: &[f64]) -> Vec<f64> {
        let mut found = Vec::with_capacity(matrix.num_rows() * quantiles.len());
        let mut shares: Vec<(u32, f64)> = Vec::new();
        for row in 0..matrix.num_rows() {
            shares.clear();
            for (tree, leaves) in self.ensemble.trees().iter().zip(&self.leaves) {
                let rows = leaves.of(tree.leaf(matrix, row));
                let weight: f64 = rows.clone().map(|(_, weight)| weight).sum();
                shares.extend(rows.map(|(rank, of_row)| (rank, of_row / weight)));
            }
            // In one order whatever the order of trees' rows, so that sums round the same.
            shares.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            found.extend(
                quantiles
                    .iter()
                    .map(|quantile| self.quantile(&shares, *quantile)),
            );
        }
        found
    }

    /// The lowest target up to which `shares` come to `quantile` of their sum.
    fn quantile(&self, shares: &[(u32, f64)], quantile: f64) -> f64 {
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        let wanted = (quantile - ROUNDING) * total;
        let mut sum = 0.0;
        let mut at = 0;
        for (rank, share) in shares {
            // A share of nothing is none: quantile 0 is the lowest target that has one.
            at = *rank as usize;
            sum += share;
            if sum >= wanted && *share > 0.0 {
                break;
            }
        }
        self.targets[at]
    }
}

impl Predict for FittedQuantileForestRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The mean of each row's target: the prediction of the random forest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let means = self.ensemble.scores(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(means)))
    }
}

impl Model for FittedQuantileForestRegressor {
    const NAME: &'static str = "alchemy-models/quantile_forest_regressor";
}

//! A forest for quantiles of a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Context, Error, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fits::forest_fits;
use super::leaf_rows::LeafRows;
use super::learn_numbers::{prepare_numbers, trees_of_numbers};
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
};
use crate::binning::{BinnedMatrix, ROWS_PER_TASK};
use crate::dataset::{Columns, column_setters};
use crate::explain::{Trees, explain_methods};
use crate::stream::Data;
use crate::table::Table;

/// What a share may fall short of a quantile by rounding.
const ROUNDING: f64 = 1e-12;

/// Learns to predict quantiles of a number: how far it may be off, not only its mean.
///
/// A random forest whose leaves keep the targets of their rows. For a row to predict, each training row that a tree has in the
/// same leaf counts with its share of that leaf's weight, averaged over trees; a quantile `q` is the lowest target up to which
/// the shares come to `q` (Meinshausen, 2006). A training row counts in a tree as often as its bootstrap drew it, so the mean of
/// this distribution is the prediction of the random forest, which [`predict`](Predict::predict) gives.
///
/// Parameters, features and errors are those of [`RandomForestRegressor`](crate::RandomForestRegressor), and without quantiles
/// so are its predictions. Leaves of one row make quantiles of few targets: more trees or a larger
/// [`with_min_samples_leaf`](Self::with_min_samples_leaf) smooth them.
///
/// The fitted model takes 8 bytes for each row that a tree learned from besides its trees: about 5 bytes for each row and tree.
/// Predicting sorts the training rows in the leaves of each row; it is parallel, and independent of the number of threads.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::Fit;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_models::QuantileForestRegressor;
///
/// let x = Float64Array::from_iter_values((0..400).map(|row| f64::from(row / 200)));
/// let y = Float64Array::from_iter_values((0..400).map(|row| f64::from(row % 200)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = QuantileForestRegressor::new().with_target("y").fit(&train)?;
/// let quantiles = model.predict_quantiles(&train, &[0.1, 0.9])?;
/// let high = quantiles["quantile_0.9"].as_primitive::<Float64Type>();
/// assert!((170.0..190.0).contains(&high.value(0)));
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - N. Meinshausen, "Quantile Regression Forests", *Journal of Machine Learning Research* 7, 2006,
///   <https://www.jmlr.org/papers/v7/meinshausen06a.html>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantileForestRegressor {
    columns: Columns,
    params: Params,
}

impl QuantileForestRegressor {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::All, Splitter::Best),
        }
    }

    max_features_setter!("All");

    column_setters!();
    forest_setters!();
    bootstrap_setter!("true");

    fn learn(&self, train: Data<'_>, context: &Context) -> Result<FittedQuantileForestRegressor> {
        let (prepared, targets) = prepare_numbers(&self.params, &self.columns, train)?;
        let mut distinct: Vec<f64> = (prepared.rows.iter())
            .map(|row| targets[*row as usize] + 0.0)
            .collect();
        distinct.sort_unstable_by(f64::total_cmp);
        distinct.dedup();
        let rank = |row: u32| distinct.partition_point(|target| *target < targets[row as usize]);
        let grown = trees_of_numbers(&prepared, &targets, context, |tree, bag| {
            let leaves = LeafRows::new(&tree, &prepared.matrix, bag, &rank);
            (tree, leaves)
        })?;
        let (trees, leaves) = grown.into_iter().unzip();
        Ok(FittedQuantileForestRegressor {
            ensemble: Ensemble::new(prepared.binner, trees, 1),
            targets: distinct,
            leaves,
        })
    }
}

forest_fits!(QuantileForestRegressor, FittedQuantileForestRegressor);

/// A fitted [`QuantileForestRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedQuantileForestRegressor {
    ensemble: Ensemble,
    /// The distinct targets, ascending.
    targets: Vec<f64>,
    leaves: Vec<LeafRows>,
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "targets are small whole numbers")]
mod tests;

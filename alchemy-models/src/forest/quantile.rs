//! A forest for quantiles of a number.

mod fitted;

use alchemy_core::{Context, Result};
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fits::forest_fits;
use super::leaf_rows::LeafRows;
use super::learn_numbers::{prepare_numbers, trees_of_numbers};
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
};
use crate::dataset::{Columns, column_setters};
use crate::stream::Data;

pub use fitted::FittedQuantileForestRegressor;

/// Learns to predict quantiles of a number: how far it may be off, not only its mean.
///
/// A random forest whose leaves keep the targets of their rows. For a row to predict, each training row that a tree has in the
/// same leaf counts with its share of that leaf's weight, averaged over trees; a quantile `q` is the lowest target up to which
/// the shares come to `q` (Meinshausen, 2006). A training row counts in a tree as often as its bootstrap drew it, so the mean of
/// this distribution is the prediction of the random forest, which [`predict`](alchemy_core::Predict::predict) gives.
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "targets are small whole numbers")]
mod tests;

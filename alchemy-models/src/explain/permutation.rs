//! Importance of features by permutation.

use alchemy_core::arrow::array::{RecordBatch, UInt32Array};
use alchemy_core::arrow::compute::take;
use alchemy_core::column::by_name;
use alchemy_core::parallel::try_collect;
use alchemy_core::random::Stream;
use alchemy_core::{Error, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain;

/// Key of the random stream.
const PERMUTATION_KEY: u64 = 6;

/// Finds how much worse a model gets when a feature no longer says anything: its values are put in random order.
///
/// It works for any model: what counts is the score that you give, of which more is better (give an error its minus sign). The
/// importance of a feature is the score of the batch as it is, less the mean score of batches with that feature's column
/// permuted; as in scikit-learn's `permutation_importance`. It has the unit of the score, and importances of features do not
/// add up to anything. Use rows that the model did not learn from: on its training rows a
/// model seems to need what it only memorised. Of features that carry the same information each seems of little use, as the
/// others stand in for it.
///
/// A missing cell is permuted like any other: the share of missing values stays as it is. A feature that the model does not
/// rely on gets 0, one that misleads it less than 0.
///
/// The cost is a call of the score per feature and repeat, and one more, run in parallel, each with its own copy of one column. The permutation of a feature depends on the
/// seed, the feature's name and the number of the repeat alone.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::metrics::rmse;
/// use alchemy_models::{GradientBoostingRegressor, PermutationImportance};
///
/// let x = Float64Array::from_iter_values((0..300).map(|i| f64::from(i % 17)));
/// let noise = Float64Array::from_iter_values((0..300).map(|i| f64::from(i * 7 % 13)));
/// let y = Float64Array::from_iter_values((0..300).map(|i| f64::from(2 * (i % 17))));
/// let columns = [("x", x), ("noise", noise), ("y", y)];
/// let batch = RecordBatch::try_from_iter(columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef)))?;
/// let model = GradientBoostingRegressor::new().with_target("y").fit(&batch.slice(0, 200))?;
///
/// let floats = |array: &ArrayRef| array.as_primitive::<Float64Type>().values().to_vec();
/// let found = PermutationImportance::new().with_repeats(10).evaluate(&model, &batch.slice(200, 100), |model, batch| {
///     Ok(-rmse(&floats(&batch["y"]), &floats(&model.predict(batch)?), None)?.unwrap_or(f64::NAN))
/// })?;
/// assert_eq!(found[0].feature, "x");
/// assert!(found[0].mean > 5.0 && found[1].mean.abs() < 0.1);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - L. Breiman, "Random Forests", *Machine Learning* 45, 2001, <https://doi.org/10.1023/A:1010933404324>, section 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermutationImportance {
    repeats: usize,
    seed: u64,
}

/// What [`PermutationImportance`] found of one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PermutedFeature {
    /// The feature.
    pub feature: String,
    /// The mean of [`drops`](Self::drops).
    pub mean: f64,
    /// Their standard deviation (divisor n, as in scikit-learn).
    pub std_dev: f64,
    /// By how much the score fell in each repeat.
    pub drops: Vec<f64>,
}

impl Default for PermutationImportance {
    fn default() -> Self {
        Self::new()
    }
}

impl PermutationImportance {
    /// Five repeats, seed 0.
    #[must_use]
    pub fn new() -> Self {
        Self {
            repeats: 5,
            seed: 0,
        }
    }

    /// How often each feature is permuted. Default: 5.
    #[must_use]
    pub fn with_repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Seed of the permutations. Default: 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The importance of each feature of `model` for `score` on `batch`, in the order of the model's features.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidParameter`] for less than one repeat;
    /// - [`Error::Empty`] without a row;
    /// - those of `score`, and of features that are not there.
    pub fn evaluate<M: Predict + ?Sized>(
        &self,
        model: &M,
        batch: &RecordBatch,
        score: impl Fn(&M, &RecordBatch) -> Result<f64> + Sync,
    ) -> Result<Vec<PermutedFeature>> {
        domain::at_least("repeats", self.repeats, 1)?;
        let num_rows = u32::try_from(batch.num_rows())
            .map_err(|_| Error::parameter("batch", "has more than 4294967295 rows"))?;
        if num_rows == 0 {
            return Err(Error::Empty {
                what: "the batch to permute".into(),
            });
        }
        let features = model.features();
        for feature in features {
            by_name(batch, feature)?;
        }
        let whole = score(model, batch)?;
        let drops = (0..features.len() * self.repeats)
            .into_par_iter()
            .map(|task| {
                let (feature, repeat) = (&features[task / self.repeats], task % self.repeats);
                let mut rows: Vec<u32> = (0..num_rows).collect();
                let mut keys = vec![PERMUTATION_KEY, repeat as u64];
                keys.extend(feature.bytes().map(u64::from));
                Stream::new(self.seed, &keys).shuffle(&mut rows);
                Ok(whole - score(model, &permuted(batch, feature, rows)?)?)
            });
        let drops = try_collect(drops)?;
        let found = features.iter().zip(drops.chunks_exact(self.repeats));
        Ok(found
            .map(|(feature, drops)| PermutedFeature::new(feature, drops))
            .collect())
    }
}

impl PermutedFeature {
    fn new(feature: &str, drops: &[f64]) -> Self {
        let count = drops.len() as f64;
        let mean = drops.iter().sum::<f64>() / count;
        let squares = drops.iter().map(|drop| (drop - mean) * (drop - mean));
        Self {
            feature: feature.to_owned(),
            mean,
            std_dev: (squares.sum::<f64>() / count).sqrt(),
            drops: drops.to_vec(),
        }
    }
}

/// `batch` with the cells of `feature` taken from `rows`.
fn permuted(batch: &RecordBatch, feature: &str, rows: Vec<u32>) -> Result<RecordBatch> {
    let cells = take(by_name(batch, feature)?, &UInt32Array::from(rows), None)?;
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let columns = columns.map(|(field, column)| {
        if field.name() == feature {
            cells.clone()
        } else {
            column.clone()
        }
    });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect())?)
}

//! What a forest of trees that part rows says of them.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
use alchemy_core::{Error, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tree::{IsolationTree, Values, average_path};
use super::values::Features;
use crate::math::exp;
use crate::table::Table;

/// Rows that one task scores.
const ROWS_PER_TASK: usize = 1024;

/// A fitted [`IsolationForest`](crate::IsolationForest).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedIsolationForest {
    features: Features,
    trees: Vec<IsolationTree>,
    /// Rows drawn for each tree.
    num_rows: u64,
    threshold: f64,
}

#[derive(Deserialize)]
struct Stored {
    features: Features,
    trees: Vec<IsolationTree>,
    num_rows: u64,
    threshold: f64,
}

impl TryFrom<Stored> for FittedIsolationForest {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            features,
            trees,
            num_rows,
            threshold,
        } = stored;
        let num_features = features.names().len();
        if trees.is_empty() || num_rows == 0 || !threshold.is_finite() {
            return Err("an isolation forest has no tree, no row or no threshold");
        }
        if !trees.iter().all(|tree| tree.is_sound(num_features)) {
            return Err("a walk down an isolation tree does not end");
        }
        Ok(Self {
            features,
            trees,
            num_rows,
            threshold,
        })
    }
}

impl FittedIsolationForest {
    /// Of trees of `num_rows` rows each.
    pub(super) fn new(features: Features, trees: Vec<IsolationTree>, num_rows: usize) -> Self {
        Self {
            features,
            trees,
            num_rows: num_rows as u64,
            threshold: 0.5,
        }
    }

    pub(super) fn set_threshold(&mut self, threshold: f64) {
        self.threshold = threshold;
    }

    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.trees.len()
    }

    /// The score above which a row is an anomaly.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Whether each row is an anomaly: whether its score is above the [threshold](Self::threshold).
    ///
    /// # Errors
    ///
    /// As [`predict`](Predict::predict).
    pub fn is_anomaly(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let scores = self.scores_of(batch)?;
        let above = scores.into_iter().map(|score| Some(score > self.threshold));
        Ok(above.collect())
    }

    /// The score of one row.
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970; NaN is missing. The bits are those of [`predict`](Predict::predict), and nothing
    /// is allocated.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if `row` has more or fewer values than there are features.
    pub fn predict_row(&self, row: &[f64]) -> Result<f64> {
        let (found, expected) = (row.len(), self.features.names().len());
        if found != expected {
            let message = format!("has {found} values, and the model {expected} features");
            return Err(Error::parameter("row", message));
        }
        Ok(self.score(|feature| row[feature]))
    }

    fn scores_of(&self, batch: &RecordBatch) -> Result<Vec<f64>> {
        let values = self
            .features
            .read(Table::new(std::slice::from_ref(batch)))?;
        Ok(self.scores(&values, batch.num_rows()))
    }

    /// The scores of the rows of a table with these `values`.
    pub(super) fn scores(&self, values: &Values, num_rows: usize) -> Vec<f64> {
        let rows = (0..num_rows).into_par_iter().with_min_len(ROWS_PER_TASK);
        rows.map(|row| self.score(|feature| values[feature][row]))
            .collect()
    }

    fn score(&self, value: impl Fn(usize) -> f64) -> f64 {
        let paths: f64 = self.trees.iter().map(|tree| tree.path(&value)).sum();
        let average = average_path(usize::try_from(self.num_rows).unwrap_or(usize::MAX));
        // One row alone is parted by no cut.
        if average == 0.0 {
            return 0.5;
        }
        exp(-std::f64::consts::LN_2 * (paths / self.trees.len() as f64) / average)
    }
}

impl Predict for FittedIsolationForest {
    fn features(&self) -> &[String] {
        self.features.names()
    }

    /// The score of each row, between 0 and 1.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        Ok(Arc::new(Float64Array::from(self.scores_of(batch)?)))
    }
}

impl Model for FittedIsolationForest {
    const NAME: &'static str = "alchemy-models/isolation_forest";
}

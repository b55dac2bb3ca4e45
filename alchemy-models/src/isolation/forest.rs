//! A forest of trees that part rows from one another.

use std::collections::BTreeSet;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::random::Stream;
use alchemy_core::{ColumnSelector, Context, Error, Fit, Result, Role};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fitted::FittedIsolationForest;
use super::tree::IsolationTree;
use super::values::Features;
use crate::domain::at_least;
use crate::table::Table;

/// Names the random draws of a tree.
const TREE_KEY: u64 = 5;

/// Rates rows by how few random cuts part them from the others: anomalies are few and different, so few cuts do.
///
/// Every tree is grown on a few rows drawn without replacement. A node draws one of the features that vary in it and a cut
/// uniformly between that feature's lowest and highest value, until a row is alone or the depth reaches the binary logarithm of
/// the number of rows drawn. With `E(h)` the mean length of a row's path over all trees and `c(n)` the average length in a
/// search tree of `n` rows, the score is `2^(-E(h) / c(n))`: near 1 for an anomaly, well below 0.5 for an ordinary row.
///
/// There is no target. [`predict`](alchemy_core::Predict::predict) gives scores, and
/// [`is_anomaly`](FittedIsolationForest::is_anomaly) whether they are above a threshold: 0.5, or what
/// [`with_contamination`](Self::with_contamination) sets it to. Scores are those of scikit-learn's `score_samples` with the
/// sign changed, drawn by other random numbers.
///
/// Features are numbers, Booleans, dates and timestamps, as they are and not in bins. A missing value (null or NaN) goes where
/// more rows of its node went. Infinity is an extreme value.
///
/// Fitting costs time for the rows drawn only, about a millisecond for 100 trees of 256 rows and few features, scoring some
/// 10 ns for each row, tree and level. The result does not depend on the number of threads or on the cuts between batches.
///
/// # Errors
///
/// Fitting returns
/// - [`Error::InvalidParameter`] for a parameter outside its domain;
/// - [`Error::ColumnNotFound`] and [`Error::DuplicateColumn`] for a name that does not stand for one column;
/// - [`Error::ColumnType`] for a column that is neither number, Boolean nor time;
/// - [`Error::Empty`] without a row or a feature.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::Fit;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_models::IsolationForest;
///
/// let x = Float64Array::from_iter_values((0..500).map(|row| if row == 7 { 90.0 } else { f64::from(row % 25) }));
/// let y = Float64Array::from_iter_values((0..500).map(|row| f64::from(row * 37 % 19)));
/// let batch = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let forest = IsolationForest::new().with_contamination(0.002).with_max_samples(500).fit(&batch)?;
/// let anomalies = forest.is_anomaly(&batch)?;
/// assert_eq!(anomalies.true_count(), 1);
/// assert!(anomalies.value(7));
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - F. T. Liu, K. M. Ting and Z.-H. Zhou, "Isolation Forest", *ICDM* 2008, <https://doi.org/10.1109/ICDM.2008.17>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IsolationForest {
    features: Option<ColumnSelector>,
    num_trees: usize,
    max_samples: usize,
    contamination: Option<f64>,
    seed: u64,
}

impl IsolationForest {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            features: None,
            num_trees: 100,
            max_samples: 256,
            contamination: None,
            seed: 0,
        }
    }

    /// The columns that rows are compared by. Default: every column of role [`Feature`](Role::Feature), which is that of a
    /// column without a role.
    #[must_use]
    pub fn with_features(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.features = Some(columns.into());
        self
    }

    /// How many trees are grown. Default: 100.
    #[doc(alias = "n_estimators")]
    #[must_use]
    pub fn with_num_trees(mut self, num_trees: usize) -> Self {
        self.num_trees = num_trees;
        self
    }

    /// How many rows are drawn for each tree; all rows if there are fewer. Default: 256.
    #[must_use]
    pub fn with_max_samples(mut self, max_samples: usize) -> Self {
        self.max_samples = max_samples;
        self
    }

    /// The share of the training rows that are anomalies, above 0 and up to 0.5: the threshold is the quantile of their scores
    /// that so many are above. Default: the threshold is 0.5, as the authors have it.
    #[must_use]
    pub fn with_contamination(mut self, contamination: f64) -> Self {
        self.contamination = Some(contamination);
        self
    }

    /// Names the random draws. Default: 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Learns from a table in several batches, which is the same as learning from them in one.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit), and [`Error::Cancelled`].
    pub fn fit_batches(
        &self,
        batches: &[RecordBatch],
        context: &Context,
    ) -> Result<FittedIsolationForest> {
        self.check()?;
        let table = Table::to_learn_from(batches)?;
        let schema = batches[0].schema_ref();
        let selector = self.features.clone().unwrap_or_else(ColumnSelector::all);
        let mut names = selector.resolve(schema)?;
        if let Some(target) = Role::Target
            .find(schema)?
            .filter(|_| self.features.is_none())
        {
            names.retain(|name| name != target);
        }
        if names.is_empty() {
            let what = "the list of features".into();
            return Err(Error::Empty { what });
        }
        let (features, values) = Features::learn(table, names)?;
        context.report("isolation forest", 0, self.num_trees as u64)?;
        let num_rows = self.max_samples.min(table.num_rows());
        let trees = (0..self.num_trees as u64).into_par_iter().map(|tree| {
            let mut stream = Stream::new(self.seed, &[TREE_KEY, tree]);
            let rows = draw(table.num_rows(), num_rows, &mut stream);
            let max_depth = num_rows.next_power_of_two().ilog2() as usize;
            IsolationTree::grow(&values, rows, max_depth, &mut stream)
        });
        let trees: Vec<IsolationTree> = trees.collect();
        context.report(
            "isolation forest",
            self.num_trees as u64,
            self.num_trees as u64,
        )?;
        let mut fitted = FittedIsolationForest::new(features, trees, num_rows);
        if let Some(contamination) = self.contamination {
            let mut scores = fitted.scores(&values, table.num_rows());
            scores.sort_unstable_by(f64::total_cmp);
            fitted.set_threshold(quantile(&scores, 1.0 - contamination));
        }
        Ok(fitted)
    }

    fn check(&self) -> Result<()> {
        at_least("num_trees", self.num_trees, 1)?;
        at_least("max_samples", self.max_samples, 1)?;
        match self.contamination {
            Some(share) if !(share > 0.0 && share <= 0.5) => Err(Error::parameter(
                "contamination",
                format!("is {share}, not above 0 and up to 0.5"),
            )),
            _ => Ok(()),
        }
    }
}

impl Default for IsolationForest {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for IsolationForest {
    type Fitted = FittedIsolationForest;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }
}

/// `wanted` of `num_rows` rows, each at most once, in ascending order (Floyd's algorithm).
fn draw(num_rows: usize, wanted: usize, stream: &mut Stream) -> Vec<u32> {
    let mut drawn = BTreeSet::new();
    for last in num_rows - wanted..num_rows {
        let row = stream.below(last as u64 + 1);
        if !drawn.insert(row) {
            drawn.insert(last as u64);
        }
    }
    // A table has fewer than 2^32 rows.
    let row = |row: u64| u32::try_from(row).unwrap_or(u32::MAX);
    drawn.into_iter().map(row).collect()
}

/// The quantile of `sorted`, between order statistics by linear interpolation (type 7 of Hyndman and Fan).
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place is between 0 and the number of values"
    )]
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

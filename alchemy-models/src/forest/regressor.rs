//! A random forest for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Context, Fit, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::mean::Mean;
use super::params::{MaxFeatures, Params, forest_setters};
use crate::dataset::{Columns, column_setters, numeric_target};
use crate::explain::{Trees, explain_methods};
use crate::importance::Importance;
use crate::math::narrow;
use crate::predict::RowScratch;
use crate::sum::weighted_mean;
use crate::tree::gradient::{Pair, Rounded, Spread};

/// Learns to predict a number by averaging trees, each grown on rows drawn at random.
///
/// Every tree learns from a bootstrap sample: as many rows as there are, drawn with replacement. A node is split where the
/// squared error falls most, until its rows all have the same target or a limit is met; a leaf predicts their mean, and the
/// forest the mean of its trees. Defaults and meaning of the parameters are those of scikit-learn.
///
/// Features are numbers, Booleans, dates and timestamps, and text. Text counts by the rank of the value among the sorted
/// values of the training data; one that is not among them is missing. Missing values (null or NaN) are learned from: each
/// split sends them to the side that fits better, or, where there were none in training, to the side with more rows.
/// Infinity is an ordinary extreme value. Rows are put into at most 255 bins per feature, which are exact if a feature has no
/// more distinct values than that and hold nearly equal weight otherwise.
///
/// Memory is one byte per row and feature that varies, rounded up to a multiple of 4 features, and for each thread one tree's
/// share of the rows besides. The result does not depend on the number of threads, on the cuts between batches, or on the
/// platform; it does depend on the order of rows, since rows are drawn.
///
/// # Errors
///
/// Fitting returns
/// - [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for a parameter outside its domain, or without a target;
/// - [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) and
///   [`Error::DuplicateColumn`](alchemy_core::Error::DuplicateColumn) for a name that does not stand for one column;
/// - [`Error::ColumnType`](alchemy_core::Error::ColumnType) for a column that cannot be used as what it is used for;
/// - [`Error::InvalidTarget`](alchemy_core::Error::InvalidTarget) for a target that is missing, infinite or beyond 1e30;
/// - [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is missing, negative or beyond 1e30;
/// - [`Error::Empty`](alchemy_core::Error::Empty) without a row, a row of weight above zero, or a feature.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::RandomForestRegressor;
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = RandomForestRegressor::new().with_target("y").with_num_trees(20).fit(&train)?;
/// let predicted = model.predict(&train)?;
/// assert_eq!(predicted.as_primitive::<Float64Type>().value(120), 2.0);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - L. Breiman, "Random Forests", *Machine Learning* 45, 2001, <https://doi.org/10.1023/A:1010933404324>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestRegressor {
    columns: Columns,
    params: Params,
}

impl RandomForestRegressor {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::All),
        }
    }

    /// How many features are tried for each split. Default: [`MaxFeatures::All`].
    #[must_use]
    pub fn with_max_features(mut self, max_features: MaxFeatures) -> Self {
        self.params.max_features = max_features;
        self
    }

    column_setters!();
    forest_setters!();

    /// Learns from a table in several batches, which is the same as learning from them in one.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
    pub fn fit_batches(
        &self,
        batches: &[RecordBatch],
        context: &Context,
    ) -> Result<FittedRandomForestRegressor> {
        let (prepared, targets) =
            Prepared::new(&self.params, &self.columns, batches, numeric_target)?;
        let mean = weighted_mean(&targets, prepared.weights());
        let ensemble = prepared.forest(1, context, |prepared, tree, bag| {
            let targets: Vec<f64> = bag.rows.iter().map(|row| targets[*row as usize]).collect();
            let pair = |(target, weight): (&f64, &f64)| {
                [narrow(weight * (target - mean)), narrow(*weight)]
            };
            let pairs: Vec<Pair> = targets.iter().zip(&bag.weights).map(pair).collect();
            let (targets, weights) = (&targets, &bag.weights);
            match Rounded::new(&pairs, &Spread::of(&pairs), None) {
                Rounded::Packed(cells, scale) => prepared.tree(
                    tree,
                    bag,
                    Mean {
                        targets,
                        weights,
                        cells,
                        scale,
                    },
                ),
                Rounded::Wide(cells, scale) => prepared.tree(
                    tree,
                    bag,
                    Mean {
                        targets,
                        weights,
                        cells,
                        scale,
                    },
                ),
            }
        })?;
        Ok(FittedRandomForestRegressor { ensemble })
    }
}

impl Default for RandomForestRegressor {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for RandomForestRegressor {
    type Fitted = FittedRandomForestRegressor;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }
}

/// A fitted [`RandomForestRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestRegressor {
    ensemble: Ensemble,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
}

impl TryFrom<Stored> for FittedRandomForestRegressor {
    type Error = &'static str;

    fn try_from(Stored { ensemble }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == 1 {
            Ok(Self { ensemble })
        } else {
            Err("a regression has more than one output")
        }
    }
}

impl FittedRandomForestRegressor {
    explain_methods!();

    /// The forest of the first `trees` trees, which is the forest that was grown with so many.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for no tree, or more than there are.
    pub fn first_trees(&self, trees: usize) -> Result<Self> {
        let mut first = self.clone();
        first.ensemble = self.ensemble.first_trees(trees)?;
        Ok(first)
    }

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(vec!["prediction".to_owned()])
    }

    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.ensemble.num_trees()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }

    /// The prediction for one row.
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict`](Predict::predict).
    ///
    /// Nothing is allocated once `scratch` has grown. The trees are walked, eight at a time, about 30 ns per tree as long as the
    /// model fits the cache.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    pub fn predict_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64> {
        self.ensemble.means_of_row(row, scratch)?;
        Ok(scratch.outputs[0])
    }

    /// The number that stands for `text` in a row of numbers: its rank among the sorted texts of the training data; `None`,
    /// which counts as missing, for one that is not among them or if `feature` is no text.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) if there is no such feature.
    pub fn text_rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
        self.ensemble.rank(feature, text)
    }
}

impl Predict for FittedRandomForestRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let means = self.ensemble.scores(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(means)))
    }
}

impl Model for FittedRandomForestRegressor {
    const NAME: &'static str = "alchemy-models/random_forest_regressor";
}

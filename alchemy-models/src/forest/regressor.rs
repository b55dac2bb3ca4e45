//! A random forest for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Context, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::ensemble::{Ensemble, forest_methods};
use super::fits::forest_fits;
use super::learn_numbers::learn_numbers;
use super::oob::OutOfBag;
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use crate::dataset::{Columns, column_setters};
use crate::explain::{Trees, explain_methods};
use crate::predict::RowScratch;
use crate::stream::Data;

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
/// Memory is two bytes per row and feature that varies, one if more than 64 do, and for each thread about 50 bytes per row. The
/// result does not depend on the number of threads, on the cuts between batches, or on the
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
            params: Params::new(MaxFeatures::All, Splitter::Best),
        }
    }

    max_features_setter!("All");

    column_setters!();
    forest_setters!();
    oob_setter!();
    bootstrap_setter!("true");

    fn learn(&self, train: Data<'_>, context: &Context) -> Result<FittedRandomForestRegressor> {
        learn_numbers(&self.params, &self.columns, train, context)
    }
}

forest_fits!(RandomForestRegressor, FittedRandomForestRegressor);

/// A fitted [`RandomForestRegressor`] or [`ExtraTreesRegressor`](crate::ExtraTreesRegressor).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestRegressor {
    pub(super) ensemble: Ensemble,
    pub(super) oob: Option<OutOfBag>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    oob: Option<OutOfBag>,
}

impl TryFrom<Stored> for FittedRandomForestRegressor {
    type Error = &'static str;

    fn try_from(Stored { ensemble, oob }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == 1 && oob.as_ref().is_none_or(|oob| oob.fits(1)) {
            Ok(Self { ensemble, oob })
        } else {
            Err("a regression has more than one output")
        }
    }
}

impl FittedRandomForestRegressor {
    explain_methods!();
    forest_methods!();

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(vec!["prediction".to_owned()])
    }

    /// The coefficient of determination of the [predictions out of the bag](Self::oob_predictions): 1 is perfect, 0 is as good as
    /// the mean. Rows count the same whatever their weight; rows of weight 0, and those that no tree left out, do not.
    ///
    /// `None` without [`with_oob`](RandomForestRegressor::with_oob), or if there is no such row or the targets are all the same.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob.as_ref()?.score()
    }

    /// The prediction for each row of the training data by the trees that did not learn from it; null for a row that all trees
    /// learned from. `None` without [`with_oob`](RandomForestRegressor::with_oob).
    #[must_use]
    pub fn oob_predictions(&self) -> Option<ArrayRef> {
        let oob = self.oob.as_ref()?;
        Some(Arc::new(oob.output(0).collect::<Float64Array>()))
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

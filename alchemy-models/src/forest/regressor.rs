//! A random forest for a number.

mod fitted;

use alchemy_core::{Context, Result};
use serde::{Deserialize, Serialize};

use super::fits::forest_fits;
use super::learn_numbers::learn_numbers;
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use crate::dataset::{Columns, column_setters};
use crate::stream::Data;

pub use fitted::FittedRandomForestRegressor;

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

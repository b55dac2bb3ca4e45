//! A random forest for a class.

mod fitted;

use alchemy_core::{Context, Result};
use serde::{Deserialize, Serialize};

use super::class_weight::{ForestClassWeight, class_weight_setters};
use super::fits::forest_fits;
use super::learn_classes::learn_classes;
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use crate::dataset::{Columns, column_setters};
use crate::stream::Data;

pub use fitted::FittedRandomForestClassifier;

/// Learns to predict a class by averaging trees, each grown on rows drawn at random.
///
/// Every tree learns from a bootstrap sample: as many rows as there are, drawn with replacement. A node is split where the Gini
/// impurity falls most, until its rows are all of one class or a limit is met; a leaf gives the shares of the classes, and the
/// forest the mean of its trees' shares. Defaults and meaning of the parameters are those of scikit-learn.
///
/// The target is text, Boolean, a date or timestamp, or whole numbers, of at most 256 classes, and predictions are of its
/// type; a dictionary comes back unpacked.
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
/// - [`Error::InvalidTarget`](alchemy_core::Error::InvalidTarget) for a target that is missing, of one class only, or of more than 256;
/// - [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is missing, negative or beyond 1e30;
/// - [`Error::Empty`](alchemy_core::Error::Empty) without a row, a row of weight above zero, or a feature.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
/// use alchemy_core::{Classify, Fit, Predict};
/// use alchemy_models::RandomForestClassifier;
///
/// let tenure = Int64Array::from_iter_values(0..200);
/// let churn = StringArray::from_iter_values((0..200).map(|tenure| if tenure < 80 { "Yes" } else { "No" }));
/// let train =
///     RecordBatch::try_from_iter([("tenure", Arc::new(tenure) as ArrayRef), ("churn", Arc::new(churn) as ArrayRef)])?;
///
/// let model = RandomForestClassifier::new().with_target("churn").with_max_depth(10).fit(&train)?;
/// assert_eq!(model.predict(&train)?.as_string::<i32>().value(3), "Yes");
/// assert_eq!(model.predict_proba(&train)?.schema().field(0).name(), "No");
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - L. Breiman, "Random Forests", *Machine Learning* 45, 2001, <https://doi.org/10.1023/A:1010933404324>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestClassifier {
    columns: Columns,
    params: Params,
    class_weight: ForestClassWeight,
}

impl RandomForestClassifier {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::Sqrt, Splitter::Best),
            class_weight: ForestClassWeight::None,
        }
    }

    max_features_setter!("Sqrt");

    column_setters!();
    forest_setters!();
    oob_setter!();
    bootstrap_setter!("true");
    class_weight_setters!();

    fn learn(&self, train: Data<'_>, context: &Context) -> Result<FittedRandomForestClassifier> {
        learn_classes(
            &self.params,
            &self.class_weight,
            &self.columns,
            train,
            context,
        )
    }
}

forest_fits!(RandomForestClassifier, FittedRandomForestClassifier);

//! Extremely randomized trees: forests whose cuts are drawn at random.

use alchemy_core::{Context, Result};
use serde::{Deserialize, Serialize};

use super::class_weight::{ForestClassWeight, class_weight_setters};
use super::classifier::FittedRandomForestClassifier;
use super::fits::forest_fits;
use super::learn_classes::learn_classes;
use super::learn_numbers::learn_numbers;
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use super::regressor::FittedRandomForestRegressor;
use crate::dataset::{Columns, column_setters};
use crate::stream::Data;

/// Learns to predict a class by averaging trees whose cuts are drawn at random.
///
/// As [`RandomForestClassifier`](crate::RandomForestClassifier) but for two things: every tree learns from all rows, and of
/// each feature drawn for a node one cut is tried, drawn uniformly between the lowest and the highest value of the node; the
/// best of these is made. The trees differ more, so the mean of many varies less, and they grow larger. Defaults and meaning
/// of the parameters are those of scikit-learn.
///
/// Values are known by their bin. A bin lies in the middle of its edges, so where a feature has no more values than bins a
/// cut is drawn nearly as from the values themselves, and otherwise among the bins. Missing values go to the side that fits
/// better; if a node has but one value beside them, the cut parts it from them.
///
/// Target, features, memory, errors and the fitted type are those of the random forest.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::ExtraTreesClassifier;
///
/// let tenure = Int64Array::from_iter_values(0..200);
/// let churn = StringArray::from_iter_values((0..200).map(|tenure| if tenure < 80 { "Yes" } else { "No" }));
/// let train =
///     RecordBatch::try_from_iter([("tenure", Arc::new(tenure) as ArrayRef), ("churn", Arc::new(churn) as ArrayRef)])?;
///
/// let model = ExtraTreesClassifier::new().with_target("churn").fit(&train)?;
/// assert_eq!(model.predict(&train)?.as_string::<i32>().value(3), "Yes");
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees", *Machine Learning* 63, 2006,
///   <https://doi.org/10.1007/s10994-006-6226-1>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtraTreesClassifier {
    columns: Columns,
    params: Params,
    class_weight: ForestClassWeight,
}

impl ExtraTreesClassifier {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::Sqrt, Splitter::Random),
            class_weight: ForestClassWeight::None,
        }
    }

    max_features_setter!("Sqrt");

    column_setters!();
    forest_setters!();
    oob_setter!();
    bootstrap_setter!("false");
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

forest_fits!(ExtraTreesClassifier, FittedRandomForestClassifier);

/// Learns to predict a number by averaging trees whose cuts are drawn at random.
///
/// To [`RandomForestRegressor`](crate::RandomForestRegressor) as [`ExtraTreesClassifier`] is to the forest for classes.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::ExtraTreesRegressor;
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = ExtraTreesRegressor::new().with_target("y").with_num_trees(20).fit(&train)?;
/// assert_eq!(model.predict(&train)?.as_primitive::<Float64Type>().value(120), 2.0);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees", *Machine Learning* 63, 2006,
///   <https://doi.org/10.1007/s10994-006-6226-1>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtraTreesRegressor {
    columns: Columns,
    params: Params,
}

impl ExtraTreesRegressor {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::All, Splitter::Random),
        }
    }

    max_features_setter!("All");

    column_setters!();
    forest_setters!();
    oob_setter!();
    bootstrap_setter!("false");

    fn learn(&self, train: Data<'_>, context: &Context) -> Result<FittedRandomForestRegressor> {
        learn_numbers(&self.params, &self.columns, train, context)
    }
}

forest_fits!(ExtraTreesRegressor, FittedRandomForestRegressor);

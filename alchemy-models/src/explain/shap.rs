//! SHAP values of a model.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::{Error, Result};

use super::explained::{Explained, explained_methods};

/// The name of the base value's column in [`ShapValues::to_batch`].
const BASE: &str = "(base)";

/// How much each feature moved each prediction away from the mean of the model: SHAP values.
///
/// For each row the [base value](Self::base) and the values of all features add up to the model's `predict_raw`, but for
/// rounding, and have its unit:
///
/// | model | unit |
/// | --- | --- |
/// | boosted regressor | the target's, or its logarithm where the objective predicts by an exponential (Poisson, gamma, Tweedie) |
/// | boosted classifier | log odds of the higher of two classes, or each class's score before softmax; not a probability |
/// | forest of numbers | the target's |
/// | forest of classes | the probability of each class |
///
/// An offset, where there is one, is not part of it. A model of several classes has a set of values for each, its
/// [outputs](Self::outputs); one of two classes that is boosted has one.
///
/// The value of a feature is its Shapley value: what the prediction gains when the feature becomes known, averaged over all
/// orders in which features may become known. While a feature is not known, a split on it is averaged over both sides by the
/// share of the training rows that went each way ("path-dependent" in the first reference). So the values explain the model,
/// not the world, and features that vary together share what either could have said.
///
/// A missing cell (null, NaN, or a category that training did not have) is a known value like others: it has the side of each
/// split that missing values take, and its feature a SHAP value. A feature that no tree splits on, such as one that never
/// varies, gets 0. Nothing is null.
///
/// Values are exact but for rounding. They do not depend on threads, on the other rows of the batch, or on the platform.
/// The cost is about that of 50 predictions; it grows with the number of nodes times the number of different features on
/// the longest path of a tree. Each call makes the trees ready first, which takes longer than a few rows do: for those there
/// is [`ShapExplainer`](crate::ShapExplainer).
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::GradientBoostingRegressor;
///
/// let size = Float64Array::from_iter_values((0..300).map(|i| f64::from(i % 20)));
/// let age = Float64Array::from_iter_values((0..300).map(|i| f64::from(i % 7)));
/// let price = Float64Array::from_iter_values((0..300).map(|i| f64::from(10 * (i % 20) - i % 7)));
/// let columns = [("size", size), ("age", age), ("price", price)];
/// let homes = RecordBatch::try_from_iter(columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef)))?;
///
/// let model = GradientBoostingRegressor::new().with_target("price").fit(&homes)?;
/// let shap = model.shap(&homes)?;
/// assert_eq!(shap.features(), ["size", "age"]);
/// let means = shap.mean_absolute(0).unwrap();
/// assert!(means[0] > means[1]);
///
/// // Base and values add up to the prediction.
/// let (size, age) = (shap.values(0, 0).unwrap()[17], shap.values(0, 1).unwrap()[17]);
/// let prediction = model.predict(&homes)?.as_primitive::<Float64Type>().value(17);
/// assert!((shap.base(0).unwrap() + size + age - prediction).abs() < 1e-9);
///
/// // A column per feature, and one of the base.
/// assert_eq!(shap.to_batch(0)?.num_columns(), 3);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", *Nature Machine
///   Intelligence* 2, 2020, <https://doi.org/10.1038/s42256-019-0138-9>.
/// - S. Lundberg and S.-I. Lee, "A Unified Approach to Interpreting Model Predictions", NIPS 2017.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapValues {
    /// A number per feature.
    pub(super) explained: Explained,
}

impl ShapValues {
    explained_methods!();

    /// The values of a feature, one per row; `None` if there is no such output or feature.
    #[must_use]
    pub fn values(&self, output: usize, feature: usize) -> Option<&[f64]> {
        let features = self.features().len();
        self.explained.values(output, features, feature)
    }

    /// The mean of each feature's absolute values: how much it matters to the predictions of these rows. `None` if there is no
    /// such output; zeros without rows.
    #[must_use]
    pub fn mean_absolute(&self, output: usize) -> Option<Vec<f64>> {
        let rows = self.num_rows().max(1) as f64;
        let mean = |values: &[f64]| values.iter().map(|value| value.abs()).sum::<f64>() / rows;
        let features = 0..self.features().len();
        features
            .map(|feature| self.values(output, feature).map(mean))
            .collect()
    }

    /// The values of `output` as a batch: a column per feature, named by it, and the base value in a last column `(base)`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if there is no such output.
    pub fn to_batch(&self, output: usize) -> Result<RecordBatch> {
        let base = self.base(output).ok_or_else(|| {
            let message = format!("is {output}, and there are {}", self.outputs().len());
            Error::parameter("output", message)
        })?;
        let features = 0..self.features().len();
        let values = features.filter_map(|feature| self.values(output, feature));
        let bases = vec![base; self.num_rows()];
        let columns = values.map(<[f64]>::to_vec).chain([bases]);
        let columns = columns.map(|values| Arc::new(Float64Array::from(values)) as ArrayRef);
        let names = self.features().iter().map(String::as_str).chain([BASE]);
        let fields: Vec<Field> = names
            .map(|name| Field::new(name, DataType::Float64, false))
            .collect();
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns.collect(),
        )?)
    }
}

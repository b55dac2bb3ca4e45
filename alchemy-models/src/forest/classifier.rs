//! A random forest for a class.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Classify, Context, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::class_weight::{ForestClassWeight, class_weight_setters};
use super::ensemble::{Ensemble, forest_methods};
use super::fits::forest_fits;
use super::learn_classes::learn_classes;
use super::oob::OutOfBag;
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use crate::classes::Classes;
use crate::dataset::{Columns, column_setters};
use crate::explain::{Trees, explain_methods};
use crate::predict::RowScratch;
use crate::stream::Data;

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

/// A fitted [`RandomForestClassifier`] or [`ExtraTreesClassifier`](crate::ExtraTreesClassifier).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestClassifier {
    pub(super) ensemble: Ensemble,
    pub(super) classes: Classes,
    pub(super) oob: Option<OutOfBag>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
    oob: Option<OutOfBag>,
}

impl TryFrom<Stored> for FittedRandomForestClassifier {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            classes,
            oob,
        } = stored;
        let outputs = ensemble.outputs();
        if outputs == classes.len() && oob.as_ref().is_none_or(|oob| oob.fits(outputs)) {
            Ok(Self {
                ensemble,
                classes,
                oob,
            })
        } else {
            Err("there are more or fewer classes than outputs")
        }
    }
}

impl FittedRandomForestClassifier {
    explain_methods!();
    forest_methods!();

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(self.classes.names().to_vec())
    }

    /// The share of training rows whose most probable class [out of the bag](Self::oob_proba) is theirs. Rows count the same
    /// whatever their weight; rows of weight 0, and those that no tree left out, do not.
    ///
    /// `None` without [`with_oob`](RandomForestClassifier::with_oob), or if there is no such row.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob.as_ref()?.score()
    }

    /// The probability of each class for each row of the training data by the trees that did not learn from it, as
    /// [`predict_proba`](Classify::predict_proba) gives it; null for a row that all trees learned from. `None` without
    /// [`with_oob`](RandomForestClassifier::with_oob).
    ///
    /// # Errors
    ///
    /// Those of making a batch.
    pub fn oob_proba(&self) -> Result<Option<RecordBatch>> {
        let Some(oob) = &self.oob else {
            return Ok(None);
        };
        let column =
            |output: usize| Arc::new(oob.output(output).collect::<Float64Array>()) as ArrayRef;
        let names = self.classes.names().iter().enumerate();
        let columns = names.map(|(output, name)| (name, column(output), true));
        Ok(Some(RecordBatch::try_from_iter_with_nullable(columns)?))
    }

    /// The probability of each class for one row, in the order of [`classes`](Classify::classes).
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict_proba`](Classify::predict_proba).
    ///
    /// Nothing is allocated once `scratch` has grown. The trees are walked, eight at a time, about 30 ns per tree as long as the
    /// model fits the cache.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    pub fn predict_proba_row<'s>(
        &self,
        row: &[f64],
        scratch: &'s mut RowScratch,
    ) -> Result<&'s [f64]> {
        self.ensemble.means_of_row(row, scratch)?;
        Ok(&scratch.outputs)
    }
}

impl Predict for FittedRandomForestClassifier {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The most probable class; of equals the lowest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.classes.most_probable(&self.ensemble.scores(batch)?)
    }

    fn as_classifier(&self) -> Option<&dyn Classify> {
        Some(self)
    }
}

impl Classify for FittedRandomForestClassifier {
    fn classes(&self) -> &ArrayRef {
        self.classes.values()
    }

    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.classes.batch(self.ensemble.scores(batch)?)
    }
}

impl Model for FittedRandomForestClassifier {
    const NAME: &'static str = "alchemy-models/random_forest_classifier";
}

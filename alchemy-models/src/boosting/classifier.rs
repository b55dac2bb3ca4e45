//! Boosted trees for a class.

mod fitted;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Context, Error, Result};
use serde::{Deserialize, Serialize};

use super::fit::{Goal, Labels, Request, check_same};
use super::fits::boosting_fits;
use super::judge::{ClassifierMetric, ErrorRate, Foreign, Judge, MeanLoss, RocAuc};
use super::link::Link;
use super::loss::{Logistic, Loss, Softmax};
use super::offsets::ClassOffsets;
use super::options::FitOptions;
use super::params::{Params, boosting_setters};
use crate::class_weight::ClassWeight;
use crate::classes::Classes;
use crate::dataset::{Columns, column_setters};
use crate::stream::Data;
use crate::table::Table;

pub use fitted::FittedGradientBoostingClassifier;

/// Learns to predict a class by adding up trees, each fitted to the errors of those before it.
///
/// Trees lower the log loss. With two classes the sum of a row's leaves is the log odds of the higher class; with more, each
/// round has a tree per class, and the softmax of their sums gives the probabilities. Training starts from the shares of the
/// classes. A leaf with gradient sum G and hessian sum H takes the value -`learning_rate` x T(G) / (H + l2), where T moves a sum
/// by l1 towards 0. The leaf whose split lowers the loss most is split first, until
/// [`num_leaves`](Self::with_num_leaves) is reached or nothing is gained. Defaults are those of `LightGBM`.
///
/// The target is text, Boolean, a date or timestamp, or whole numbers, and predictions are of its type; a dictionary comes
/// back unpacked.
///
/// Features are numbers, Booleans, dates and timestamps, and text. Text is a category: a split parts its values into any two
/// groups, whatever their order, and one that training never saw is missing; see
/// [`with_categorical`](Self::with_categorical). Missing values (null or NaN) are learned from: each
/// split sends them to the side that lowers the loss more, or, where there were none in training, to the side with more rows.
/// Infinity is an ordinary extreme value. Rows are put into at most 255 bins per feature, which are exact if a feature has no
/// more distinct values than that and hold nearly equal weight otherwise.
///
/// Memory is one byte per row and feature that varies, rounded up to a multiple of 4 features, and about 40 bytes per row
/// and output. Each round reads these bins about three times. The result does not depend on the number of threads, on the
/// cuts between batches, or on the platform; it does depend on the order of rows where rows are drawn or sampled for bins.
///
/// # Errors
///
/// Fitting returns
/// - [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for a parameter outside its domain, for offsets that are
///   not of the classes of the target, or without a target;
/// - [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) and
///   [`Error::DuplicateColumn`](alchemy_core::Error::DuplicateColumn) for a name that does not stand for one column;
/// - [`Error::ColumnType`](alchemy_core::Error::ColumnType) for a column that cannot be used as what it is used for;
/// - [`Error::InvalidTarget`](alchemy_core::Error::InvalidTarget) for a target that is missing, or of one class only;
/// - [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is missing, negative or beyond 1e30,
///   or an offset that is missing or too large;
/// - [`Error::Empty`](alchemy_core::Error::Empty) without a row, a row of weight above zero, or a feature.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
/// use alchemy_core::{Classify, Fit, Predict};
/// use alchemy_models::GradientBoostingClassifier;
///
/// let tenure = Int64Array::from_iter_values(0..200);
/// let churn = StringArray::from_iter_values((0..200).map(|tenure| if tenure < 80 { "Yes" } else { "No" }));
/// let train =
///     RecordBatch::try_from_iter([("tenure", Arc::new(tenure) as ArrayRef), ("churn", Arc::new(churn) as ArrayRef)])?;
///
/// let model = GradientBoostingClassifier::new().with_target("churn").fit(&train)?;
/// assert_eq!(model.predict(&train)?.as_string::<i32>().value(3), "Yes");
/// assert_eq!(model.predict_proba(&train)?.schema().field(0).name(), "No");
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - J. H. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", *Annals of Statistics* 29(5), 2001,
///   <https://doi.org/10.1214/aos/1013203451>.
/// - T. Chen and C. Guestrin, "`XGBoost`: A Scalable Tree Boosting System", KDD 2016,
///   <https://doi.org/10.1145/2939672.2939785>: the regularised objective.
/// - G. Ke et al., "`LightGBM`: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017: bins and leaf-wise growth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradientBoostingClassifier {
    columns: Columns,
    offsets: ClassOffsets,
    class_weight: Option<ClassWeight>,
    eval_metric: ClassifierMetric,
    params: Params,
}

impl GradientBoostingClassifier {
    /// A classifier with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    column_setters!();
    boosting_setters!();

    /// How much the rows of each class count, besides their own weight. Default: every class counts the same.
    ///
    /// It is as if every row had the product of both weights, in the validation part too. Where `Yes` is the higher of two
    /// classes, `ClassWeight::of([("Yes", k)])` is what `LightGBM` and `XGBoost` call `scale_pos_weight = k`, but for the score
    /// that training starts from, which has the weights in it here.
    #[must_use]
    #[doc(alias = "scale_pos_weight")]
    #[doc(alias = "is_unbalance")]
    pub fn with_class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = Some(class_weight);
        self
    }

    /// What rounds are judged by on the validation part. Default: [`ClassifierMetric::Objective`].
    #[must_use]
    pub fn with_eval_metric(mut self, metric: ClassifierMetric) -> Self {
        self.eval_metric = metric;
        self
    }

    /// A numeric column of log odds of the higher of two classes to start from: the trees learn what to add to it. Default: none.
    ///
    /// Training starts from the offset of each row plus the one constant that is best for all rows. A row without an offset,
    /// or with one beyond 300, is an [`Error::InvalidValue`](alchemy_core::Error::InvalidValue), in training and in prediction.
    /// With more than two classes it is an [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter): see
    /// [`with_class_offsets`](Self::with_class_offsets). The column is a feature too, unless
    /// [`with_features`](Self::with_features) leaves it out.
    #[must_use]
    #[doc(alias = "base_margin")]
    #[doc(alias = "init_score")]
    pub fn with_offset(mut self, column: impl Into<String>) -> Self {
        self.offsets = ClassOffsets::LogOdds(column.into());
        self
    }

    /// For each of more than two classes, by its label as text, a numeric column of scores to start from: the trees learn what
    /// to add to them. Default: none.
    ///
    /// Scores are log probabilities up to a constant of the row, such as those that
    /// [`predict_raw`](FittedGradientBoostingClassifier::predict_raw) gives. Training starts from the offsets of each row plus
    /// the constants, one per class, that are best for all rows. A row without an offset, or with one beyond 300, is an
    /// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue), in training and in prediction; a class without a column, or a
    /// label that is no class, is an [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter), and so are two classes,
    /// whose one score [`with_offset`](Self::with_offset) takes. Of the two setters the last one called counts.
    ///
    /// # Examples
    ///
    /// What is known of each class beforehand, here how likely it is by the hour:
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// # use std::sync::Arc;
    /// # use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    /// # use alchemy_core::{Classify, Fit};
    /// # use alchemy_models::GradientBoostingClassifier;
    /// # let meals = StringArray::from_iter_values((0..300).map(|row| ["bread", "soup", "tea"][row % 3]));
    /// # let numbers = |times: i32| Arc::new(Float64Array::from_iter_values((0..300).map(|row| f64::from(row * times % 7)))) as ArrayRef;
    /// # let columns = [("size", 1), ("bread by hour", 2), ("soup by hour", 3), ("tea by hour", 5)];
    /// # let columns = columns.map(|(name, times)| (name, numbers(times)));
    /// # let train = RecordBatch::try_from_iter(columns.into_iter().chain([("meal", Arc::new(meals) as ArrayRef)]))?;
    /// let spec = GradientBoostingClassifier::new()
    ///     .with_target("meal")
    ///     .with_features(["size"])
    ///     .with_class_offsets([("bread", "bread by hour"), ("soup", "soup by hour"), ("tea", "tea by hour")]);
    /// let probabilities = spec.fit(&train)?.predict_proba(&train)?;
    /// assert_eq!(probabilities.num_columns(), 3);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[doc(alias = "base_margin")]
    #[doc(alias = "init_score")]
    pub fn with_class_offsets<L: Into<String>, C: Into<String>>(
        mut self,
        columns: impl IntoIterator<Item = (L, C)>,
    ) -> Self {
        let columns = columns.into_iter();
        let columns = columns.map(|(label, column)| (label.into(), column.into()));
        self.offsets = ClassOffsets::Of(columns.collect());
        self
    }

    fn offset_columns(&self) -> Vec<&str> {
        self.offsets.columns()
    }

    fn learn<'a>(
        &'a self,
        request: Request<'a>,
        train: Data<'a>,
        options: FitOptions<'a, FittedGradientBoostingClassifier>,
    ) -> Result<FittedGradientBoostingClassifier> {
        options.check(&self.params)?;
        if let Some(class_weight) = &self.class_weight {
            class_weight.check()?;
        }
        let opened = request.open(train)?;
        let (classes, codes) = match options.previous {
            None => Classes::learn(opened.train, opened.target())?,
            Some(previous) => {
                let codes = previous.classes.codes(opened.train, opened.target())?;
                (previous.classes.clone(), codes)
            }
        };
        let offsets = self.offsets.by_output(&classes)?;
        if let Some(previous) = options.previous {
            check_same("offsets", &previous.offsets, &offsets)?;
        }
        let labels = |table: Table<'_>, codes: Vec<u32>| -> Result<Labels> {
            let mut weights = opened.weights(table)?;
            if let Some(class_weight) = &self.class_weight {
                weights = Some(class_weight.row_weights(&classes, &codes, weights.as_deref())?);
            }
            Ok(Labels {
                targets: codes.into_iter().map(f64::from).collect(),
                weights,
            })
        };
        let train_labels = labels(opened.train, codes)?;
        let valid_labels = match opened.valid {
            Some(valid) => Some(labels(valid, classes.codes(valid, opened.target())?)?),
            None => None,
        };
        let link = Link::of_classes(classes.len());
        let (num_outputs, log_loss) = log_loss(classes.len());
        let custom = options.custom_loss(num_outputs);
        let loss = custom
            .as_ref()
            .map_or(log_loss.as_ref(), |loss| loss as &dyn Loss);
        let judge: Box<dyn Judge> = match (options.metric, self.eval_metric) {
            (Some(metric), _) => Box::new(Foreign { metric, link }),
            (None, ClassifierMetric::Objective) => Box::new(MeanLoss(loss)),
            (None, ClassifierMetric::LogLoss) => Box::new(MeanLoss(log_loss.as_ref())),
            (None, ClassifierMetric::ErrorRate) => Box::new(ErrorRate),
            (None, ClassifierMetric::RocAuc) if num_outputs == 1 => Box::new(RocAuc),
            (None, ClassifierMetric::RocAuc) => {
                let message = format!("needs two classes, and there are {num_outputs}");
                return Err(Error::parameter("eval_metric", message));
            }
        };
        let goal = Goal {
            loss,
            judge: judge.as_ref(),
            link,
            offsets: &offsets,
        };
        Ok(FittedGradientBoostingClassifier {
            ensemble: opened.boost(goal, train_labels, valid_labels)?,
            classes,
            offsets,
        })
    }
}

/// How many scores a row of so many classes has, and their log loss.
fn log_loss(num_classes: usize) -> (usize, Box<dyn Loss>) {
    if num_classes == 2 {
        (1, Box::new(Logistic))
    } else {
        (num_classes, Box::new(Softmax { num_classes }))
    }
}

boosting_fits!(GradientBoostingClassifier, FittedGradientBoostingClassifier);

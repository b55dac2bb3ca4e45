//! Boosted trees for a class.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::{Classify, Context, Error, Fit, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::{Goal, Labels, Request, check_same, offsets};
use super::fits::boosting_fits;
use super::judge::{ClassifierMetric, ErrorRate, Foreign, Judge, MeanLoss, RocAuc};
use super::loss::{Logistic, Loss, Softmax};
use super::objective::Link;
use super::options::FitOptions;
use super::params::{Params, boosting_setters};
use crate::class_weight::ClassWeight;
use crate::classes::Classes;
use crate::dataset::{Columns, column_setters};
use crate::explain::{Trees, explain_methods};
use crate::importance::Importance;
use crate::math::{exp, logistic};
use crate::predict::RowScratch;
use crate::stream::Data;
use crate::table::Table;

/// Learns to predict a class by adding up trees, each fitted to the errors of those before it.
///
/// Trees lower the log loss. With two classes the sum of a row's leaves is the log odds of the higher class; with more, each
/// round has a tree per class, and the softmax of their sums gives the probabilities. Training starts from the shares of the
/// classes. A leaf with gradient sum G and hessian sum H takes the value -`learning_rate` x T(G) / (H + l2), where T moves a sum
/// by l1 towards 0. The leaf whose split lowers the loss most is split first, until
/// [`num_leaves`](Self::with_num_leaves) is reached or nothing is gained. Defaults are those of `LightGBM`, but for
/// [`min_child_weight`](Self::with_min_child_weight).
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
/// - [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for a parameter outside its domain, or without a target;
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
    offset: Option<String>,
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

    /// What rounds are judged by on the validation part. Default: [`ClassifierMetric::LogLoss`].
    #[must_use]
    pub fn with_eval_metric(mut self, metric: ClassifierMetric) -> Self {
        self.eval_metric = metric;
        self
    }

    /// A numeric column of log odds of the higher class to start from: the trees learn what to add to it. Default: none.
    ///
    /// Training starts from the offset of each row plus the one constant that is best for all rows. A row without an offset,
    /// or with one beyond 300, is an [`Error::InvalidValue`](alchemy_core::Error::InvalidValue), in training and in prediction.
    /// With more than two classes an offset is an [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter): it
    /// would take a column for each class, which one name cannot say.
    #[must_use]
    #[doc(alias = "base_margin")]
    #[doc(alias = "init_score")]
    pub fn with_offset(mut self, column: impl Into<String>) -> Self {
        self.offset = Some(column.into());
        self
    }

    boosting_fits!(GradientBoostingClassifier, FittedGradientBoostingClassifier);

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
        if let Some(previous) = options.previous {
            check_same("offset", &previous.offset, &self.offset)?;
        }
        let opened = request.open(train)?;
        let (classes, codes) = match options.previous {
            None => Classes::learn(opened.train, opened.target())?,
            Some(previous) => {
                let codes = previous.classes.codes(opened.train, opened.target())?;
                (previous.classes.clone(), codes)
            }
        };
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
        let loss = self.loss(classes.len())?;
        let judge: Box<dyn Judge> = match (options.metric, self.eval_metric) {
            (Some(metric), _) if classes.len() == 2 => Box::new(Foreign {
                metric,
                link: Link::Logit,
            }),
            (Some(_), _) => return Err(needs_two_classes("metric", classes.len())),
            (None, ClassifierMetric::LogLoss) => Box::new(MeanLoss(loss.as_ref())),
            (None, ClassifierMetric::ErrorRate) => Box::new(ErrorRate),
            (None, ClassifierMetric::RocAuc) => Box::new(RocAuc),
        };
        let goal = Goal {
            loss: loss.as_ref(),
            judge: judge.as_ref(),
            largest_offset: Link::Logit.largest_offset(),
        };
        let ensemble = opened.boost(goal, train_labels, valid_labels)?;
        Ok(FittedGradientBoostingClassifier {
            ensemble,
            classes,
            offset: self.offset.clone(),
        })
    }

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for what needs two classes where there are more.
    fn loss(&self, num_classes: usize) -> Result<Box<dyn Loss>> {
        if num_classes == 2 {
            return Ok(Box::new(Logistic));
        }
        if self.offset.is_some() {
            return Err(needs_two_classes("offset", num_classes));
        }
        if self.eval_metric == ClassifierMetric::RocAuc {
            return Err(needs_two_classes("eval_metric", num_classes));
        }
        Ok(Box::new(Softmax { num_classes }))
    }
}

fn needs_two_classes(parameter: &'static str, num_classes: usize) -> Error {
    let message = format!("needs two classes, and there are {num_classes}");
    Error::parameter(parameter, message)
}

impl Fit for GradientBoostingClassifier {
    type Fitted = FittedGradientBoostingClassifier;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        let options = FitOptions::new().with_context(context);
        self.fit_options(std::slice::from_ref(batch), options)
    }
}

/// A fitted [`GradientBoostingClassifier`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedGradientBoostingClassifier {
    ensemble: Ensemble,
    classes: Classes,
    offset: Option<String>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
    offset: Option<String>,
}

impl TryFrom<Stored> for FittedGradientBoostingClassifier {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            classes,
            offset,
        } = stored;
        let outputs = if classes.len() == 2 { 1 } else { classes.len() };
        if ensemble.num_outputs() != outputs {
            return Err("there are more or fewer classes than outputs");
        }
        if outputs > 1 && offset.is_some() {
            return Err("an offset needs two classes");
        }
        Ok(Self {
            ensemble,
            classes,
            offset,
        })
    }
}

impl FittedGradientBoostingClassifier {
    explain_methods!();

    /// The model of the first `rounds` rounds, whose predictions are those of a fit that ended there.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if the model holds fewer rounds.
    #[doc(alias = "ntree_limit")]
    #[doc(alias = "iteration_range")]
    pub fn first_rounds(&self, rounds: usize) -> Result<Self> {
        let mut first = self.clone();
        first.ensemble = self.ensemble.first_rounds(rounds)?;
        Ok(first)
    }

    fn trees(&self) -> Trees<'_> {
        let names = self.classes.names();
        // One output is for the higher of two classes.
        let first = names.len() - self.ensemble.num_outputs();
        self.ensemble.view(names[first..].to_vec())
    }

    /// How many rounds the model holds: with a validation part those up to the best one, else all.
    #[must_use]
    pub fn num_rounds(&self) -> usize {
        self.ensemble.num_rounds()
    }

    /// The metric on the validation part after each round that was run, those of a
    /// [previous model](FitOptions::with_previous) included; empty without such a part. The model holds the rounds up to the
    /// best of them, which is the last one that counts in [`num_rounds`](Self::num_rounds).
    #[must_use]
    pub fn history(&self) -> &[f64] {
        self.ensemble.history()
    }

    /// The metric on the training data after each round that was run, if it was
    /// [asked for](GradientBoostingClassifier::with_train_history).
    #[must_use]
    pub fn train_history(&self) -> &[f64] {
        self.ensemble.train_history()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }

    /// The probability of each class for one row, in the order of [`classes`](Classify::classes).
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict_proba`](Classify::predict_proba).
    ///
    /// Nothing is allocated once `scratch` has grown. With AVX2 it takes about 2 µs for 20 features and 500 trees of 31 leaves,
    /// as long as the trees read at most 128 features (64 where rows were missing in training; every group that
    /// categories are parted into counts as one) and have at most 256 leaves each; otherwise the trees are walked, which takes about four times as long.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features, or if the model has an [offset](GradientBoostingClassifier::with_offset), which is in no row of features.
    pub fn predict_proba_row<'s>(
        &self,
        row: &[f64],
        scratch: &'s mut RowScratch,
    ) -> Result<&'s [f64]> {
        if self.offset.is_some() {
            let message = "is a column of its own: call predict_proba";
            return Err(Error::parameter("offset", message));
        }
        self.ensemble.scores_of_row(row, scratch)?;
        let outputs = &mut scratch.outputs;
        if let [score] = outputs.as_mut_slice() {
            *score = logistic(*score);
            let other = 1.0 - *score;
            outputs.insert(0, other);
        } else {
            softmax(outputs);
        }
        Ok(outputs)
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

    /// The probability of each class, class by class.
    fn probabilities(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let mut scores = self.ensemble.scores(batch)?;
        if let [scores] = scores.as_mut_slice() {
            if let Some(offset) = &self.offset {
                let table = Table::new(std::slice::from_ref(batch));
                let offsets = offsets(table, offset, Link::Logit.largest_offset())?;
                (scores.iter_mut().zip(offsets)).for_each(|(score, offset)| *score += offset);
            }
            scores
                .par_iter_mut()
                .for_each(|score| *score = logistic(*score));
            let others = scores.par_iter().map(|p| 1.0 - p).collect();
            return Ok(vec![others, std::mem::take(scores)]);
        }
        let mut of_row = vec![0.0; scores.len()];
        for row in 0..batch.num_rows() {
            for (score, scores) in of_row.iter_mut().zip(&scores) {
                *score = scores[row];
            }
            softmax(&mut of_row);
            for (score, scores) in of_row.iter().zip(&mut scores) {
                scores[row] = *score;
            }
        }
        Ok(scores)
    }
}

/// Turns the scores of a row into probabilities.
fn softmax(scores: &mut [f64]) {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

impl Predict for FittedGradientBoostingClassifier {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The most probable class; of equals the lowest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.classes.most_probable(&self.probabilities(batch)?)
    }

    fn as_classifier(&self) -> Option<&dyn Classify> {
        Some(self)
    }
}

impl Classify for FittedGradientBoostingClassifier {
    fn classes(&self) -> &ArrayRef {
        self.classes.values()
    }

    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.classes.batch(self.probabilities(batch)?)
    }
}

impl Model for FittedGradientBoostingClassifier {
    const NAME: &'static str = "alchemy-models/gradient_boosting_classifier";
}

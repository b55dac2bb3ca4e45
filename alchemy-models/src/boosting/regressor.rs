//! Boosted trees for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::{Context, Error, Fit, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::{Goal, Labels, Request, check_same};
use super::fits::boosting_fits;
use super::judge::{Deviation, Foreign, Judge, MeanLoss, RegressorMetric};
use super::loss::{Custom, Loss};
use super::objective::{Link, Objective};
use super::options::FitOptions;
use super::params::{Params, boosting_setters};
use crate::dataset::{Columns, column_setters, numeric_target};
use crate::explain::{Trees, explain_methods};
use crate::importance::Importance;
use crate::predict::RowScratch;
use crate::stream::Data;
use crate::table::Table;

/// Learns to predict a number by adding up trees, each fitted to the errors of those before it.
///
/// Trees lower an [`Objective`], by default the squared error, and training starts from the constant that is best for all
/// rows. A leaf whose rows have first and second derivatives g and h and weights w takes the value -`learning_rate` x
/// T(sum of w g) / (sum of w h + l2), where T moves a sum by l1 towards 0; for the squared error g is the error and h is 1.
/// The leaf whose split lowers the loss most is split first, until [`num_leaves`](Self::with_num_leaves) is reached or nothing
/// is gained. Defaults are those of `LightGBM`, but for
/// [`min_child_weight`](Self::with_min_child_weight).
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
/// - [`Error::InvalidTarget`](alchemy_core::Error::InvalidTarget) for a target that is missing, infinite or beyond 1e30,
///   or that the objective has no meaning for, such as a negative count;
/// - [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is missing, negative, beyond 1e30 or, times
///   the largest target, beyond 1e38,
///   or an offset that is missing or too large;
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
/// use alchemy_models::GradientBoostingRegressor;
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = GradientBoostingRegressor::new().with_target("y").fit(&train)?;
/// let predicted = model.predict(&train)?;
/// assert!((predicted.as_primitive::<Float64Type>().value(120) - 2.0).abs() < 0.01);
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
/// - G. Ke et al., "`LightGBM`: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017: bins, leaf-wise growth, and
///   sampling by gradients.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradientBoostingRegressor {
    columns: Columns,
    offset: Option<String>,
    objective: Objective,
    eval_metric: RegressorMetric,
    params: Params,
}

impl GradientBoostingRegressor {
    /// A regressor with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    column_setters!();
    boosting_setters!();

    /// What to minimise. Default: [`Objective::Squared`].
    #[must_use]
    pub fn with_objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// What rounds are judged by on the validation part. Default: [`RegressorMetric::Objective`].
    #[must_use]
    pub fn with_eval_metric(mut self, metric: RegressorMetric) -> Self {
        self.eval_metric = metric;
        self
    }

    /// A numeric column to start from, in the unit of the score: the trees learn what to add to it. Default: none.
    ///
    /// Training starts from the offset of each row plus the one constant that is best for all rows. A training row without an
    /// offset, or with one beyond 1e30 (300 where the score is a logarithm), is an
    /// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue); a row to predict without one has no prediction.
    ///
    /// Trees cannot predict beyond the targets they have seen. With the last known value of a series as offset they learn
    /// its changes, and follow it to levels that training never saw. For counts ([`Objective::Poisson`]) the offset is the
    /// logarithm of the exposure, and the prediction the rate times it.
    #[must_use]
    #[doc(alias = "base_margin")]
    #[doc(alias = "init_score")]
    pub fn with_offset(mut self, column: impl Into<String>) -> Self {
        self.offset = Some(column.into());
        self
    }

    boosting_fits!(GradientBoostingRegressor, FittedGradientBoostingRegressor);

    fn learn<'a>(
        &'a self,
        request: Request<'a>,
        train: Data<'a>,
        options: FitOptions<'a, FittedGradientBoostingRegressor>,
    ) -> Result<FittedGradientBoostingRegressor> {
        let objective = options.objective.map_or(Some(self.objective), |_| None);
        self.objective.check()?;
        options.check(&self.params)?;
        if let Some(previous) = options.previous {
            check_same("objective", &previous.objective, &objective)?;
            check_same("offset", &previous.offset, &self.offset)?;
        }
        let opened = request.open(train)?;
        let labels = |table: Table<'_>| -> Result<Labels> {
            let targets = numeric_target(table, opened.target())?;
            if let Some(objective) = objective {
                objective.check_targets(opened.target(), &targets)?;
            }
            Ok(Labels {
                targets,
                weights: opened.weights(table)?,
            })
        };
        let train_labels = labels(opened.train)?;
        let valid_labels = opened.valid.map(labels).transpose()?;
        let custom;
        let built_in;
        let loss: &dyn Loss = if let Some(objective) = options.objective {
            custom = Custom(objective);
            &custom
        } else {
            built_in = self.objective.loss();
            built_in.as_ref()
        };
        if loss.leaf_quantile().is_some() && self.params.goss.is_some() {
            let message =
                "leaves its rows unequal, and leaves that take a quantile would take a wrong one";
            return Err(Error::parameter("goss", message));
        }
        let link = link(objective);
        let deviation = |squared| Box::new(Deviation { link, squared });
        let judge: Box<dyn Judge> = match (options.metric, self.eval_metric) {
            (Some(metric), _) => Box::new(Foreign { metric, link }),
            (None, RegressorMetric::Objective) => Box::new(MeanLoss(loss)),
            (None, RegressorMetric::Rmse) => deviation(true),
            (None, RegressorMetric::Mae) => deviation(false),
        };
        let goal = Goal {
            loss,
            judge: judge.as_ref(),
            largest_offset: link.largest_offset(),
        };
        Ok(FittedGradientBoostingRegressor {
            ensemble: opened.boost(goal, train_labels, valid_labels)?,
            offset: self.offset.clone(),
            objective,
        })
    }
}

impl Fit for GradientBoostingRegressor {
    type Fitted = FittedGradientBoostingRegressor;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        let options = FitOptions::new().with_context(context);
        self.fit_options(std::slice::from_ref(batch), options)
    }
}

/// A fitted [`GradientBoostingRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedGradientBoostingRegressor {
    ensemble: Ensemble,
    offset: Option<String>,
    /// `None` for one from outside the crate, whose scores are the predictions.
    objective: Option<Objective>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    offset: Option<String>,
    objective: Option<Objective>,
}

impl TryFrom<Stored> for FittedGradientBoostingRegressor {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            offset,
            objective,
        } = stored;
        if ensemble.num_outputs() != 1 {
            return Err("a regressor has more than one output");
        }
        if objective.is_some_and(|objective| objective.check().is_err()) {
            return Err("the objective is outside its domain");
        }
        Ok(Self {
            ensemble,
            offset,
            objective,
        })
    }
}

/// What turns a score into a prediction.
fn link(objective: Option<Objective>) -> Link {
    objective.map_or(Link::Identity, |objective| objective.link())
}

impl FittedGradientBoostingRegressor {
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
        self.ensemble.view(vec!["prediction".to_owned()])
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
    /// [asked for](GradientBoostingRegressor::with_train_history).
    #[must_use]
    pub fn train_history(&self) -> &[f64] {
        self.ensemble.train_history()
    }

    /// What was minimised; `None` for a [`CustomObjective`](crate::CustomObjective), whose scores are the predictions.
    #[must_use]
    pub fn objective(&self) -> Option<Objective> {
        self.objective
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
    /// rank where text is expected. Where the model has an [offset](GradientBoostingRegressor::with_offset), it
    /// is for the caller to add (or, where the score is a logarithm, to multiply by its exponential). The bits are those of [`predict`](Predict::predict).
    ///
    /// Nothing is allocated once `scratch` has grown. With AVX2 it takes about 2 µs for 20 features and 500 trees of 31 leaves,
    /// as long as the trees read at most 128 features (64 where rows were missing in training; every group that
    /// categories are parted into counts as one) and have at most 256 leaves each; otherwise the trees are walked, which takes about four times as long.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// # use std::sync::Arc;
    /// # use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
    /// # use alchemy_core::arrow::datatypes::Float64Type;
    /// # use alchemy_core::{Fit, Predict};
    /// # use alchemy_models::{GradientBoostingRegressor, RowScratch};
    /// # let x = Float64Array::from_iter_values((0..200).map(f64::from));
    /// # let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
    /// # let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
    /// let model = GradientBoostingRegressor::new().with_target("y").fit(&train)?;
    /// let mut scratch = RowScratch::new();
    /// let one = model.predict_row(&[120.0], &mut scratch)?;
    /// assert_eq!(one, model.predict(&train)?.as_primitive::<Float64Type>().value(120));
    /// # Ok(())
    /// # }
    /// ```
    pub fn predict_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64> {
        self.ensemble.scores_of_row(row, scratch)?;
        Ok(link(self.objective).response(scratch.outputs[0]))
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

impl Predict for FittedGradientBoostingRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let mut scores = self.ensemble.scores(batch)?.swap_remove(0);
        let link = link(self.objective);
        let Some(offset) = &self.offset else {
            if link == Link::Log {
                (scores.par_iter_mut()).for_each(|score| *score = link.response(*score));
            }
            return Ok(Arc::new(Float64Array::from(scores)));
        };
        let offsets = NumericColumn::new(offset, by_name(batch, offset)?)?;
        let predictions: Float64Array = scores
            .iter()
            .enumerate()
            .map(|(row, score)| Some(link.response(offsets.view().get(row)? + score)))
            .collect();
        Ok(Arc::new(predictions))
    }
}

impl Model for FittedGradientBoostingRegressor {
    const NAME: &'static str = "alchemy-models/gradient_boosting_regressor";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A series that climbs by 1, or by 3 where `steep`.
    fn climb(start: f64, rows: usize) -> RecordBatch {
        let steep: Vec<f64> = (0..rows)
            .map(|row| f64::from(u8::from(row % 2 == 0)))
            .collect();
        let last: Vec<f64> = (0..rows).map(|row| start + 2.0 * row as f64).collect();
        let next: Vec<f64> = last
            .iter()
            .zip(&steep)
            .map(|(last, steep)| last + 1.0 + 2.0 * steep)
            .collect();
        let columns = [("steep", steep), ("last", last), ("next", next)];
        RecordBatch::try_from_iter(
            columns.map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef)),
        )
        .unwrap()
    }

    #[test]
    fn an_offset_carries_the_trees_beyond_the_targets_they_saw() {
        let spec = GradientBoostingRegressor::new()
            .with_target("next")
            .with_features(["steep"])
            .with_offset("last")
            .with_num_rounds(200);
        let model = spec.fit(&climb(0.0, 200)).unwrap();
        let far = climb(1e6, 50);
        let predictions = NumericColumn::new("p", &model.predict(&far).unwrap()).unwrap();
        let truth = NumericColumn::new("next", &far["next"]).unwrap();
        for row in 0..50 {
            let (found, expected) = (
                predictions.view().get(row).unwrap(),
                truth.view().get(row).unwrap(),
            );
            assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_row_without_an_offset_teaches_nothing_and_gets_no_prediction() {
        let batch = climb(0.0, 50);
        let last: Float64Array = (0..50)
            .map(|row| (row != 7).then_some(2.0 * f64::from(row)))
            .collect();
        let gap = RecordBatch::try_from_iter_with_nullable([
            ("steep", batch["steep"].clone(), true),
            ("last", Arc::new(last) as ArrayRef, true),
            ("next", batch["next"].clone(), true),
        ])
        .unwrap();
        let spec = GradientBoostingRegressor::new()
            .with_target("next")
            .with_features(["steep"])
            .with_offset("last");
        let error = spec.fit(&gap).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"last\", row 7: \"null\" is not a number between -1e30 and 1e30"
        );
        let predictions = spec.fit(&batch).unwrap().predict(&gap).unwrap();
        assert_eq!(predictions.null_count(), 1);
        assert!(predictions.is_null(7));
    }
}

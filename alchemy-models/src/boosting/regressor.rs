//! Boosted trees for a number.

mod fitted;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Context, Error, Result};
use serde::{Deserialize, Serialize};

use super::fit::{Goal, Labels, Request, check_same};
use super::fits::boosting_fits;
use super::judge::{Deviation, Foreign, Judge, MeanLoss, RegressorMetric};
use super::loss::Loss;
use super::objective::Objective;
use super::options::FitOptions;
use super::params::{Params, boosting_setters};
use crate::dataset::{Columns, column_setters, numeric_target};
use crate::stream::Data;
use crate::table::Table;

pub use fitted::FittedGradientBoostingRegressor;
use fitted::link;

/// Learns to predict a number by adding up trees, each fitted to the errors of those before it.
///
/// Trees lower an [`Objective`], by default the squared error, and training starts from the constant that is best for all
/// rows. A leaf whose rows have first and second derivatives g and h and weights w takes the value -`learning_rate` x
/// T(sum of w g) / (sum of w h + l2), where T moves a sum by l1 towards 0; for the squared error g is the error and h is 1.
/// The leaf whose split lowers the loss most is split first, until [`num_leaves`](Self::with_num_leaves) is reached or nothing
/// is gained. Defaults are those of `LightGBM`.
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
    /// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue); a row to predict without one has no prediction. The column is
    /// a feature too, unless [`with_features`](Self::with_features) leaves it out.
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

    fn offset_columns(&self) -> Vec<&str> {
        self.offset.as_deref().into_iter().collect()
    }

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
        let (custom, built_in) = (options.custom_loss(1), self.objective.loss());
        let loss = custom
            .as_ref()
            .map_or(built_in.as_ref(), |loss| loss as &dyn Loss);
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
            link,
            offsets: self.offset.as_slice(),
        };
        Ok(FittedGradientBoostingRegressor {
            ensemble: opened.boost(goal, train_labels, valid_labels)?,
            offset: self.offset.clone(),
            objective,
        })
    }
}

boosting_fits!(GradientBoostingRegressor, FittedGradientBoostingRegressor);

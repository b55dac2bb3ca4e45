//! What a boosted regressor minimises, as its user says it.

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::link::Link;
use super::loss::{Absolute, Gamma, Huber, Loss, Pinball, Poisson, Squared, Tweedie};
use crate::domain::positive;

/// What a [`GradientBoostingRegressor`](crate::GradientBoostingRegressor) minimises, and so what it predicts.
///
/// Trees add up to a score. For `Poisson`, `Gamma` and `Tweedie` the prediction is e to the score, else it is the score.
/// Training starts from the constant that is best for all rows, over the offsets if there are any; for `Huber` from the mean.
/// Each round's loss on a validation part is reported in the metric named with the objective.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::{GradientBoostingRegressor, Objective};
///
/// let x = Float64Array::from_iter_values((0..200).map(|row| f64::from(row % 2)));
/// let y = Float64Array::from_iter_values((0..200).map(f64::from));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let spec = GradientBoostingRegressor::new().with_target("y").with_objective(Objective::Quantile(0.9));
/// let p90 = spec.fit(&train)?.predict(&train)?;
/// assert!((p90.as_primitive::<Float64Type>().value(0) - 179.0).abs() < 2.0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Objective {
    /// The squared error: predicts the mean. Reported as its root mean (RMSE). The default.
    #[default]
    #[doc(alias = "l2")]
    Squared,
    /// The absolute error: predicts the median. Reported as its mean (MAE).
    ///
    /// Every leaf takes the median error of its rows times the learning rate, so `l1` and `l2` have a say in splits only.
    #[doc(alias = "l1")]
    #[doc(alias = "mae")]
    Absolute,
    /// Half the squared error up to `delta`, which is above 0 and in the unit of the target, and linear beyond: a mean that
    /// outliers pull less. Reported as its mean. `LightGBM` has 0.9 as its default.
    Huber {
        /// Where the loss turns linear.
        delta: f64,
    },
    /// The pinball loss: predicts the quantile of this share, above 0 and below 1. Reported as its mean.
    ///
    /// Every leaf takes this quantile of the errors of its rows times the learning rate, so `l1` and `l2` have a say in splits
    /// only.
    #[doc(alias = "pinball")]
    Quantile(f64),
    /// The Poisson deviance, for counts and rates of 0 or more: predicts the mean. Reported as the mean deviance.
    ///
    /// The hessian is taken at a score higher by 0.7, as in `LightGBM` and `XGBoost` (their `max_delta_step`), which keeps
    /// steps short.
    Poisson,
    /// The gamma deviance, for amounts above 0: predicts the mean. Reported as the mean deviance.
    Gamma,
    /// The Tweedie deviance, for amounts of 0 or more of which many are 0: predicts the mean. Reported as the mean deviance.
    Tweedie {
        /// The variance goes as the mean to this power, which is above 1 (Poisson) and below 2 (gamma). `LightGBM` and
        /// `XGBoost` have 1.5 as their default.
        power: f64,
    },
}

impl Objective {
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a number outside its domain.
    pub(crate) fn check(&self) -> Result<()> {
        let within = |what: &str, value: f64, low: f64, high: f64| {
            if value > low && value < high {
                return Ok(());
            }
            let message = format!("has {what} {value}, not between {low} and {high}");
            Err(Error::parameter("objective", message))
        };
        match self {
            Self::Squared | Self::Absolute | Self::Poisson | Self::Gamma => Ok(()),
            Self::Huber { delta } => positive("objective", *delta),
            Self::Quantile(q) => within("the quantile", *q, 0.0, 1.0),
            Self::Tweedie { power } => within("the power", *power, 1.0, 2.0),
        }
    }

    /// # Errors
    ///
    /// [`Error::InvalidTarget`] naming the first row whose target the objective has no meaning for.
    pub(crate) fn check_targets(&self, column: &str, targets: &[f64]) -> Result<()> {
        let (expected, is_fine): (_, fn(f64) -> bool) = match self {
            Self::Poisson | Self::Tweedie { .. } => ("0 or more", |target| target >= 0.0),
            Self::Gamma => ("above 0", |target| target > 0.0),
            Self::Squared | Self::Absolute | Self::Huber { .. } | Self::Quantile(_) => {
                return Ok(());
            }
        };
        match targets.iter().position(|target| !is_fine(*target)) {
            None => Ok(()),
            Some(row) => Err(Error::InvalidTarget {
                column: column.to_owned(),
                message: format!(
                    "row {row} is {}, and for {self:?} it must be {expected}",
                    targets[row]
                ),
            }),
        }
    }

    pub(crate) fn loss(&self) -> Box<dyn Loss> {
        match *self {
            Self::Squared => Box::new(Squared),
            Self::Absolute => Box::new(Absolute),
            Self::Huber { delta } => Box::new(Huber { delta }),
            Self::Quantile(q) => Box::new(Pinball { q }),
            Self::Poisson => Box::new(Poisson),
            Self::Gamma => Box::new(Gamma),
            Self::Tweedie { power } => Box::new(Tweedie { power }),
        }
    }

    pub(crate) fn link(&self) -> Link {
        match self {
            Self::Squared | Self::Absolute | Self::Huber { .. } | Self::Quantile(_) => {
                Link::Identity
            }
            Self::Poisson | Self::Gamma | Self::Tweedie { .. } => Link::Log,
        }
    }
}

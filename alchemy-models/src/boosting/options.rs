//! What a fit may be given besides the training data.

use std::fmt;

use alchemy_core::{Context, Error, Result, Valid};

use super::custom::{CustomMetric, CustomObjective};
use super::loss::Custom;
use super::params::Params;

/// What a fit of a boosted model may be given besides its training data; `M` is the fitted model.
///
/// Nothing of it is part of the parameters, and none of it is stored.
///
/// # Examples
///
/// Fifty rounds now, and fifty more later, give what a hundred would have given:
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_core::Fit;
/// use alchemy_models::{FitOptions, GradientBoostingRegressor};
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let spec = GradientBoostingRegressor::new().with_target("y").with_num_rounds(50);
/// let model = spec.fit(&train)?;
/// let more = spec.fit_options(std::slice::from_ref(&train), FitOptions::new().with_previous(&model))?;
/// assert_eq!(more, spec.with_num_rounds(100).fit(&train)?);
/// # Ok(())
/// # }
/// ```
pub struct FitOptions<'a, M> {
    pub(super) valid: Option<&'a Valid>,
    pub(super) previous: Option<&'a M>,
    pub(super) context: Option<&'a Context>,
    pub(super) objective: Option<&'a dyn CustomObjective>,
    pub(super) metric: Option<&'a dyn CustomMetric>,
}

impl<'a, M> FitOptions<'a, M> {
    /// Nothing but the training data.
    #[must_use]
    pub fn new() -> Self {
        Self {
            valid: None,
            previous: None,
            context: None,
            objective: None,
            metric: None,
        }
    }

    /// The part on which every round is judged; the model keeps the rounds up to the best one.
    #[must_use]
    pub fn with_valid(mut self, valid: &'a Valid) -> Self {
        self.valid = Some(valid);
        self
    }

    /// The model whose rounds come first: the fit adds its own number of rounds to them.
    ///
    /// With the training data, the offsets, the seed and the other parameters of `previous` the result is, to the bit, that of
    /// one longer fit; a round is the same whether it was run now or stored in between. With other data the bins and the
    /// levels of text stay those of `previous`, so values beyond its training data fall into its outermost bins, and new
    /// levels count as missing; and so does the score that training started from. With a validation part the rounds of
    /// `previous` are judged on it too, and can be the best.
    ///
    /// A model with other features, classes or another objective (of which a classifier tells nothing), or with an offset where
    /// there is none, is an
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter).
    #[must_use]
    #[doc(alias = "init_model")]
    #[doc(alias = "warm_start")]
    #[doc(alias = "continue_training")]
    pub fn with_previous(mut self, previous: &'a M) -> Self {
        self.previous = Some(previous);
        self
    }

    /// What hears of every round and can cancel.
    #[must_use]
    pub fn with_context(mut self, context: &'a Context) -> Self {
        self.context = Some(context);
        self
    }

    /// What rounds are judged by on the validation part, instead of the metric of the parameters.
    ///
    /// A metric that is not finite is an [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter), and so is one
    /// without a part to judge.
    #[must_use]
    #[doc(alias = "feval")]
    pub fn with_metric(mut self, metric: &'a dyn CustomMetric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// What to minimise instead of the objective of the parameters, or of the log loss of classes.
    ///
    /// A first or second derivative that is not finite, or a second one below 0, is an
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) naming the round and the row.
    #[must_use]
    #[doc(alias = "fobj")]
    pub fn with_objective(mut self, objective: &'a dyn CustomObjective) -> Self {
        self.objective = Some(objective);
        self
    }

    /// The loss of an objective from outside the crate, of so many scores per row.
    pub(super) fn custom_loss(&self, num_outputs: usize) -> Option<Custom<'a>> {
        self.objective.map(|objective| Custom {
            objective,
            num_outputs,
        })
    }

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a metric that would be given nothing to judge.
    pub(super) fn check(&self, params: &Params) -> Result<()> {
        if self.metric.is_some() && self.valid.is_none() && !params.train_history {
            let message = "needs a validation part, or a history of training";
            return Err(Error::parameter("metric", message));
        }
        Ok(())
    }
}

impl<M> Default for FitOptions<'_, M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Clone for FitOptions<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for FitOptions<'_, M> {}

impl<M> fmt::Debug for FitOptions<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FitOptions")
            .field("valid", &self.valid.is_some())
            .field("previous", &self.previous.is_some())
            .field("objective", &self.objective.is_some())
            .field("metric", &self.metric.map(CustomMetric::name))
            .finish_non_exhaustive()
    }
}

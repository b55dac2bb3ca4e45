//! Boosted trees for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Context, Fit, Model, Predict, Result, Valid};
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::Request;
use super::loss::Squared;
use super::params::{Params, boosting_setters};
use crate::dataset::{Columns, column_setters, numeric_target};
use crate::importance::Importance;

/// Learns to predict a number by adding up trees, each fitted to the errors of those before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientBoostingRegressor {
    columns: Columns,
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

    /// Learns from `train` and keeps the rounds up to the one with the lowest root mean squared error on `valid`.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit).
    pub fn fit_validated(
        &self,
        train: &RecordBatch,
        valid: &Valid,
    ) -> Result<FittedGradientBoostingRegressor> {
        self.fit_validated_with(train, valid, &Context::new())
    }

    /// As [`fit_validated`](Self::fit_validated); `context` hears of every round and can cancel.
    ///
    /// # Errors
    ///
    /// As [`fit_with`](Fit::fit_with).
    pub fn fit_validated_with(
        &self,
        train: &RecordBatch,
        valid: &Valid,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        self.run(train, Some(valid), context)
    }

    fn run(
        &self,
        train: &RecordBatch,
        valid: Option<&RecordBatch>,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        let Self { columns, params } = self;
        let opened = Request {
            params,
            columns,
            train,
            valid,
            context,
        }
        .open()?;
        let targets = numeric_target(opened.train, opened.target())?;
        let valid_targets = opened
            .valid
            .map(|valid| numeric_target(valid, opened.target()))
            .transpose()?;
        Ok(FittedGradientBoostingRegressor {
            ensemble: opened.boost(&Squared, targets, valid_targets)?,
        })
    }
}

impl Fit for GradientBoostingRegressor {
    type Fitted = FittedGradientBoostingRegressor;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        self.run(batch, None, context)
    }
}

/// A fitted [`GradientBoostingRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedGradientBoostingRegressor {
    ensemble: Ensemble,
}

impl FittedGradientBoostingRegressor {
    /// How many rounds the model holds: with a validation part those up to the best one, else all.
    #[must_use]
    pub fn num_rounds(&self) -> usize {
        self.ensemble.num_rounds()
    }

    /// The root mean squared error on the validation part after each round that was run; empty without such a part.
    #[must_use]
    pub fn history(&self) -> &[f64] {
        self.ensemble.history()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }
}

impl Predict for FittedGradientBoostingRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let scores = self.ensemble.scores(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(scores)))
    }
}

impl Model for FittedGradientBoostingRegressor {
    const NAME: &'static str = "alchemy-models/gradient_boosting_regressor";
}

//! Steps one after another: fitted together, stored as one, run over batches or live.

mod fitted;
mod pass;
mod session;
mod stream;
mod training;

use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::erased::{DynFit, DynStep};
use crate::traits::{Fit, Reach, SelectRows, Step};
use crate::{Context, Contract, Error, Ledger, Limit, Result};

pub use fitted::FittedPipeline;
use pass::Pass;
pub use session::Session;
pub use training::TrainingBatches;

/// Specs of steps, from any crates, to be fitted one after another.
///
/// Each step is fitted on the output of the steps before it. Fitting gives a [`FittedPipeline`].
///
/// # Examples
///
/// A step of one's own in a pipeline, stored and loaded:
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
/// use alchemy_core::column::{self, NumericColumn};
/// use alchemy_core::{FittedPipeline, Ledger, Pipeline, Result, Step, Steps, Transform};
/// use serde::{Deserialize, Serialize};
///
/// /// Appends `double`, twice the column `x`.
/// #[derive(Debug, Clone, Serialize, Deserialize)]
/// struct Double;
///
/// impl Transform for Double {
///     fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
///         let added = Arc::new(Field::new("double", DataType::Float64, true));
///         Ok(Arc::new(Schema::new(input.fields().iter().cloned().chain([added]).collect::<Vec<_>>())))
///     }
///     fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
///         let x = NumericColumn::new("x", column::by_name(batch, "x")?)?;
///         let double: Float64Array = (0..batch.num_rows()).map(|row| x.view().get(row).map(|x| 2.0 * x)).collect();
///         let columns = batch.columns().iter().cloned().chain([Arc::new(double) as ArrayRef]).collect();
///         Ok(RecordBatch::try_new(self.output_schema(batch.schema_ref())?, columns)?)
///     }
/// }
///
/// impl Step for Double {
///     const NAME: &'static str = "my-crate/double";
/// }
///
/// let x = Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("x", x)])?;
/// let fitted = Pipeline::new().then(Double).fit(&batch)?;
/// let loaded = FittedPipeline::from_json(&fitted.to_json()?, &Steps::new().with::<Double>())?;
/// assert_eq!(loaded.transform(&batch)?, fitted.transform(&batch)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Pipeline {
    contract: Option<Contract>,
    stages: Vec<Stage>,
    limits: Vec<Limit>,
}

#[derive(Debug)]
enum Stage {
    Rows(Box<dyn SelectRows>),
    Step(Box<dyn DynFit>),
}

impl Pipeline {
    /// A pipeline without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds every batch that enters to `contract`, and stamps its roles on the columns. Default: the columns of the
    /// training data, all of them with the role they carry.
    #[must_use]
    pub fn with_contract(mut self, contract: Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// Fails when the steps do more than `limits` allow: the fit, when the ledger of training passes one; a transform of
    /// the fitted pipeline, when the ledger it is given does, after the rows of the batch. One ledger for many small
    /// batches keeps a share from being that of a few rows. A [`Session`] is not held to them. Default: none.
    #[must_use]
    pub fn with_limits(mut self, limits: impl IntoIterator<Item = Limit>) -> Self {
        self.limits = limits.into_iter().collect();
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn then<F: Fit + 'static>(mut self, step: F) -> Self
    where
        F::Fitted: Step,
    {
        self.stages.push(Stage::Step(Box::new(step)));
        self
    }

    /// Lets the steps that follow learn from the rows that `rows` keeps. It acts in training only; every row is scored.
    #[must_use]
    pub fn training_rows(mut self, rows: impl SelectRows + 'static) -> Self {
        self.stages.push(Stage::Rows(Box::new(rows)));
        self
    }

    /// Fits the steps on `batch`.
    ///
    /// # Errors
    ///
    /// Those of the steps; [`Error::LimitExceeded`]; [`Error::InvalidPipeline`] if a step that looks back across rows follows a selection of
    /// training rows: it would see other rows in training than when scoring.
    pub fn fit(&self, batch: &RecordBatch) -> Result<FittedPipeline> {
        Ok(self.fit_transform(batch, &Context::new())?.0)
    }

    /// Fits the steps on `batch`, and gives what a model should learn from: the selected rows, transformed.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit), or [`Error::Cancelled`].
    pub fn fit_transform(
        &self,
        batch: &RecordBatch,
        context: &Context,
    ) -> Result<(FittedPipeline, RecordBatch)> {
        let contract = self
            .contract
            .clone()
            .unwrap_or_else(|| Contract::of(batch.schema_ref()));
        let mut ledger = ledger_for(&contract);
        ledger.enter_rows(batch.num_rows());
        let fitted = self.fit_stages(&contract, batch, context, &mut ledger);
        let (steps, batch) = contract.masking(fitted)?;
        ledger.check(&self.limits)?;
        let fitted = FittedPipeline::new(contract, steps, ledger).with_limits(self.limits.clone());
        Ok((fitted, batch))
    }

    fn fit_stages(
        &self,
        contract: &Contract,
        batch: &RecordBatch,
        context: &Context,
        ledger: &mut Ledger,
    ) -> Result<(Vec<Arc<dyn DynStep>>, RecordBatch)> {
        let mut batch = contract.enter_training(batch)?;
        let mut steps: Vec<Arc<dyn DynStep>> = Vec::new();
        let mut order = Order::default();
        for (done, stage) in self.stages.iter().enumerate() {
            context.report("pipeline", done as u64, self.stages.len() as u64)?;
            match stage {
                Stage::Rows(rows) => {
                    order.rows(rows.as_ref());
                    batch = rows.select(&batch, ledger)?;
                }
                Stage::Step(spec) => {
                    ledger.enter(spec.step_name());
                    let (step, transformed) = spec.fit_transform_dyn(&batch, context, ledger)?;
                    pass::check_rows(spec.step_name(), batch.num_rows(), transformed.num_rows())?;
                    ledger.record_rows(batch.num_rows(), transformed.num_rows());
                    order.step(step.as_ref())?;
                    steps.push(step);
                    batch = transformed;
                }
            }
        }
        Ok((steps, batch))
    }
}

/// The ledger of a pass under `contract`.
fn ledger_for(contract: &Contract) -> Ledger {
    let ledger = Ledger::new();
    if contract.masks_values() {
        ledger.masked()
    } else {
        ledger
    }
}

/// Watches that no step looks back across rows that scoring will not leave out.
#[derive(Default)]
struct Order {
    rows: Option<&'static str>,
}

impl Order {
    fn rows(&mut self, rows: &dyn SelectRows) {
        self.rows = Some(rows.name());
    }

    fn step(&self, step: &dyn DynStep) -> Result<()> {
        match self.rows {
            Some(rows) if !matches!(step.reach(), Reach::Row) => Err(Error::InvalidPipeline {
                step: step.name_dyn().to_owned(),
                message: format!(
                    "looks across rows, so it cannot follow {rows}, which leaves out rows in training but not when \
                     scoring"
                ),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

//! Object-safe forms of the step traits, so that a pipeline can hold steps of crates it does not know.
//!
//! Each is implemented for every type of the trait it stands for; an author of a step never meets them. Their methods
//! have names of their own, or calls on a concrete type would be ambiguous.

use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::traits::{Accumulate, Fit, FitMerge, Learning, Step, Transform};
use crate::{Context, Ledger, Result};

/// A spec of some step.
pub(crate) trait DynFit: Debug + Send + Sync {
    fn fit_transform_dyn(
        &self,
        batch: &RecordBatch,
        context: &Context,
        ledger: &mut Ledger,
    ) -> Result<(Arc<dyn DynStep>, RecordBatch)>;
    /// Fits a spec that needs no rows.
    fn fit_schema_dyn(&self, schema: &Schema) -> Result<Arc<dyn DynStep>>;
    fn learning_dyn(&self) -> Learning<'_>;
    fn step_name(&self) -> &'static str;
}

impl<F: Fit> DynFit for F
where
    F::Fitted: Step,
{
    fn fit_transform_dyn(
        &self,
        batch: &RecordBatch,
        context: &Context,
        ledger: &mut Ledger,
    ) -> Result<(Arc<dyn DynStep>, RecordBatch)> {
        let (fitted, batch) = self.fit_transform_with(batch, context, ledger)?;
        Ok((Arc::new(fitted), batch))
    }

    fn fit_schema_dyn(&self, schema: &Schema) -> Result<Arc<dyn DynStep>> {
        let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
        Ok(Arc::new(self.fit(&empty)?))
    }

    fn learning_dyn(&self) -> Learning<'_> {
        self.learning()
    }

    fn step_name(&self) -> &'static str {
        F::Fitted::NAME
    }
}

/// A spec that learns from a stream; see [`Learning::Merge`].
#[doc(hidden)]
pub trait DynFitMerge: Debug {
    /// Stands for `FitMerge::accumulator`.
    ///
    /// # Errors
    ///
    /// As it.
    fn accumulator_dyn(&self, schema: &Schema) -> Result<Box<dyn DynAccumulate>>;
}

impl<F: FitMerge> DynFitMerge for F
where
    F::Fitted: Step,
{
    fn accumulator_dyn(&self, schema: &Schema) -> Result<Box<dyn DynAccumulate>> {
        Ok(Box::new(self.accumulator(schema)?))
    }
}

/// An accumulator of some step.
#[doc(hidden)]
pub trait DynAccumulate: Debug + Send + Sync {
    /// Stands for `Accumulate::update`.
    ///
    /// # Errors
    ///
    /// As it.
    fn update_dyn(&mut self, batch: &RecordBatch) -> Result<()>;
    /// Stands for `Accumulate::finish`.
    ///
    /// # Errors
    ///
    /// As it.
    fn finish_dyn(self: Box<Self>) -> Result<Arc<dyn DynStep>>;
}

impl<A: Accumulate> DynAccumulate for A
where
    A::Output: Step,
{
    fn update_dyn(&mut self, batch: &RecordBatch) -> Result<()> {
        self.update(batch)
    }

    fn finish_dyn(self: Box<Self>) -> Result<Arc<dyn DynStep>> {
        Ok(Arc::new(self.finish()?))
    }
}

/// A fitted step of some kind.
#[doc(hidden)]
pub trait DynStep: Transform {
    /// Stands for `Step::NAME`.
    fn name_dyn(&self) -> &'static str;
    /// Stands for `Step::VERSION`.
    fn version_dyn(&self) -> u32;
    /// Stands for `Serialize`.
    ///
    /// # Errors
    ///
    /// As it.
    fn state_dyn(&self) -> Result<serde_json::Value>;
}

impl<S: Step> DynStep for S {
    fn name_dyn(&self) -> &'static str {
        S::NAME
    }

    fn version_dyn(&self) -> u32 {
        S::VERSION
    }

    fn state_dyn(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }
}

//! A fit on a table too large for memory.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FittedPipeline, Order, Pass, Pipeline, Stage, TrainingBatches};
use crate::erased::DynStep;
use crate::traits::{Learning, Reach};
use crate::{Context, Contract, Error, Ledger, Result};

impl Pipeline {
    /// Fits the steps on a table too large for memory, given as something that can be opened again. The result is that of
    /// [`fit`](Self::fit) on the whole table, bit for bit.
    ///
    /// With `k` steps that learn, `open` is called `k + 2` times: once for the first batch, whose schema is that of the
    /// table; for each step that learns, through all stages before it; and once more for the ledger, through all stages.
    /// So a step that learns costs a pass, and a [selection](Self::training_rows) before it gathers what it remembers of
    /// rows anew: put the steps that learn first where the order is free. Memory is that of one batch and of what one step
    /// gathers.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit) and those of the source; [`Error::NotMergeable`] names a step that needs all rows at once;
    /// [`Error::Empty`] if the source gives no batch.
    pub fn fit_source<I, E>(
        &self,
        open: impl FnMut() -> Result<I>,
        context: &Context,
    ) -> Result<FittedPipeline>
    where
        I: IntoIterator<Item = Result<RecordBatch, E>>,
        Error: From<E>,
    {
        self.fit_transform_source(open, context, |_| Ok(()))
    }

    /// As [`fit_source`](Self::fit_source), and gives `sink` what a model should learn from, batch after batch: the rows of
    /// [`fit_transform`](Self::fit_transform) on the whole table, bit for bit. They come out of the pass for the ledger, so
    /// they cost none of their own. For a pipeline fitted before there is [`training_batches`](Self::training_batches).
    ///
    /// # Errors
    ///
    /// As [`fit_source`](Self::fit_source), and those of `sink`. A limit is passed only when all rows are counted, after
    /// `sink` had every batch.
    pub fn fit_transform_source<I, E>(
        &self,
        mut open: impl FnMut() -> Result<I>,
        context: &Context,
        mut sink: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<FittedPipeline>
    where
        I: IntoIterator<Item = Result<RecordBatch, E>>,
        Error: From<E>,
    {
        let first = open()?.into_iter().next().ok_or_else(|| Error::Empty {
            what: "the source".into(),
        })??;
        let contract = self
            .contract
            .clone()
            .unwrap_or_else(|| Contract::of(first.schema_ref()));
        let schema = contract.enter_training(&first.slice(0, 0))?.schema();
        let steps = contract.masking(self.fit_stream(&contract, schema, &mut open, context))?;
        let pass = self.pass(self.stages.len(), &steps);
        let mut batches = TrainingBatches::new(contract.clone(), pass, open()?);
        let stages = self.stages.len() as u64;
        for batch in batches.by_ref() {
            context.report("pipeline", stages, stages)?;
            sink(batch?)?;
        }
        let ledger = batches.into_ledger();
        ledger.check(&self.limits)?;
        Ok(FittedPipeline::new(contract, steps, ledger).with_limits(self.limits.clone()))
    }

    fn fit_stream<I, E>(
        &self,
        contract: &Contract,
        mut schema: SchemaRef,
        mut open: impl FnMut() -> Result<I>,
        context: &Context,
    ) -> Result<Vec<Arc<dyn DynStep>>>
    where
        I: IntoIterator<Item = Result<RecordBatch, E>>,
        Error: From<E>,
    {
        let mut steps: Vec<Arc<dyn DynStep>> = Vec::new();
        let mut order = Order::default();
        for (index, stage) in self.stages.iter().enumerate() {
            context.report("pipeline", index as u64, self.stages.len() as u64)?;
            let spec = match stage {
                Stage::Rows(rows) => {
                    order.rows(rows.as_ref());
                    continue;
                }
                Stage::Step(spec) => spec,
            };
            let step = match spec.learning_dyn() {
                Learning::Nothing => spec.fit_schema_dyn(&schema)?,
                Learning::Merge(spec) => {
                    let mut accumulator = spec.accumulator_dyn(&schema)?;
                    let mut pass = self.pass(index, &steps);
                    for batch in open()? {
                        context.report("pipeline", index as u64, self.stages.len() as u64)?;
                        let batch = contract.enter_training(&batch?)?;
                        accumulator.update_dyn(&pass.run(batch, &mut Ledger::new())?)?;
                    }
                    accumulator.finish_dyn()?
                }
                Learning::WholeTable => {
                    return Err(Error::NotMergeable {
                        step: spec.step_name().to_owned(),
                    });
                }
            };
            order.step(step.as_ref())?;
            if matches!(step.reach(), Reach::Table) {
                return Err(Error::NotMergeable {
                    step: step.name_dyn().to_owned(),
                });
            }
            schema = step.output_schema(&schema)?;
            steps.push(step);
        }
        Ok(steps)
    }

    /// A pass of training rows through the first `count` stages, whose steps are fitted.
    pub(super) fn pass(&self, count: usize, steps: &[Arc<dyn DynStep>]) -> Pass {
        let mut steps = steps.iter();
        let mut pass = Pass::default();
        for stage in &self.stages[..count] {
            match stage {
                Stage::Rows(rows) => pass.rows(rows.name(), rows.start()),
                Stage::Step(_) => steps.next().into_iter().for_each(|step| pass.step(step)),
            }
        }
        pass
    }
}

//! A fit on a table too large for memory.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FittedPipeline, Order, Pass, Pipeline, Stage, ledger_for};
use crate::erased::DynStep;
use crate::traits::{Learning, Reach};
use crate::{Context, Contract, Error, Ledger, Result};

impl Pipeline {
    /// Fits the steps on a table too large for memory, given as something that can be opened again: it is read once for
    /// each step that learns, and once more for the ledger. The result is that of [`fit`](Self::fit) on the whole table,
    /// bit for bit.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit) and those of the source; [`Error::NotMergeable`] names a step that needs all rows at once;
    /// [`Error::Empty`] if the source gives no batch.
    pub fn fit_source<I, E>(
        &self,
        mut open: impl FnMut() -> Result<I>,
        context: &Context,
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
        let mut ledger = ledger_for(&contract);
        let schema = contract.enter_training(&first.slice(0, 0))?.schema();
        let steps =
            contract.masking(self.fit_stream(&contract, schema, open, context, &mut ledger))?;
        ledger.check(&self.limits)?;
        Ok(FittedPipeline::new(contract, steps, ledger).with_limits(self.limits.clone()))
    }

    fn fit_stream<I, E>(
        &self,
        contract: &Contract,
        mut schema: SchemaRef,
        mut open: impl FnMut() -> Result<I>,
        context: &Context,
        ledger: &mut Ledger,
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
        let mut pass = self.pass(self.stages.len(), &steps);
        for batch in open()? {
            let batch = batch?;
            ledger.enter_rows(batch.num_rows());
            pass.run(contract.enter_training(&batch)?, ledger)?;
        }
        Ok(steps)
    }

    /// A pass of training rows through the first `count` stages, whose steps are fitted.
    fn pass(&self, count: usize, steps: &[Arc<dyn DynStep>]) -> Pass {
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

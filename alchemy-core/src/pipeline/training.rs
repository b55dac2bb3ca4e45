//! The rows to learn from, transformed, batch after batch.

use std::fmt;

use arrow::array::RecordBatch;

use super::{FittedPipeline, Pass, Pipeline, Stage, ledger_for};
use crate::traits::{Learning, Reach};
use crate::{Contract, Error, Ledger, Result};

impl Pipeline {
    /// What a model should learn from, out of a table too large for memory: the selected rows of `batches`, transformed
    /// by `fitted`, one batch for each that comes. They are those that [`fit_transform`](Self::fit_transform) gives for
    /// the whole table, bit for bit.
    ///
    /// `fitted` is what this pipeline learned, on the same rows or on others, and may have been stored in between; it holds
    /// no [selection of rows](Self::training_rows), the pipeline does. Nothing is read before the first batch is asked
    /// for; a batch all of whose rows are left out comes empty. After an error there is no further batch. Limits are those
    /// of the fit; [`TrainingBatches::ledger`] can be held to any.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if `fitted` has other steps; [`Error::NotMergeable`] names a step that needs all rows at
    /// once. Each batch may be an error: of the source, the contract or a step.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch};
    /// use alchemy_core::{Context, Error, Pipeline, Result};
    ///
    /// let part = |x: Vec<i64>| RecordBatch::try_from_iter([("x", Arc::new(Int64Array::from(x)) as ArrayRef)]);
    /// let parts = [part(vec![1, 2])?, part(vec![3])?];
    /// let open = || Ok(parts.iter().cloned().map(Ok::<_, Error>));
    ///
    /// let pipeline = Pipeline::new();
    /// let fitted = pipeline.fit_source(open, &Context::new())?;
    /// let mut batches = pipeline.training_batches(&fitted, open()?)?;
    /// let rows: usize = batches.by_ref().map(|batch| Ok(batch?.num_rows())).sum::<Result<_>>()?;
    /// assert_eq!(rows, 3);
    /// assert_eq!(batches.ledger().rows(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn training_batches<I: IntoIterator>(
        &self,
        fitted: &FittedPipeline,
        batches: I,
    ) -> Result<TrainingBatches<I::IntoIter>> {
        let specs = || {
            self.stages.iter().filter_map(|stage| match stage {
                Stage::Step(spec) => Some(spec),
                Stage::Rows(_) => None,
            })
        };
        if !specs().map(|spec| spec.step_name()).eq(fitted.step_names()) {
            let message = "has other steps than the pipeline";
            return Err(Error::parameter("fitted", message));
        }
        for (spec, step) in specs().zip(fitted.steps()) {
            let needs_all = matches!(spec.learning_dyn(), Learning::WholeTable)
                || matches!(step.reach(), Reach::Table);
            if needs_all {
                let step = spec.step_name().to_owned();
                return Err(Error::NotMergeable { step });
            }
        }
        let pass = self.pass(self.stages.len(), fitted.steps());
        Ok(TrainingBatches::new(
            fitted.contract().clone(),
            pass,
            batches,
        ))
    }
}

/// The rows to learn from, transformed, batch after batch; see [`Pipeline::training_batches`].
pub struct TrainingBatches<I> {
    contract: Contract,
    pass: Pass,
    ledger: Ledger,
    /// `None` after an error.
    batches: Option<I>,
}

impl<I> TrainingBatches<I> {
    pub(super) fn new(
        contract: Contract,
        pass: Pass,
        batches: impl IntoIterator<IntoIter = I>,
    ) -> Self {
        Self {
            ledger: ledger_for(&contract),
            contract,
            pass,
            batches: Some(batches.into_iter()),
        }
    }

    /// What was done to the rows of the batches that came so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) fn into_ledger(self) -> Ledger {
        self.ledger
    }
}

impl<I, E> Iterator for TrainingBatches<I>
where
    I: Iterator<Item = Result<RecordBatch, E>>,
    Error: From<E>,
{
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        let batch = self.batches.as_mut()?.next()?;
        let transformed = batch.map_err(Error::from).and_then(|batch| {
            self.ledger.enter_rows(batch.num_rows());
            let entered = self.contract.enter_training(&batch)?;
            self.pass.run(entered, &mut self.ledger)
        });
        let transformed = self.contract.masking(transformed);
        if transformed.is_err() {
            self.batches = None;
        }
        Some(transformed)
    }
}

impl<I> fmt::Debug for TrainingBatches<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainingBatches")
            .field("contract", &self.contract)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

//! Rows as they come.

use std::fmt;

use arrow::array::RecordBatch;
use serde_json::Value;

use super::Pass;
use crate::{Contract, Error, Ledger, Result};

/// A fitted pipeline at work on rows as they come.
///
/// Pushing rows one by one, or in pieces of any size, gives the same bits as one batch. A push happens in every step or,
/// when it fails, in none.
pub struct Session {
    contract: Contract,
    pass: Pass,
}

impl Session {
    pub(super) fn new(contract: Contract, pass: Pass) -> Self {
        Self { contract, pass }
    }

    /// Transforms the next rows, and remembers them.
    ///
    /// # Errors
    ///
    /// Those of [`FittedPipeline::transform`](crate::FittedPipeline::transform), and
    /// [`Error::RowOrder`] for a row that is earlier than its predecessor. Nothing is remembered then.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.push_with(batch, &mut Ledger::new())
    }

    /// As [`push`](Self::push), and counts in `ledger` what the steps did.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_with(&mut self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let result = self.run(batch, ledger);
        let commit = result.is_ok();
        for (_, live) in self.pass.lives() {
            if commit {
                live.commit();
            } else {
                live.rollback();
            }
        }
        result
    }

    /// Transforms rows as if they came next, and forgets them: what a forecast needs of a row whose own value is not
    /// known yet.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn peek(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let result = self.run(batch, &mut Ledger::new());
        self.pass.lives().for_each(|(_, live)| live.rollback());
        result
    }

    /// All that the session remembers.
    ///
    /// # Errors
    ///
    /// When a state cannot be serialized.
    pub fn save(&mut self) -> Result<Value> {
        let states = self
            .pass
            .lives()
            .map(|(name, live)| Ok((name, live.save()?)));
        Ok(serde_json::to_value(states.collect::<Result<Vec<_>>>()?)?)
    }

    /// Takes up what a session of the same pipeline [saved](Self::save).
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if `state` is of another pipeline.
    pub fn restore(&mut self, state: Value) -> Result<()> {
        let corrupt = |message: String| Error::Corrupt {
            what: "session state".into(),
            message,
        };
        let states: Vec<(String, Value)> =
            serde_json::from_value(state).map_err(|e| corrupt(e.to_string()))?;
        let mut lives: Vec<_> = self.pass.lives().collect();
        if !lives
            .iter()
            .map(|(name, _)| *name)
            .eq(states.iter().map(|(name, _)| name.as_str()))
        {
            return Err(corrupt("was saved by other steps".into()));
        }
        for ((name, live), (_, state)) in lives.iter_mut().zip(states) {
            live.restore(state)
                .map_err(|error| corrupt(format!("{name}: {error}")))?;
        }
        Ok(())
    }

    fn run(&mut self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        if self.contract.masks_values() {
            ledger.mask();
        }
        ledger.enter_rows(batch.num_rows());
        let entered = self.contract.enter(batch)?;
        self.contract.masking(self.pass.run(entered, ledger))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("contract", &self.contract)
            .finish_non_exhaustive()
    }
}

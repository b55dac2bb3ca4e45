//! A fitted pipeline: data that can leave the process.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Pass, Session, pass};
use crate::erased::DynStep;
use crate::registry::Steps;
use crate::traits::Reach;
use crate::{Contract, Error, Ledger, Limit, Result};

/// Fitted steps, the contract of their input, and the ledger of their training.
///
/// Cheap to clone: the steps are shared.
#[derive(Debug, Clone)]
pub struct FittedPipeline {
    contract: Contract,
    steps: Vec<Arc<dyn DynStep>>,
    ledger: Ledger,
    limits: Vec<Limit>,
}

/// The stored form.
#[derive(Serialize, Deserialize)]
struct Stored {
    contract: Contract,
    steps: Vec<StoredStep>,
    ledger: Ledger,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    limits: Vec<Limit>,
}

#[derive(Serialize, Deserialize)]
struct StoredStep {
    step: String,
    version: u32,
    state: Value,
}

impl FittedPipeline {
    pub(super) fn new(contract: Contract, steps: Vec<Arc<dyn DynStep>>, ledger: Ledger) -> Self {
        Self {
            contract,
            steps,
            ledger,
            limits: Vec::new(),
        }
    }

    pub(super) fn with_limits(mut self, limits: Vec<Limit>) -> Self {
        self.limits = limits;
        self
    }

    pub(super) fn steps(&self) -> &[Arc<dyn DynStep>] {
        &self.steps
    }

    /// What [`transform_with`](Self::transform_with) holds its ledger to.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// What a batch must look like to enter.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// What the steps did to the training rows.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The names of the steps, in order.
    pub fn step_names(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().map(|step| step.name_dyn())
    }

    /// The schema of what [`transform`](Self::transform) gives for scoring input: the target is not part of it.
    ///
    /// # Errors
    ///
    /// Those of the steps.
    pub fn output_schema(&self) -> Result<SchemaRef> {
        self.steps
            .iter()
            .try_fold(self.contract.scoring_schema(), |schema, step| {
                step.output_schema(&schema)
            })
    }

    /// Transforms `batch`; steps that look back across rows start from an empty past, and the rows must be in order.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of another type than the contract says, the errors of the steps, and
    /// [`Error::LimitExceeded`] if they do more than the pipeline's [limits](Self::limits) allow.
    pub fn transform(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.transform_with(batch, &mut Ledger::new())
    }

    /// As [`transform`](Self::transform), and counts in `ledger` what the steps did.
    ///
    /// # Errors
    ///
    /// As [`transform`](Self::transform).
    pub fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        if self.contract.masks_values() {
            ledger.mask();
        }
        ledger.enter_rows(batch.num_rows());
        let entered = self.contract.enter(batch)?;
        let transformed = self.steps.iter().try_fold(entered, |batch, step| {
            pass::run_step(step.as_ref(), &batch, ledger)
        });
        let transformed = self.contract.masking(transformed)?;
        ledger.check(&self.limits)?;
        Ok(transformed)
    }

    /// Starts a session from an empty past: rows pushed in any pieces give the bits that one batch gives.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPipeline`] names a step that reads rows to come, and so works offline only.
    pub fn session(&self) -> Result<Session> {
        let mut pass = Pass::default();
        for step in &self.steps {
            if matches!(step.reach(), Reach::Table) {
                return Err(Error::InvalidPipeline {
                    step: step.name_dyn().to_owned(),
                    message: "reads rows to come, so it cannot score live".into(),
                });
            }
            pass.step(step);
        }
        Ok(Session::new(self.contract.clone(), pass))
    }

    /// Whether a step looks back across rows, so that scoring needs a [`session`](Self::session) to go on from training.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        self.steps
            .iter()
            .any(|step| !matches!(step.reach(), Reach::Row))
    }

    /// The pipeline as JSON text. The same pipeline always gives the same text.
    ///
    /// # Errors
    ///
    /// When a step cannot be serialized.
    pub fn to_json(&self) -> Result<String> {
        let stored = |step: &Arc<dyn DynStep>| {
            Ok(StoredStep {
                step: step.name_dyn().into(),
                version: step.version_dyn(),
                state: step.state_dyn()?,
            })
        };
        let steps = self.steps.iter().map(stored).collect::<Result<_>>()?;
        let stored = Stored {
            contract: self.contract.clone(),
            steps,
            ledger: self.ledger.clone(),
            limits: self.limits.clone(),
        };
        Ok(serde_json::to_string(&stored)?)
    }

    /// Reads what [`to_json`](Self::to_json) wrote. Only steps named in `steps` are loaded.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownStep`], [`Error::StepVersion`], [`Error::Corrupt`], or [`Error::Json`] for text of another form.
    pub fn from_json(text: &str, steps: &Steps) -> Result<Self> {
        let stored: Stored = serde_json::from_str(text)?;
        let load = |stored: StoredStep| steps.load(&stored.step, stored.version, stored.state);
        let steps = stored.steps.into_iter().map(load).collect::<Result<_>>()?;
        Ok(Self::new(stored.contract, steps, stored.ledger).with_limits(stored.limits))
    }
}

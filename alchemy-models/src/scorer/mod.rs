//! Scoring from an artifact alone.

mod live;

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::{Admitted, Error, Ledger, Rejection, Result};
use serde_json::{Map, Value};

use crate::artifact::{Artifact, StoredModel};

pub use live::LiveScorer;

/// Scores rows by an artifact: checks them against the contract, transforms them, and asks the model.
///
/// Rows are scored independently of one another, so a scorer is shared between threads. For an artifact whose steps
/// look back across rows use [`LiveScorer`].
#[derive(Debug, Clone)]
pub struct Scorer {
    artifact: Arc<Artifact>,
}

/// What scoring gives.
#[derive(Debug, Clone)]
pub struct Scored {
    /// One prediction per scored row; see [`Predict::predict`](alchemy_core::Predict::predict).
    pub predictions: ArrayRef,
    /// One probability per scored row and class, if the model is a classifier.
    pub probabilities: Option<RecordBatch>,
    /// The row of the input that each prediction is for.
    pub rows: Vec<usize>,
    /// The rows that were not scored, with every reason.
    pub rejected: Vec<Rejection>,
    /// What the steps did to the scored rows.
    pub ledger: Ledger,
}

impl Scorer {
    /// A scorer that works from `artifact`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPipeline`] if its steps look across rows.
    pub fn new(artifact: impl Into<Arc<Artifact>>) -> Result<Self> {
        let artifact = artifact.into();
        if artifact.pipeline().looks_back() {
            return Err(Error::InvalidPipeline {
                step: "scorer".into(),
                message:
                    "the pipeline looks across rows: score it live, or its batches in one session"
                        .into(),
            });
        }
        Ok(Self { artifact })
    }

    /// The artifact.
    #[must_use]
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Scores the rows of `batch`, whose columns may be given as text.
    ///
    /// # Errors
    ///
    /// What concerns no single row, such as a column that is not there.
    pub fn score(&self, batch: &RecordBatch) -> Result<Scored> {
        self.score_admitted(self.artifact.pipeline().contract().admit(batch)?)
    }

    /// Scores rows given as JSON objects.
    ///
    /// # Errors
    ///
    /// What concerns no single row.
    pub fn score_rows(&self, rows: &[Map<String, Value>]) -> Result<Scored> {
        self.score_admitted(self.artifact.pipeline().contract().admit_rows(rows)?)
    }

    fn score_admitted(&self, admitted: Admitted) -> Result<Scored> {
        let mut ledger = Ledger::new();
        let transformed = self
            .artifact
            .pipeline()
            .transform_with(&admitted.batch, &mut ledger)?;
        scored(self.artifact.model(), &transformed, admitted, ledger)
    }
}

fn scored(
    model: &dyn StoredModel,
    features: &RecordBatch,
    admitted: Admitted,
    ledger: Ledger,
) -> Result<Scored> {
    Ok(Scored {
        predictions: model.predict(features)?,
        probabilities: model
            .as_classifier()
            .map(|model| model.predict_proba(features))
            .transpose()?,
        rows: admitted.rows,
        rejected: admitted.rejected,
        ledger,
    })
}

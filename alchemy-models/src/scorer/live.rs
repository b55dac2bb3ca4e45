//! Scoring rows as they come.

use std::sync::Arc;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Ledger, Result, Session};

use super::{Scored, scored};
use crate::artifact::Artifact;

/// Scores rows as they come, each with what came before it.
///
/// It goes on from the session that the artifact carries: usually from the end of training. A row that is rejected is
/// not remembered.
#[derive(Debug)]
pub struct LiveScorer {
    artifact: Arc<Artifact>,
    session: Session,
}

impl LiveScorer {
    /// A scorer that works from `artifact` and takes up the session it carries.
    ///
    /// # Errors
    ///
    /// As [`Artifact::session`].
    pub fn new(artifact: impl Into<Arc<Artifact>>) -> Result<Self> {
        let artifact = artifact.into();
        let session = artifact.session()?;
        Ok(Self { artifact, session })
    }

    /// Scores the next rows and remembers them. Their bits are those of one batch, however the rows are cut.
    ///
    /// # Errors
    ///
    /// What concerns no single row, and a row that is earlier than its predecessor; nothing is remembered then.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<Scored> {
        let admitted = self.artifact.pipeline().contract().admit(batch)?;
        let mut ledger = Ledger::new();
        let features = self.session.push_with(&admitted.batch, &mut ledger)?;
        scored(self.artifact.model(), &features, admitted, ledger)
    }

    /// Scores rows as if they came next, and forgets them: a forecast for a time whose value is not known yet.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn peek(&mut self, batch: &RecordBatch) -> Result<Scored> {
        let admitted = self.artifact.pipeline().contract().admit(batch)?;
        let features = self.session.peek(&admitted.batch)?;
        scored(self.artifact.model(), &features, admitted, Ledger::new())
    }

    /// The session, to save what it remembers.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }
}

//! Progress out of a long fit, and the wish to stop into it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Error, Result};

/// How far a piece of work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// What is running, such as a step's name or `"boosting"`.
    pub stage: &'a str,
    /// Units done: rounds, trees, steps.
    pub done: u64,
    /// Units in all.
    pub total: u64,
}

type Callback = dyn Fn(Progress<'_>) + Send + Sync;

/// What a caller shares with a running fit: a progress callback and a cancel flag.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::AtomicBool;
/// use alchemy_core::{Context, Error};
///
/// let stop = Arc::new(AtomicBool::new(false));
/// let context = Context::new().with_cancel(stop.clone());
/// assert!(context.report("boosting", 1, 100).is_ok());
/// stop.store(true, std::sync::atomic::Ordering::Relaxed);
/// assert!(matches!(context.report("boosting", 2, 100), Err(Error::Cancelled)));
/// ```
#[derive(Clone, Default)]
pub struct Context {
    progress: Option<Arc<Callback>>,
    cancel: Option<Arc<AtomicBool>>,
}

impl Context {
    /// A context that reports to nobody and is never cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `progress` as work proceeds, from whichever thread does the work.
    #[must_use]
    pub fn with_progress(
        mut self,
        progress: impl Fn(Progress<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Stops at the next report once `cancel` is true.
    #[must_use]
    pub fn with_cancel(mut self, cancel: Arc<AtomicBool>) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// Tells the caller how far the work has come. Called by steps and models between units of work.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] if the caller wants the work to stop.
    pub fn report(&self, stage: &str, done: u64, total: u64) -> Result<()> {
        if self
            .cancel
            .as_ref()
            .is_some_and(|cancel| cancel.load(Ordering::Relaxed))
        {
            return Err(Error::Cancelled);
        }
        if let Some(progress) = &self.progress {
            progress(Progress { stage, done, total });
        }
        Ok(())
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("progress", &self.progress.is_some())
            .field("cancel", &self.cancel)
            .finish()
    }
}

//! How stored steps are found again: by name, in an explicit list.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::erased::DynStep;
use crate::traits::Step;
use crate::{Error, Result};

/// Loaders by stored name and version.
///
/// Loading takes an explicit list of what may be loaded, so a stored name can never bring in code that the program did
/// not name, and a crate that was not linked is missed with a clear error.
#[derive(Clone)]
pub struct Registry<L> {
    known: BTreeMap<&'static str, (u32, L)>,
}

impl<L> Registry<L> {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self {
            known: BTreeMap::new(),
        }
    }

    /// Adds a loader for `name`, which reads versions up to `version`. A name that is there already is replaced.
    #[must_use]
    pub fn insert(mut self, name: &'static str, version: u32, loader: L) -> Self {
        self.known.insert(name, (version, loader));
        self
    }

    /// Adds all of `other`.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.known.extend(other.known);
        self
    }

    /// The names that are known, in ascending order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.known.keys().copied()
    }

    /// The loader for `name` as stored by `version`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownStep`] if there is none, [`Error::StepVersion`] if it is older than what was stored.
    pub fn find(&self, name: &str, version: u32) -> Result<&L> {
        match self.known.get(name) {
            Some((supported, loader)) if version <= *supported => Ok(loader),
            Some((supported, _)) => Err(Error::StepVersion {
                step: name.to_owned(),
                found: version,
                supported: *supported,
            }),
            None => Err(Error::UnknownStep {
                step: name.to_owned(),
                version,
                crate_name: name.split('/').next().unwrap_or_default().to_owned(),
                registered: self.known.keys().map(|known| (*known).to_owned()).collect(),
            }),
        }
    }
}

impl<L> Default for Registry<L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> fmt::Debug for Registry<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.known.keys()).finish()
    }
}

type LoadStep = fn(u32, Value) -> Result<Arc<dyn DynStep>>;

/// The steps that a stored pipeline may hold.
///
/// Each crate of the family exports `steps()`; a user adds their own by type.
///
/// # Examples
///
/// ```
/// use alchemy_core::Steps;
///
/// let steps = Steps::new(); // .and(alchemy_clean::steps()).with::<MyStep>()
/// assert!(alchemy_core::FittedPipeline::from_json("{}", &steps).is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Steps(Registry<LoadStep>);

impl Steps {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the step `S`.
    #[must_use]
    pub fn with<S: Step>(self) -> Self {
        Self(self.0.insert(S::NAME, S::VERSION, load::<S>))
    }

    /// Adds all steps of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }

    /// The names of the steps, in ascending order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.names().collect()
    }

    pub(crate) fn load(&self, name: &str, version: u32, state: Value) -> Result<Arc<dyn DynStep>> {
        self.0.find(name, version)?(version, state)
    }
}

fn load<S: Step>(version: u32, state: Value) -> Result<Arc<dyn DynStep>> {
    let state = if version == S::VERSION {
        state
    } else {
        S::upgrade(version, state)?
    };
    let step: S = serde_json::from_value(state).map_err(|error| Error::Corrupt {
        what: S::NAME.to_owned(),
        message: error.to_string(),
    })?;
    Ok(Arc::new(step))
}

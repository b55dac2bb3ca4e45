//! Models in their stored form, and the list of those that may be loaded.

use std::sync::Arc;

use alchemy_core::{Model, Predict, Registry, Result};

use super::corrupt;

/// A model of some kind that can be stored; implemented for every [`Model`].
pub trait StoredModel: Predict {
    /// The registered name.
    fn name(&self) -> &'static str;

    /// The stored form.
    ///
    /// # Errors
    ///
    /// When the model cannot be serialized.
    fn to_bytes(&self) -> Result<Vec<u8>>;
}

impl<M: Model> StoredModel for M {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(|error| corrupt(format!("model {}: {error}", M::NAME)))
    }
}

type Load = fn(&[u8]) -> Result<Arc<dyn StoredModel>>;

/// The models that an artifact may hold. [`models`](crate::models) lists those of this crate.
#[derive(Debug, Clone, Default)]
pub struct Models(Registry<Load>);

impl Models {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the model `M`.
    #[must_use]
    pub fn with<M: Model>(self) -> Self {
        Self(self.0.insert(M::NAME, M::VERSION, load::<M>))
    }

    /// Adds all models of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }

    /// The names of the models, in ascending order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.names().collect()
    }

    pub(super) fn load(
        &self,
        name: &str,
        version: u32,
        bytes: &[u8],
    ) -> Result<Arc<dyn StoredModel>> {
        self.0.find(name, version)?(bytes)
    }
}

fn load<M: Model>(bytes: &[u8]) -> Result<Arc<dyn StoredModel>> {
    let damaged = |message: String| corrupt(format!("model {}: {message}", M::NAME));
    let (model, rest): (M, &[u8]) =
        postcard::take_from_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
    if rest.is_empty() {
        Ok(Arc::new(model))
    } else {
        Err(damaged("has bytes after its end".into()))
    }
}

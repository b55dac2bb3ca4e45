//! Work in progress.

mod artifact;
mod scorer;

pub use artifact::{Artifact, Models, StoredModel};
pub use scorer::{LiveScorer, Scored, Scorer};

/// The models of this crate, for [`Artifact::load`].
#[must_use]
pub fn models() -> Models {
    Models::new()
}

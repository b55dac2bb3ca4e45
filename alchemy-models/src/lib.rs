//! Work in progress.

mod artifact;
pub mod metrics;
mod scorer;
mod split;

pub use artifact::{Artifact, Models, StoredModel};
pub use scorer::{LiveScorer, Scored, Scorer};
pub use split::{Gap, RandomSplit, Split, SplitRows, TimeSplit};

/// The models of this crate, for [`Artifact::load`].
#[must_use]
pub fn models() -> Models {
    Models::new()
}

//! The parameters of a random forest.

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::domain::{at_least, max_bins, share};

/// How many features, drawn at random, are tried for each split.
///
/// Of the features drawn, some may be constant among the rows of a node; drawing goes on beyond the number given here until
/// one is found that is not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MaxFeatures {
    /// All of them.
    All,
    /// The square root of their number, rounded down.
    Sqrt,
    /// The binary logarithm of their number, rounded down.
    Log2,
    /// This share of them, above 0 and up to 1, rounded down.
    Share(f64),
    /// This many, at least 1; all if there are fewer.
    Count(usize),
}

impl MaxFeatures {
    /// How many of `num_features`; at least one.
    pub(super) fn of(self, num_features: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share is checked to be above 0 and up to 1, so the product is between 0 and the count"
        )]
        let wanted = match self {
            Self::All => num_features,
            Self::Sqrt => num_features.isqrt(),
            Self::Log2 => num_features.checked_ilog2().unwrap_or(0) as usize,
            Self::Share(share) => (share * num_features as f64) as usize,
            Self::Count(count) => count.min(num_features),
        };
        wanted.max(1)
    }
}

/// How a cut of a drawn feature is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Splitter {
    /// The best of all.
    Best,
    /// One at random.
    Random,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) num_trees: usize,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) max_features: MaxFeatures,
    pub(super) splitter: Splitter,
    pub(super) bootstrap: bool,
    pub(super) max_samples: Option<f64>,
    pub(super) oob: bool,
    pub(super) max_bins: usize,
    pub(super) seed: u64,
}

impl Params {
    /// The defaults of random forests, or with random cuts those of extremely randomized trees.
    pub(super) fn new(max_features: MaxFeatures, splitter: Splitter) -> Self {
        Self {
            num_trees: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features,
            splitter,
            bootstrap: splitter == Splitter::Best,
            max_samples: None,
            oob: false,
            max_bins: 255,
            seed: 0,
        }
    }

    /// # Errors
    ///
    /// [`alchemy_core::Error::InvalidParameter`] for the first parameter outside its domain.
    pub(super) fn check(&self) -> Result<()> {
        at_least("num_trees", self.num_trees, 1)?;
        at_least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        at_least("min_samples_split", self.min_samples_split, 2)?;
        at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        match self.max_features {
            MaxFeatures::Share(value) => share("max_features", value)?,
            MaxFeatures::Count(count) => at_least("max_features", count, 1)?,
            MaxFeatures::All | MaxFeatures::Sqrt | MaxFeatures::Log2 => {}
        }
        if let Some(value) = self.max_samples {
            share("max_samples", value)?;
            needs_bootstrap("max_samples", self.bootstrap)?;
        }
        if self.oob {
            needs_bootstrap("oob", self.bootstrap)?;
        }
        max_bins(self.max_bins)
    }

    /// How many of `num_rows` rows a bootstrap draws.
    pub(super) fn num_drawn(&self, num_rows: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share is checked to be above 0 and up to 1, so the product is between 0 and the count"
        )]
        let drawn = |share: f64| (num_rows as f64 * share).round_ties_even() as usize;
        self.max_samples
            .map_or(num_rows, |share| drawn(share).max(1))
    }
}

fn needs_bootstrap(parameter: &'static str, bootstrap: bool) -> Result<()> {
    if bootstrap {
        Ok(())
    } else {
        let message = "needs a bootstrap: without one every tree learns from all rows";
        Err(Error::parameter(parameter, message))
    }
}

/// The setters of all forests, whose field `params` is a [`Params`]: one list, since inherent methods cannot be shared by two
/// types otherwise.
macro_rules! forest_setters {
    () => {
        /// How many trees are grown. Default: 100.
        #[doc(alias = "n_estimators")]
        #[must_use]
        pub fn with_num_trees(mut self, num_trees: usize) -> Self {
            self.params.num_trees = num_trees;
            self
        }

        /// The most splits between the root and a leaf. Default: no limit.
        #[must_use]
        pub fn with_max_depth(mut self, max_depth: usize) -> Self {
            self.params.max_depth = Some(max_depth);
            self
        }

        /// The fewest rows that a node needs to be split. Rows are counted once, however often the bootstrap drew them and
        /// whatever their weight. Default: 2.
        #[must_use]
        pub fn with_min_samples_split(mut self, min_samples_split: usize) -> Self {
            self.params.min_samples_split = min_samples_split;
            self
        }

        /// The fewest rows of a leaf, counted as for [`with_min_samples_split`](Self::with_min_samples_split). Default: 1.
        #[must_use]
        pub fn with_min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
            self.params.min_samples_leaf = min_samples_leaf;
            self
        }

        /// How many rows a bootstrap draws, as a share of them above 0 and up to 1. Default: 1.
        #[must_use]
        pub fn with_max_samples(mut self, max_samples: f64) -> Self {
            self.params.max_samples = Some(max_samples);
            self
        }

        /// The most bins of a feature, between 2 and 255, not counting the one of missing values. Default: 255.
        #[must_use]
        pub fn with_max_bins(mut self, max_bins: usize) -> Self {
            self.params.max_bins = max_bins;
            self
        }

        /// Names the random draws of rows and features. Default: 0.
        #[must_use]
        pub fn with_seed(mut self, seed: u64) -> Self {
            self.params.seed = seed;
            self
        }
    };
}
pub(super) use forest_setters;

/// The setter whose default differs between forests.
macro_rules! bootstrap_setter {
    ($default:literal) => {
        /// Whether each tree learns from as many rows as there are, drawn with replacement, or from all rows.
        #[doc = concat!("Default: ", $default, ".")]
        #[must_use]
        pub fn with_bootstrap(mut self, bootstrap: bool) -> Self {
            self.params.bootstrap = bootstrap;
            self
        }
    };
}
pub(super) use bootstrap_setter;

/// The setter of how many features are tried, whose default differs from forest to forest.
macro_rules! max_features_setter {
    ($default:literal) => {
        /// How many features are tried for each split.
        #[doc = concat!("Default: [`MaxFeatures::", $default, "`].")]
        #[must_use]
        pub fn with_max_features(mut self, max_features: MaxFeatures) -> Self {
            self.params.max_features = max_features;
            self
        }
    };
}
pub(super) use max_features_setter;

/// The setter of forests that can predict their training rows.
macro_rules! oob_setter {
    () => {
        /// Also predicts the training rows, each by the trees whose bootstrap left it out: an estimate of how the forest does on
        /// other rows that costs no data. The fitted model keeps these predictions. Default: it does not.
        #[doc(alias = "oob_score")]
        #[must_use]
        pub fn with_oob(mut self) -> Self {
            self.params.oob = true;
            self
        }
    };
}
pub(super) use oob_setter;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_features_are_those_of_scikit_learn() {
        let wanted = [
            MaxFeatures::All,
            MaxFeatures::Sqrt,
            MaxFeatures::Log2,
            MaxFeatures::Share(0.3),
        ];
        assert_eq!(wanted.map(|wanted| wanted.of(20)), [20, 4, 4, 6]);
        assert_eq!(wanted.map(|wanted| wanted.of(1)), [1, 1, 1, 1]);
        assert_eq!(
            [5, 50].map(|count| MaxFeatures::Count(count).of(20)),
            [5, 20]
        );
    }
}

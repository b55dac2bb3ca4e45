//! Which class weights a forest has.

use alchemy_core::Result;
use serde::{Deserialize, Serialize};

use crate::class_weight::ClassWeight;

/// How much the rows of each class count in a forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum ForestClassWeight {
    /// All the same.
    None,
    PerForest(ClassWeight),
    /// Balanced among the rows that were drawn for a tree.
    BalancedPerTree,
}

impl ForestClassWeight {
    /// # Errors
    ///
    /// [`alchemy_core::Error::InvalidParameter`] for a weight outside its domain.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::None | Self::BalancedPerTree => Ok(()),
            Self::PerForest(class_weight) => class_weight.check(),
        }
    }
}

/// The setters of forests for classes, whose field `class_weight` is a [`ForestClassWeight`].
macro_rules! class_weight_setters {
    () => {
        /// How much the rows of each class count, besides their own weight. Default: every class counts the same.
        #[must_use]
        pub fn with_class_weight(mut self, class_weight: crate::class_weight::ClassWeight) -> Self {
            self.class_weight = ForestClassWeight::PerForest(class_weight);
            self
        }

        /// Makes all classes weigh the same in each tree: [`Balanced`](crate::ClassWeight::Balanced) among the rows that were
        /// drawn for it. Takes the place of [`with_class_weight`](Self::with_class_weight), and the other way round.
        #[doc(alias = "balanced_subsample")]
        #[must_use]
        pub fn with_balanced_trees(mut self) -> Self {
            self.class_weight = ForestClassWeight::BalancedPerTree;
            self
        }
    };
}
pub(super) use class_weight_setters;

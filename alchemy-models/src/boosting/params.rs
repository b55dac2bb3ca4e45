//! The parameters of gradient boosting.

use alchemy_core::Result;
use serde::{Deserialize, Serialize};

use super::goss::Goss;
use crate::domain::{at_least, max_bins, not_negative, positive, share};
use crate::tree::rules::Rules;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Params {
    pub(crate) num_rounds: usize,
    pub(crate) learning_rate: f64,
    pub(crate) num_leaves: usize,
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_child_weight: f64,
    pub(crate) min_gain: f64,
    pub(crate) l1: f64,
    pub(crate) l2: f64,
    pub(crate) subsample: f64,
    pub(crate) goss: Option<Goss>,
    pub(crate) colsample: f64,
    pub(crate) max_bins: usize,
    pub(crate) early_stopping_rounds: Option<usize>,
    pub(crate) train_history: bool,
    pub(crate) seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            num_rounds: 100,
            learning_rate: 0.1,
            num_leaves: 31,
            max_depth: None,
            min_samples_leaf: 20,
            min_child_weight: 1e-3,
            min_gain: 0.0,
            l1: 0.0,
            l2: 0.0,
            subsample: 1.0,
            goss: None,
            colsample: 1.0,
            max_bins: 255,
            early_stopping_rounds: None,
            train_history: false,
            seed: 0,
        }
    }
}

impl Params {
    /// # Errors
    ///
    /// [`alchemy_core::Error::InvalidParameter`] for the first parameter outside its domain.
    pub(crate) fn check(&self) -> Result<()> {
        at_least("num_rounds", self.num_rounds, 1)?;
        positive("learning_rate", self.learning_rate)?;
        at_least("num_leaves", self.num_leaves, 2)?;
        at_least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        not_negative("min_child_weight", self.min_child_weight)?;
        not_negative("min_gain", self.min_gain)?;
        not_negative("l1", self.l1)?;
        not_negative("l2", self.l2)?;
        share("subsample", self.subsample)?;
        self.goss
            .map_or(Ok(()), |goss| goss.check(self.subsample))?;
        share("colsample", self.colsample)?;
        max_bins(self.max_bins)?;
        at_least(
            "early_stopping_rounds",
            self.early_stopping_rounds.unwrap_or(1),
            1,
        )
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            num_leaves: self.num_leaves,
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_leaf: self.min_samples_leaf,
            min_child_weight: self.min_child_weight,
            min_gain: self.min_gain,
            l1: self.l1,
            l2: self.l2,
        }
    }
}

/// The setters of both boosted models, whose field `params` is a [`Params`]: one list, since inherent methods cannot be
/// shared by two types otherwise.
macro_rules! boosting_setters {
    () => {
        /// How many rounds of trees are added. Default: 100.
        #[doc(alias = "n_estimators")]
        #[must_use]
        pub fn with_num_rounds(mut self, num_rounds: usize) -> Self {
            self.params.num_rounds = num_rounds;
            self
        }

        /// What every leaf value is multiplied by. Default: 0.1.
        #[doc(alias = "eta")]
        #[must_use]
        pub fn with_learning_rate(mut self, learning_rate: f64) -> Self {
            self.params.learning_rate = learning_rate;
            self
        }

        /// The most leaves of a tree; the leaf with the greatest gain is split first. Default: 31.
        #[must_use]
        pub fn with_num_leaves(mut self, num_leaves: usize) -> Self {
            self.params.num_leaves = num_leaves;
            self
        }

        /// The most splits between the root and a leaf. Default: no limit.
        #[must_use]
        pub fn with_max_depth(mut self, max_depth: usize) -> Self {
            self.params.max_depth = Some(max_depth);
            self
        }

        /// The fewest training rows of a leaf, whatever their weight. Default: 20.
        #[doc(alias = "min_data_in_leaf")]
        #[must_use]
        pub fn with_min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
            self.params.min_samples_leaf = min_samples_leaf;
            self
        }

        /// The least sum of hessians of a leaf: for squared error its weight, for log loss its weight times the variance of the
        /// predicted class. Default: 0.001.
        #[doc(alias = "min_sum_hessian_in_leaf")]
        #[must_use]
        pub fn with_min_child_weight(mut self, min_child_weight: f64) -> Self {
            self.params.min_child_weight = min_child_weight;
            self
        }

        /// The gain that a split must pass. Default: 0.
        #[doc(alias = "gamma")]
        #[doc(alias = "min_split_gain")]
        #[must_use]
        pub fn with_min_gain(mut self, min_gain: f64) -> Self {
            self.params.min_gain = min_gain;
            self
        }

        /// L1 penalty on leaf values. Default: 0.
        #[doc(alias = "reg_alpha")]
        #[must_use]
        pub fn with_l1(mut self, l1: f64) -> Self {
            self.params.l1 = l1;
            self
        }

        /// L2 penalty on leaf values. Default: 0.
        #[doc(alias = "reg_lambda")]
        #[must_use]
        pub fn with_l2(mut self, l2: f64) -> Self {
            self.params.l2 = l2;
            self
        }

        /// The chance of each row to be used in a round, above 0 and up to 1; drawn anew for every round. Default: 1.
        #[doc(alias = "bagging_fraction")]
        #[must_use]
        pub fn with_subsample(mut self, subsample: f64) -> Self {
            self.params.subsample = subsample;
            self
        }

        /// Each round uses the share `top` of the rows by the size of their gradients, and of the others as many as the share
        /// `other` of all rows, drawn anew for every round. Default: all rows, or those of [`with_subsample`](Self::with_subsample).
        ///
        /// This is gradient-based one-side sampling: size is |gradient x hessian|, summed over outputs, and what is drawn of the
        /// others counts `(1 - top) / other` times, so that sums keep their expected value. It begins after 1 / learning rate
        /// rounds. Both shares are above 0 and add up to at most 1; it cannot be combined with a subsample, nor with
        /// objectives whose leaves take a quantile.
        #[doc(alias = "top_rate")]
        #[doc(alias = "other_rate")]
        #[must_use]
        pub fn with_goss(mut self, top: f64, other: f64) -> Self {
            self.params.goss = Some($crate::boosting::goss::Goss { top, other });
            self
        }

        /// The share of the features that each tree may use, above 0 and up to 1, rounded up. Default: 1.
        #[doc(alias = "colsample_bytree")]
        #[doc(alias = "feature_fraction")]
        #[must_use]
        pub fn with_colsample(mut self, colsample: f64) -> Self {
            self.params.colsample = colsample;
            self
        }

        /// The most bins of a feature, between 2 and 255, not counting the one of missing values. Default: 255.
        #[must_use]
        pub fn with_max_bins(mut self, max_bins: usize) -> Self {
            self.params.max_bins = max_bins;
            self
        }

        /// Ends training once so many rounds in a row were not better than the best before them, by
        /// [`eval_metric`](Self::with_eval_metric) on the validation part; needs [`fit_validated`](Self::fit_validated). Default: all rounds are run.
        #[must_use]
        pub fn with_early_stopping_rounds(mut self, rounds: usize) -> Self {
            self.params.early_stopping_rounds = Some(rounds);
            self
        }

        /// Keeps the metric on the training data after every round, which costs one more pass over the rows for each. Default:
        /// it is not kept.
        #[must_use]
        pub fn with_train_history(mut self) -> Self {
            self.params.train_history = true;
            self
        }

        /// Names the random draws of rows and columns. Default: 0.
        #[must_use]
        pub fn with_seed(mut self, seed: u64) -> Self {
            self.params.seed = seed;
            self
        }
    };
}
pub(super) use boosting_setters;

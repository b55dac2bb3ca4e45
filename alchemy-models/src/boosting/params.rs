//! The parameters of gradient boosting.

use alchemy_core::{ColumnSelector, Result};
use serde::{Deserialize, Serialize};

use super::goss::Goss;
use crate::domain::{at_least, max_bins, not_negative, positive, share};
use crate::tree::categories::CategoryRules;
use crate::tree::growth::{ColumnDraws, Growth};
use crate::tree::monotone::Monotone;
use crate::tree::rules::Rules;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Params {
    pub(crate) num_rounds: usize,
    pub(crate) learning_rate: f64,
    pub(crate) growth: Growth,
    pub(crate) num_leaves: usize,
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_child_weight: f64,
    pub(crate) min_gain: f64,
    pub(crate) l1: f64,
    pub(crate) l2: f64,
    /// `None`: every text feature.
    pub(crate) categorical: Option<ColumnSelector>,
    pub(crate) cat_smooth: f64,
    pub(crate) cat_l2: f64,
    pub(crate) max_cat_threshold: usize,
    pub(crate) min_rows_per_category_group: usize,
    pub(crate) subsample: f64,
    pub(crate) goss: Option<Goss>,
    pub(crate) colsample: f64,
    pub(crate) colsample_by_level: f64,
    pub(crate) colsample_by_node: f64,
    pub(crate) monotone: Vec<(String, Monotone)>,
    pub(crate) interactions: Vec<Vec<String>>,
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
            growth: Growth::LeafWise,
            num_leaves: 31,
            max_depth: None,
            min_samples_leaf: 20,
            min_child_weight: 0.03,
            min_gain: 0.0,
            l1: 0.0,
            l2: 0.0,
            categorical: None,
            cat_smooth: 10.0,
            cat_l2: 10.0,
            max_cat_threshold: 32,
            min_rows_per_category_group: 100,
            subsample: 1.0,
            goss: None,
            colsample: 1.0,
            colsample_by_level: 1.0,
            colsample_by_node: 1.0,
            monotone: vec![],
            interactions: vec![],
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
        not_negative("cat_smooth", self.cat_smooth)?;
        not_negative("cat_l2", self.cat_l2)?;
        at_least("max_cat_threshold", self.max_cat_threshold, 1)?;
        share("subsample", self.subsample)?;
        self.goss
            .map_or(Ok(()), |goss| goss.check(self.subsample))?;
        share("colsample", self.colsample)?;
        share("colsample_by_level", self.colsample_by_level)?;
        share("colsample_by_node", self.colsample_by_node)?;
        max_bins(self.max_bins)?;
        at_least(
            "early_stopping_rounds",
            self.early_stopping_rounds.unwrap_or(1),
            1,
        )
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            growth: self.growth,
            num_leaves: self.num_leaves,
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_leaf: self.min_samples_leaf,
            min_child_weight: self.min_child_weight,
            min_gain: self.min_gain,
            l1: self.l1,
            l2: self.l2,
            categories: CategoryRules {
                smooth: self.cat_smooth,
                l2: self.cat_l2,
                max_categories: self.max_cat_threshold,
                min_rows: self.min_rows_per_category_group,
            },
        }
    }

    /// What each level and node of tree number `tree` draws.
    pub(crate) fn column_draws(&self, tree: u64) -> ColumnDraws {
        ColumnDraws {
            by_level: self.colsample_by_level,
            by_node: self.colsample_by_node,
            seed: self.seed,
            tree,
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

        /// Which leaf of a tree is split next. Default: [`LeafWise`](crate::Growth::LeafWise).
        ///
        /// It matters only where [`num_leaves`](Self::with_num_leaves) is reached: all splits are made otherwise. For trees of
        /// a depth as `XGBoost` grows them, set [`max_depth`](Self::with_max_depth) to d and allow 2^d leaves.
        #[doc(alias = "grow_policy")]
        #[must_use]
        pub fn with_growth(mut self, growth: crate::Growth) -> Self {
            self.params.growth = growth;
            self
        }

        /// The most leaves of a tree; which leaf is split first is up to [`growth`](Self::with_growth). Default: 31.
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

        /// The fewest training rows of a leaf, whatever their weight. Default: 20. Rows are counted; `LightGBM` estimates them
        /// from hessians where these differ, so its leaves may have fewer.
        #[doc(alias = "min_data_in_leaf")]
        #[must_use]
        pub fn with_min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
            self.params.min_samples_leaf = min_samples_leaf;
            self
        }

        /// The least sum of hessians of a leaf: for squared error its weight, for log loss its weight times the variance of the
        /// predicted class. Default: 0.03.
        ///
        /// It bounds the step that a leaf takes for one row it is wrong about. `LightGBM` has 0.001, and a class of a few rows
        /// among thousands then makes predictions so sure that they are worse than the shares of the classes; `XGBoost` has 1,
        /// which leaves classes that are easily told apart unsure. Weights that sum to little ask for less.
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

        /// The features whose values are categories, without an order: text, or the codes that numbers, Booleans or dates
        /// may be. Default: every text feature.
        ///
        /// Only the features chosen here are categories; text that is not counts by the rank of the value among the sorted
        /// values of the training data. A split parts categories into any two groups. A feature with more categories than
        /// bins keeps the most frequent ones apart and puts all others together. A value that training never saw is
        /// missing; missing values are one category more.
        ///
        /// Categories are put in the order of their mean gradient and taken from either end, as `LightGBM` does; of up to 4
        /// each is tried against the rest. A category without a row at a split goes to the side with more rows.
        #[doc(alias = "categorical_feature")]
        #[doc(alias = "enable_categorical")]
        #[must_use]
        pub fn with_categorical(
            mut self,
            columns: impl Into<alchemy_core::ColumnSelector>,
        ) -> Self {
            self.params.categorical = Some(columns.into());
            self
        }

        /// What is added to the hessian of a category when categories are put in order; categories with fewer rows than this
        /// are not told apart. Default: 10.
        #[must_use]
        pub fn with_cat_smooth(mut self, cat_smooth: f64) -> Self {
            self.params.cat_smooth = cat_smooth;
            self
        }

        /// L2 penalty on leaf values that is added where more than 4 categories were parted. Default: 10.
        #[must_use]
        pub fn with_cat_l2(mut self, cat_l2: f64) -> Self {
            self.params.cat_l2 = cat_l2;
            self
        }

        /// The most categories on the smaller side of a split. Default: 32.
        #[must_use]
        pub fn with_max_cat_threshold(mut self, max_cat_threshold: usize) -> Self {
            self.params.max_cat_threshold = max_cat_threshold;
            self
        }

        /// The fewest rows by which two groups of categories that are tried differ, and that are left on the other side, of
        /// features with more than 4 categories. Rows are counted by their share of the hessian. Default: 100.
        #[doc(alias = "min_data_per_group")]
        #[must_use]
        pub fn with_min_rows_per_category_group(mut self, rows: usize) -> Self {
            self.params.min_rows_per_category_group = rows;
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

        /// The share of a tree's features that each of its levels may use, above 0 and up to 1, rounded up. Default: 1.
        ///
        /// Shares multiply: a level draws from the features of its [tree](Self::with_colsample), a
        /// [node](Self::with_colsample_by_node) from those of its level.
        #[doc(alias = "colsample_bylevel")]
        #[must_use]
        pub fn with_colsample_by_level(mut self, colsample_by_level: f64) -> Self {
            self.params.colsample_by_level = colsample_by_level;
            self
        }

        /// The share of a level's features that each of its nodes may use, above 0 and up to 1, rounded up. Default: 1.
        #[doc(alias = "colsample_bynode")]
        #[doc(alias = "feature_fraction_bynode")]
        #[must_use]
        pub fn with_colsample_by_node(mut self, colsample_by_node: f64) -> Self {
            self.params.colsample_by_node = colsample_by_node;
            self
        }

        /// Features along which predictions never fall, or never rise, all else being equal. Default: none.
        ///
        /// It holds for any two values that are not missing. The method is the basic one of `LightGBM`: the values of both
        /// sides of a split by such a feature are in order, and the middle between them bounds all values further down. For
        /// classes it is the score that is monotone, and with it the probability of the second of two classes. A name that
        /// is no feature is an [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound); a feature of categories is an
        /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter), and so is an objective whose leaves take
        /// quantiles of errors.
        #[doc(alias = "monotone_constraints")]
        #[must_use]
        pub fn with_monotone<S: Into<String>>(
            mut self,
            columns: impl IntoIterator<Item = (S, crate::Monotone)>,
        ) -> Self {
            let columns = columns.into_iter();
            self.params.monotone = columns
                .map(|(column, direction)| (column.into(), direction))
                .collect();
            self
        }

        /// Sets of features that may meet: all features on the way to a leaf lie in one of them. Default: any may meet.
        ///
        /// As in `XGBoost`, sets may overlap, and a feature that is in no set meets no other. A name that is no feature is an
        /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound).
        #[doc(alias = "interaction_constraints")]
        #[must_use]
        pub fn with_interactions<S: Into<String>, I: IntoIterator<Item = S>>(
            mut self,
            sets: impl IntoIterator<Item = I>,
        ) -> Self {
            let names = |set: I| set.into_iter().map(Into::into).collect();
            self.params.interactions = sets.into_iter().map(names).collect();
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

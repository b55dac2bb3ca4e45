//! Why a fitted ensemble of trees says what it says.
//!
//! [`trees`] is how a model shows its trees here; [`shap`] and [`interactions`] part predictions among features; [`leaves`] and
//! [`nodes`] and [`text`] show the trees themselves; [`permutation`] asks a model of any kind.

mod avx2;
mod explained;
mod explainer;
mod interactions;
mod kernel;
mod layout;
mod leaves;
mod nodes;
mod pair_kernel;
mod permutation;
mod quadrature;
mod rows;
mod rule;
mod shap;
mod shap_tree;
#[cfg(test)]
mod tests;
mod text;
mod trees;

pub use explainer::ShapExplainer;
pub(crate) use explainer::shap;
pub use interactions::ShapInteractions;
pub(crate) use interactions::interactions;
pub(crate) use leaves::leaf_indices;
pub(crate) use nodes::nodes;
pub use permutation::{PermutationImportance, PermutedFeature};
pub use shap::ShapValues;
pub(crate) use text::tree_text;
pub(crate) use trees::{Combine, Trees, by_output};

/// Methods of every fitted model of trees; it has a method `trees` that gives its [`Trees`].
macro_rules! explain_methods {
    () => {
        /// How much each feature moved each prediction: see [`ShapValues`](crate::ShapValues) for units, missing cells, cost and
        /// an example. To explain few rows at a time, keep an [`explainer`](Self::explainer).
        ///
        /// # Errors
        ///
        /// As [`predict`](alchemy_core::Predict::predict).
        pub fn shap(
            &self,
            batch: &alchemy_core::arrow::array::RecordBatch,
        ) -> alchemy_core::Result<crate::ShapValues> {
            crate::explain::shap(&self.trees(), batch)
        }

        /// The model made ready to explain one decision after another: see [`ShapExplainer`](crate::ShapExplainer).
        #[must_use]
        pub fn explainer(&self) -> crate::ShapExplainer {
            crate::ShapExplainer::new(&self.trees())
        }

        /// What the trees say of each row, one `Float64` column per output: the sum of a boosted model, before it becomes a
        /// probability or whatever its objective predicts, and without the offset, where there is one; the mean of a forest. Outputs are named by their class, or
        /// `prediction`.
        ///
        /// # Errors
        ///
        /// As [`predict`](alchemy_core::Predict::predict).
        #[doc(alias = "predict_margin")]
        #[doc(alias = "raw_score")]
        #[doc(alias = "decision_function")]
        pub fn predict_raw(
            &self,
            batch: &alchemy_core::arrow::array::RecordBatch,
        ) -> alchemy_core::Result<alchemy_core::arrow::array::RecordBatch> {
            let scores = self.ensemble.scores(batch)?;
            crate::explain::by_output(&self.trees(), scores)
        }

        /// How much pairs of features moved each prediction: see [`ShapInteractions`](crate::ShapInteractions) for units, memory,
        /// cost and an example.
        ///
        /// # Errors
        ///
        /// As [`predict`](alchemy_core::Predict::predict).
        pub fn shap_interactions(
            &self,
            batch: &alchemy_core::arrow::array::RecordBatch,
        ) -> alchemy_core::Result<crate::ShapInteractions> {
            crate::explain::interactions(&self.trees(), batch)
        }

        /// The leaf that each row arrives at, one `UInt32` column per tree, named `0`, `1` and so on. A leaf is told by its
        /// number among the nodes of its tree: the root is 0, and nodes are numbered level by level from left to right, as in
        /// [`nodes`](Self::nodes).
        ///
        /// # Errors
        ///
        /// As [`predict`](alchemy_core::Predict::predict).
        #[doc(alias = "apply")]
        #[doc(alias = "pred_leaf")]
        pub fn leaf_indices(
            &self,
            batch: &alchemy_core::arrow::array::RecordBatch,
        ) -> alchemy_core::Result<alchemy_core::arrow::array::RecordBatch> {
            crate::explain::leaf_indices(&self.trees(), batch)
        }

        /// The trees as a table with a row per node.
        ///
        /// | column | what it holds |
        /// | --- | --- |
        /// | `tree`, `node` | numbers from 0; nodes level by level from left to right |
        /// | `parent`, `left`, `right` | numbers of other nodes of the tree; null where there is none |
        /// | `output` | the output that the tree adds to; null where leaves have a value for each |
        /// | `feature` | what an inner node splits on; null for a leaf, as are the next four and `gain` |
        /// | `threshold` | numbers up to it go left, times up to it in microseconds since 1970; null for text and for categories |
        /// | `last_level` | text: levels up to it in alphabetical order go left |
        /// | `levels` | categories: those that go left |
        /// | `missing_left` | whether missing values go left; if there is neither threshold nor level, nothing else does |
        /// | `gain` | by how much the split improved the fit |
        /// | `cover` | the training rows, or their weight, that came by |
        /// | `value` | what a leaf says; one column `value {class}` each where it says something of several classes |
        ///
        /// # Errors
        ///
        /// None is known; Arrow might refuse a table beyond its limits.
        #[doc(alias = "trees_to_dataframe")]
        pub fn nodes(&self) -> alchemy_core::Result<alchemy_core::arrow::array::RecordBatch> {
            crate::explain::nodes(&self.trees())
        }

        /// Tree number `tree` as text, a line per node: what goes left (`yes`) at an inner node, or what a leaf says.
        /// `None` if there are not so many trees.
        #[doc(alias = "get_dump")]
        #[doc(alias = "export_text")]
        #[must_use]
        pub fn tree_text(&self, tree: usize) -> Option<String> {
            crate::explain::tree_text(&self.trees(), tree)
        }
    };
}
pub(crate) use explain_methods;

//! Why a fitted ensemble of trees says what it says.
//!
//! [`trees`] is how a model shows its trees here; [`shap`] and [`interactions`] part predictions among features; [`leaves`] and
//! [`nodes`] and [`text`] show the trees themselves; [`permutation`] asks a model of any kind.

mod avx2;
mod kernel;
mod layout;
mod quadrature;
mod shap;
#[cfg(test)]
mod tests;
mod trees;

pub use shap::ShapValues;
pub(crate) use shap::shap;
pub(crate) use trees::{Combine, Trees, by_output};

/// Methods of every fitted model of trees; it has a method `trees` that gives its [`Trees`].
macro_rules! explain_methods {
    () => {
        /// How much each feature moved each prediction: see [`ShapValues`](crate::ShapValues).
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

        /// What the trees say of each row, one `Float64` column per output: the sum of a boosted model, before it becomes a
        /// probability and without the offset, where there is one; the mean of a forest. Outputs are named by their class, or
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
    };
}
pub(crate) use explain_methods;

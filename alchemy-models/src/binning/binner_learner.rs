//! How the bins of all features are learned from batches that come one after another.

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::Schema;
use alchemy_core::column::by_name;
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;

use super::Binner;
use super::learn::{Learner, Meaning};

/// Learns the bins of all features from batches that come one after another.
pub(crate) struct BinnerLearner {
    names: Vec<String>,
    learners: Vec<Learner>,
}

impl BinnerLearner {
    /// For the columns `names` of `schema`, of which those in `categorical` are categories.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::Arrow`] for a name that is not in the schema.
    pub(crate) fn new(
        schema: &Schema,
        names: Vec<String>,
        categorical: &[String],
        max_bins: usize,
    ) -> Result<Self> {
        let learner = |name: &String| -> Result<Learner> {
            let meaning = if categorical.contains(name) {
                Meaning::Categories
            } else {
                Meaning::Ordered
            };
            let data_type = schema.field_with_name(name)?.data_type();
            Ok(Learner::new(name, data_type, meaning, max_bins))
        };
        Ok(Self {
            learners: names.iter().map(learner).collect::<Result<_>>()?,
            names,
        })
    }

    /// Takes in `batch`, whose first row is `first_row` of the table and whose weights are `weights`.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnNotFound`], [`alchemy_core::Error::DuplicateColumn`] and those of [`Learner::update`].
    pub(crate) fn update(
        &mut self,
        first_row: usize,
        batch: &RecordBatch,
        weights: Option<&[f64]>,
    ) -> Result<()> {
        let updated = self.learners.par_iter_mut().map(|learner| {
            let array = by_name(batch, learner.name())?;
            learner.update(first_row, array, weights)
        });
        try_collect(updated).map(|_| ())
    }

    /// The bins; `weights` are those of all rows.
    pub(crate) fn finish(self, weights: Option<&[f64]>) -> Binner {
        let features = self.learners.into_par_iter();
        Binner {
            names: self.names,
            features: features.map(|learner| learner.finish(weights)).collect(),
        }
    }
}

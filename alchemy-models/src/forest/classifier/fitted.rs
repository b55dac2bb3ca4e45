//! A fitted forest of classes.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Classify, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use crate::classes::Classes;
use crate::explain::{Trees, explain_methods};
use crate::forest::ensemble::{Ensemble, forest_methods};
use crate::forest::oob::OutOfBag;
use crate::predict::RowScratch;

/// A fitted [`RandomForestClassifier`](crate::RandomForestClassifier) or [`ExtraTreesClassifier`](crate::ExtraTreesClassifier).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestClassifier {
    pub(in crate::forest) ensemble: Ensemble,
    pub(in crate::forest) classes: Classes,
    pub(in crate::forest) oob: Option<OutOfBag>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
    oob: Option<OutOfBag>,
}

impl TryFrom<Stored> for FittedRandomForestClassifier {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            classes,
            oob,
        } = stored;
        let outputs = ensemble.outputs();
        if outputs == classes.len() && oob.as_ref().is_none_or(|oob| oob.fits(outputs)) {
            Ok(Self {
                ensemble,
                classes,
                oob,
            })
        } else {
            Err("there are more or fewer classes than outputs")
        }
    }
}

impl FittedRandomForestClassifier {
    explain_methods!();
    forest_methods!();

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(self.classes.names().to_vec())
    }

    /// The share of training rows whose most probable class [out of the bag](Self::oob_proba) is theirs. Rows count the same
    /// whatever their weight; rows of weight 0, and those that no tree left out, do not.
    ///
    /// `None` without [`with_oob`](crate::RandomForestClassifier::with_oob), or if there is no such row.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob.as_ref()?.score()
    }

    /// The probability of each class for each row of the training data by the trees that did not learn from it, as
    /// [`predict_proba`](Classify::predict_proba) gives it; null for a row that all trees learned from. `None` without
    /// [`with_oob`](crate::RandomForestClassifier::with_oob).
    ///
    /// # Errors
    ///
    /// Those of making a batch.
    pub fn oob_proba(&self) -> Result<Option<RecordBatch>> {
        let Some(oob) = &self.oob else {
            return Ok(None);
        };
        let column =
            |output: usize| Arc::new(oob.output(output).collect::<Float64Array>()) as ArrayRef;
        let names = self.classes.names().iter().enumerate();
        let columns = names.map(|(output, name)| (name, column(output), true));
        Ok(Some(RecordBatch::try_from_iter_with_nullable(columns)?))
    }

    /// The probability of each class for one row, in the order of [`classes`](Classify::classes).
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict_proba`](Classify::predict_proba).
    ///
    /// Nothing is allocated once `scratch` has grown. The trees are walked, eight at a time, about 30 ns per tree as long as the
    /// model fits the cache.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    pub fn predict_proba_row<'s>(
        &self,
        row: &[f64],
        scratch: &'s mut RowScratch,
    ) -> Result<&'s [f64]> {
        self.ensemble.means_of_row(row, scratch)?;
        Ok(&scratch.outputs)
    }
}

impl Predict for FittedRandomForestClassifier {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The most probable class; of equals the lowest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.classes.most_probable(&self.ensemble.scores(batch)?)
    }

    fn as_classifier(&self) -> Option<&dyn Classify> {
        Some(self)
    }
}

impl Classify for FittedRandomForestClassifier {
    fn classes(&self) -> &ArrayRef {
        self.classes.values()
    }

    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.classes.batch(self.ensemble.scores(batch)?)
    }
}

impl Model for FittedRandomForestClassifier {
    const NAME: &'static str = "alchemy-models/random_forest_classifier";
}

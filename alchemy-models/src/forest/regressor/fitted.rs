//! A fitted forest of numbers.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Model, Predict, Result};
use serde::{Deserialize, Serialize};

use crate::explain::{Trees, explain_methods};
use crate::forest::ensemble::{Ensemble, forest_methods};
use crate::forest::oob::OutOfBag;
use crate::predict::RowScratch;

/// A fitted [`RandomForestRegressor`](crate::RandomForestRegressor) or [`ExtraTreesRegressor`](crate::ExtraTreesRegressor).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestRegressor {
    pub(in crate::forest) ensemble: Ensemble,
    pub(in crate::forest) oob: Option<OutOfBag>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    oob: Option<OutOfBag>,
}

impl TryFrom<Stored> for FittedRandomForestRegressor {
    type Error = &'static str;

    fn try_from(Stored { ensemble, oob }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == 1 && oob.as_ref().is_none_or(|oob| oob.fits(1)) {
            Ok(Self { ensemble, oob })
        } else {
            Err("a regression has more than one output")
        }
    }
}

impl FittedRandomForestRegressor {
    explain_methods!();
    forest_methods!();

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(vec!["prediction".to_owned()])
    }

    /// The coefficient of determination of the [predictions out of the bag](Self::oob_predictions): 1 is perfect, 0 is as good as
    /// the mean. Rows count the same whatever their weight; rows of weight 0, and those that no tree left out, do not.
    ///
    /// `None` without [`with_oob`](crate::RandomForestRegressor::with_oob), or if there is no such row or the targets are all the same.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob.as_ref()?.score()
    }

    /// The prediction for each row of the training data by the trees that did not learn from it; null for a row that all trees
    /// learned from. `None` without [`with_oob`](crate::RandomForestRegressor::with_oob).
    #[must_use]
    pub fn oob_predictions(&self) -> Option<ArrayRef> {
        let oob = self.oob.as_ref()?;
        Some(Arc::new(oob.output(0).collect::<Float64Array>()))
    }

    /// The prediction for one row.
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict`](Predict::predict).
    ///
    /// Nothing is allocated once `scratch` has grown. The trees are walked, eight at a time, about 30 ns per tree as long as the
    /// model fits the cache.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    pub fn predict_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64> {
        self.ensemble.means_of_row(row, scratch)?;
        Ok(scratch.outputs[0])
    }
}

impl Predict for FittedRandomForestRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let means = self.ensemble.scores(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(means)))
    }
}

impl Model for FittedRandomForestRegressor {
    const NAME: &'static str = "alchemy-models/random_forest_regressor";
}

//! A fitted model of classes.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::{Classify, Error, Model, Predict, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::boosting::ensemble::{Ensemble, ensemble_methods};
use crate::boosting::fit::offsets;
use crate::boosting::objective::Link;
use crate::classes::Classes;
use crate::explain::{Trees, explain_methods};
use crate::math::{exp, logistic};
use crate::predict::RowScratch;
use crate::table::Table;

/// A fitted [`GradientBoostingClassifier`](crate::GradientBoostingClassifier).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedGradientBoostingClassifier {
    pub(in crate::boosting) ensemble: Ensemble,
    pub(super) classes: Classes,
    pub(super) offset: Option<String>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
    offset: Option<String>,
}

impl TryFrom<Stored> for FittedGradientBoostingClassifier {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            ensemble,
            classes,
            offset,
        } = stored;
        let outputs = if classes.len() == 2 { 1 } else { classes.len() };
        if ensemble.num_outputs() != outputs {
            return Err("there are more or fewer classes than outputs");
        }
        if outputs > 1 && offset.is_some() {
            return Err("an offset needs two classes");
        }
        Ok(Self {
            ensemble,
            classes,
            offset,
        })
    }
}

impl FittedGradientBoostingClassifier {
    explain_methods!();
    ensemble_methods!(GradientBoostingClassifier);

    fn trees(&self) -> Trees<'_> {
        let names = self.classes.names();
        // One output is for the higher of two classes.
        let first = names.len() - self.ensemble.num_outputs();
        self.ensemble.view(names[first..].to_vec())
    }

    /// The probability of each class for one row, in the order of [`classes`](Classify::classes).
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict_proba`](Classify::predict_proba).
    ///
    /// Nothing is allocated once `scratch` has grown. With AVX2 it takes about 2 µs for 20 features and 500 trees of 31 leaves,
    /// as long as the trees read at most 128 features (64 where rows were missing in training; every group that
    /// categories are parted into counts as one) and have at most 256 leaves each; otherwise the trees are walked, which takes about four times as long.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features, or if the model has an [offset](crate::GradientBoostingClassifier::with_offset), which is in no row of features.
    pub fn predict_proba_row<'s>(
        &self,
        row: &[f64],
        scratch: &'s mut RowScratch,
    ) -> Result<&'s [f64]> {
        if self.offset.is_some() {
            let message = "is a column of its own: call predict_proba";
            return Err(Error::parameter("offset", message));
        }
        self.ensemble.scores_of_row(row, scratch)?;
        let outputs = &mut scratch.outputs;
        if let [score] = outputs.as_mut_slice() {
            *score = logistic(*score);
            let other = 1.0 - *score;
            outputs.insert(0, other);
        } else {
            softmax(outputs);
        }
        Ok(outputs)
    }

    /// The probability of each class, class by class.
    fn probabilities(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let mut scores = self.ensemble.scores(batch)?;
        if let [scores] = scores.as_mut_slice() {
            if let Some(offset) = &self.offset {
                let table = Table::new(std::slice::from_ref(batch));
                let offsets = offsets(table, offset, Link::Logit.largest_offset())?;
                (scores.iter_mut().zip(offsets)).for_each(|(score, offset)| *score += offset);
            }
            scores
                .par_iter_mut()
                .for_each(|score| *score = logistic(*score));
            let others = scores.par_iter().map(|p| 1.0 - p).collect();
            return Ok(vec![others, std::mem::take(scores)]);
        }
        let mut of_row = vec![0.0; scores.len()];
        for row in 0..batch.num_rows() {
            for (score, scores) in of_row.iter_mut().zip(&scores) {
                *score = scores[row];
            }
            softmax(&mut of_row);
            for (score, scores) in of_row.iter().zip(&mut scores) {
                scores[row] = *score;
            }
        }
        Ok(scores)
    }
}

/// Turns the scores of a row into probabilities.
fn softmax(scores: &mut [f64]) {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

impl Predict for FittedGradientBoostingClassifier {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The most probable class; of equals the lowest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.classes.most_probable(&self.probabilities(batch)?)
    }

    fn as_classifier(&self) -> Option<&dyn Classify> {
        Some(self)
    }
}

impl Classify for FittedGradientBoostingClassifier {
    fn classes(&self) -> &ArrayRef {
        self.classes.values()
    }

    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.classes.batch(self.probabilities(batch)?)
    }
}

impl Model for FittedGradientBoostingClassifier {
    const NAME: &'static str = "alchemy-models/gradient_boosting_classifier";
}

//! Boosted trees for a class.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::{Classify, Context, Fit, Model, Predict, Result, Valid};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::Request;
use super::loss::{Logistic, Loss, Softmax};
use super::params::{Params, boosting_setters};
use crate::classes::Classes;
use crate::dataset::{Columns, column_setters};
use crate::importance::Importance;
use crate::math::{exp, logistic};

/// Learns to predict a class by adding up trees, each fitted to the errors of those before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientBoostingClassifier {
    columns: Columns,
    params: Params,
}

impl GradientBoostingClassifier {
    /// A classifier with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    column_setters!();
    boosting_setters!();

    /// Learns from `train` and keeps the rounds up to the one with the lowest log loss on `valid`.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit).
    pub fn fit_validated(
        &self,
        train: &RecordBatch,
        valid: &Valid,
    ) -> Result<FittedGradientBoostingClassifier> {
        self.fit_validated_with(train, valid, &Context::new())
    }

    /// As [`fit_validated`](Self::fit_validated); `context` hears of every round and can cancel.
    ///
    /// # Errors
    ///
    /// As [`fit_with`](Fit::fit_with).
    pub fn fit_validated_with(
        &self,
        train: &RecordBatch,
        valid: &Valid,
        context: &Context,
    ) -> Result<FittedGradientBoostingClassifier> {
        self.run(train, Some(valid), context)
    }

    fn run(
        &self,
        train: &RecordBatch,
        valid: Option<&RecordBatch>,
        context: &Context,
    ) -> Result<FittedGradientBoostingClassifier> {
        let Self { columns, params } = self;
        let opened = Request {
            params,
            columns,
            train,
            valid,
            context,
        }
        .open()?;
        let (classes, codes) = Classes::learn(opened.train, opened.target())?;
        let valid_codes = opened
            .valid
            .map(|valid| classes.codes(valid, opened.target()))
            .transpose()?;
        let loss: Box<dyn Loss> = if classes.len() == 2 {
            Box::new(Logistic)
        } else {
            Box::new(Softmax {
                num_classes: classes.len(),
            })
        };
        let targets = |codes: Vec<u32>| codes.into_iter().map(f64::from).collect();
        let ensemble = opened.boost(loss.as_ref(), targets(codes), valid_codes.map(targets))?;
        Ok(FittedGradientBoostingClassifier { ensemble, classes })
    }
}

impl Fit for GradientBoostingClassifier {
    type Fitted = FittedGradientBoostingClassifier;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        self.run(batch, None, context)
    }
}

/// A fitted [`GradientBoostingClassifier`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedGradientBoostingClassifier {
    ensemble: Ensemble,
    classes: Classes,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
}

impl TryFrom<Stored> for FittedGradientBoostingClassifier {
    type Error = &'static str;

    fn try_from(Stored { ensemble, classes }: Stored) -> Result<Self, &'static str> {
        let outputs = if classes.len() == 2 { 1 } else { classes.len() };
        if ensemble.num_outputs() == outputs {
            Ok(Self { ensemble, classes })
        } else {
            Err("there are more or fewer classes than outputs")
        }
    }
}

impl FittedGradientBoostingClassifier {
    /// How many rounds the model holds: with a validation part those up to the best one, else all.
    #[must_use]
    pub fn num_rounds(&self) -> usize {
        self.ensemble.num_rounds()
    }

    /// The log loss on the validation part after each round that was run; empty without such a part.
    #[must_use]
    pub fn history(&self) -> &[f64] {
        self.ensemble.history()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }

    /// The probability of each class, class by class.
    fn probabilities(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let mut scores = self.ensemble.scores(batch)?;
        if let [scores] = scores.as_mut_slice() {
            scores
                .par_iter_mut()
                .for_each(|score| *score = logistic(*score));
            let others = scores.par_iter().map(|p| 1.0 - p).collect();
            return Ok(vec![others, std::mem::take(scores)]);
        }
        for row in 0..batch.num_rows() {
            softmax(&mut scores, row);
        }
        Ok(scores)
    }
}

/// Turns the scores of `row` into probabilities.
fn softmax(scores: &mut [Vec<f64>], row: usize) {
    let highest = scores.iter().fold(f64::NEG_INFINITY, |highest, scores| {
        highest.max(scores[row])
    });
    let mut sum = 0.0;
    for scores in scores.iter_mut() {
        scores[row] = exp(scores[row] - highest);
        sum += scores[row];
    }
    scores.iter_mut().for_each(|scores| scores[row] /= sum);
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

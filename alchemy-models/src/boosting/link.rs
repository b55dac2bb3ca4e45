//! What turns scores into predictions.

use rayon::prelude::*;

use super::sampling::by_block;
use crate::math::{exp, logistic};

/// The largest magnitude of an offset that is added to a logarithm.
const LARGEST_LOG_OFFSET: f64 = 300.0;

/// The largest magnitude of an offset in the unit of the target.
const LARGEST_OFFSET: f64 = 1e30;

/// What a score is of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Identity,
    Log,
    /// The prediction is the probability of the higher of two classes.
    Logit,
    /// There is a score for each class, and its prediction is the probability of the class.
    Softmax,
}

impl Link {
    /// The link of so many classes.
    pub(super) fn of_classes(num_classes: usize) -> Self {
        if num_classes == 2 {
            Self::Logit
        } else {
            Self::Softmax
        }
    }

    /// The prediction of a row with this one score.
    pub(super) fn response(self, score: f64) -> f64 {
        match self {
            Self::Identity => score,
            Self::Log => exp(score),
            Self::Logit => logistic(score),
            Self::Softmax => 1.0,
        }
    }

    /// Turns the scores of a row into predictions.
    pub(super) fn respond(self, scores: &mut [f64]) {
        if self == Self::Softmax {
            softmax(scores);
        } else {
            scores
                .iter_mut()
                .for_each(|score| *score = self.response(*score));
        }
    }

    /// Turns the scores of all rows, which are by output, into predictions.
    pub(super) fn respond_to_all(self, scores: &mut [Vec<f64>]) {
        if self == Self::Identity {
            return;
        }
        by_block(scores).into_par_iter().for_each(|mut block| {
            if let [scores] = block.as_mut_slice() {
                return self.respond(scores);
            }
            let mut of_row = vec![0.0; block.len()];
            for row in 0..block[0].len() {
                let outputs = of_row.iter_mut().zip(&block);
                outputs.for_each(|(score, scores)| *score = scores[row]);
                self.respond(&mut of_row);
                let outputs = of_row.iter().zip(&mut block);
                outputs.for_each(|(score, scores)| scores[row] = *score);
            }
        });
    }

    /// The largest magnitude of an offset.
    pub(super) fn largest_offset(self) -> f64 {
        match self {
            Self::Identity => LARGEST_OFFSET,
            Self::Log | Self::Logit | Self::Softmax => LARGEST_LOG_OFFSET,
        }
    }
}

/// Turns the scores of a row into probabilities.
pub(super) fn softmax(scores: &mut [f64]) {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

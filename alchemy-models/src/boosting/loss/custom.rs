//! A loss from outside the crate.

use std::fmt;

use super::{Loss, Rows};
use crate::boosting::custom::CustomObjective;
use crate::tree::gradient::Pair;

pub(crate) struct Custom<'a>(pub(crate) &'a dyn CustomObjective);

impl Loss for Custom<'_> {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        match rows.offsets {
            None => vec![self.0.base_score(rows.targets, rows.weights)],
            Some(_) => vec![0.0],
        }
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        self.0.derivatives(scores[0], targets, pairs[0]);
        // Losses of the crate have no hessian of 0 either. What is negative or no number is left for the check to find.
        let flat = pairs[0].iter_mut().filter(|pair| pair[1] == 0.0);
        flat.for_each(|pair| pair[1] = super::hessian(0.0));
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        self.0.loss(scores[0], target)
    }

    fn is_foreign(&self) -> bool {
        true
    }
}

impl fmt::Debug for Custom<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Custom").finish_non_exhaustive()
    }
}

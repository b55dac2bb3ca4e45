//! A loss from outside the crate.

use std::fmt;

use super::{Loss, Rows};
use crate::boosting::custom::{CustomObjective, by_row};
use crate::tree::gradient::Pair;

pub(crate) struct Custom<'a> {
    pub(crate) objective: &'a dyn CustomObjective,
    pub(crate) num_outputs: usize,
}

impl Loss for Custom<'_> {
    fn base_scores(&self, rows: &Rows<'_>) -> Vec<f64> {
        let mut scores = vec![0.0; self.num_outputs];
        if rows.offsets.is_empty() {
            let Rows {
                targets, weights, ..
            } = *rows;
            self.objective.base_scores(targets, weights, &mut scores);
        }
        scores
    }

    fn derivatives(&self, scores: &[&[f64]], targets: &[f64], pairs: &mut [&mut [Pair]]) {
        if let ([scores], [pairs]) = (scores, &mut *pairs) {
            self.objective.derivatives(scores, targets, pairs);
        } else {
            let mut found = vec![[0.0; 2]; targets.len() * self.num_outputs];
            self.objective
                .derivatives(&by_row(scores), targets, &mut found);
            for (row, found) in found.chunks_exact(self.num_outputs).enumerate() {
                let outputs = pairs.iter_mut().zip(found);
                outputs.for_each(|(pairs, pair)| pairs[row] = *pair);
            }
        }
        // Losses of the crate have no hessian of 0 either. What is negative or no number is left for the check to find.
        let all = pairs.iter_mut().flat_map(|pairs| pairs.iter_mut());
        all.filter(|pair| pair[1] == 0.0)
            .for_each(|pair| pair[1] = super::hessian(0.0));
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        self.objective.loss(scores, target)
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

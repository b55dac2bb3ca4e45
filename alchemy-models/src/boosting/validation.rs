//! How a model does on the validation part, round by round.

use alchemy_core::Result;

use super::judge::Judge;
use super::train::Part;
use crate::predict::add_tree;
use crate::tree::node::Tree;

pub(super) struct Validation<'a> {
    judge: &'a dyn Judge,
    part: &'a Part,
    /// By output.
    scores: Vec<Vec<f64>>,
    history: Vec<f64>,
    /// The place of the first of the best in the history.
    best: usize,
}

impl<'a> Validation<'a> {
    pub(super) fn new(judge: &'a dyn Judge, part: &'a Part, base_scores: &[f64]) -> Self {
        Self {
            judge,
            part,
            scores: part.initial_scores(base_scores),
            history: Vec::new(),
            best: 0,
        }
    }

    /// Adds the trees of one round.
    pub(super) fn add(&mut self, trees: &[Tree]) -> Result<()> {
        for (tree, scores) in trees.iter().zip(&mut self.scores) {
            add_tree(tree, &self.part.matrix, scores);
        }
        let new = self.judge.evaluate(&self.scores, self.part)?;
        if let Some(best) = self.history.get(self.best)
            && self.judge.is_better(new, *best)
        {
            self.best = self.history.len();
        }
        self.history.push(new);
        Ok(())
    }

    pub(super) fn rounds_since_best(&self) -> usize {
        self.history.len().saturating_sub(self.best + 1)
    }

    /// How many rounds there are up to the first of the best, and the metric after every round.
    pub(super) fn finish(self) -> (usize, Vec<f64>) {
        ((self.best + 1).min(self.history.len()), self.history)
    }
}

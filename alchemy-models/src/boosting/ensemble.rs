//! A boosted model without its target: bins, trees and how training went.

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::binning::{BinnedMatrix, Binner, ROWS_PER_TASK};
use crate::importance::Importance;
use crate::table::Table;
use crate::tree::node::Tree;

/// A sum of trees for each output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Ensemble {
    pub(super) binner: Binner,
    pub(super) base_scores: Vec<f64>,
    /// Round by round, one tree per output in each.
    pub(super) trees: Vec<Tree>,
    pub(super) history: Vec<f64>,
}

#[derive(Deserialize)]
struct Stored {
    binner: Binner,
    base_scores: Vec<f64>,
    trees: Vec<Tree>,
    history: Vec<f64>,
}

impl Ensemble {
    pub(crate) fn num_outputs(&self) -> usize {
        self.base_scores.len()
    }

    pub(crate) fn num_rounds(&self) -> usize {
        self.trees.len() / self.num_outputs()
    }

    pub(crate) fn features(&self) -> &[String] {
        self.binner.names()
    }

    pub(crate) fn history(&self) -> &[f64] {
        &self.history
    }

    pub(crate) fn importance(&self) -> Vec<Importance> {
        Importance::of(&self.binner, &self.trees)
    }

    /// Whether every value of every leaf is a number that can be stored and added.
    pub(crate) fn is_finite(&self) -> bool {
        self.trees.iter().all(Tree::is_finite)
    }

    /// The scores of every row, output by output.
    pub(crate) fn scores(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let table = Table::new(std::slice::from_ref(batch));
        let columns = self.binner.columns(table)?;
        let blocks = table
            .pieces(ROWS_PER_TASK)
            .into_par_iter()
            .map(|piece| Ok(self.scores_of(&BinnedMatrix::new(&columns, &[piece])?)));
        let blocks = try_collect(blocks)?;
        let output = |output: usize| {
            blocks
                .iter()
                .flat_map(|block| &block[output])
                .copied()
                .collect()
        };
        Ok((0..self.num_outputs()).map(output).collect())
    }

    fn scores_of(&self, matrix: &BinnedMatrix) -> Vec<Vec<f64>> {
        let mut scores: Vec<Vec<f64>> = self
            .base_scores
            .iter()
            .map(|base| vec![*base; matrix.num_rows()])
            .collect();
        for round in self.trees.chunks_exact(self.num_outputs()) {
            for (tree, scores) in round.iter().zip(&mut scores) {
                tree.for_each_row(matrix, |row, values| scores[row] += values[0]);
            }
        }
        scores
    }
}

impl TryFrom<Stored> for Ensemble {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            binner,
            base_scores,
            trees,
            history,
        } = stored;
        if base_scores.is_empty() || base_scores.iter().any(|score| !score.is_finite()) {
            return Err("base scores are missing or not finite");
        }
        if !trees.len().is_multiple_of(base_scores.len()) {
            return Err("a round has too few trees");
        }
        let columns = binner.num_columns();
        if !trees.iter().all(|tree| tree.fits(columns, 1)) {
            return Err("a tree reads a column that is not there");
        }
        Ok(Self {
            binner,
            base_scores,
            trees,
            history,
        })
    }
}

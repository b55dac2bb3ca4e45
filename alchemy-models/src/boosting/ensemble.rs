//! A boosted model without its target: bins, trees and how training went.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::binning::{BinnedMatrix, Binner, FeatureBins, ROWS_PER_TASK};
use crate::explain::{Combine, Trees};
use crate::importance::Importance;
use crate::predict::{Engine, RowScratch, add_row};
use crate::table::{Column, Piece, Table};
use crate::tree::node::Tree;

/// A sum of trees for each output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Ensemble {
    binner: Binner,
    base_scores: Vec<f64>,
    /// Round by round, one tree per output in each.
    trees: Vec<Tree>,
    /// The metric on the validation part and on the training data.
    histories: [Vec<f64>; 2],
    /// `None` if a tree is too large for it.
    #[serde(skip)]
    engine: Option<Engine>,
}

#[derive(Deserialize)]
struct Stored {
    binner: Binner,
    base_scores: Vec<f64>,
    trees: Vec<Tree>,
    /// The metric on the validation part and on the training data.
    histories: [Vec<f64>; 2],
}

impl Ensemble {
    /// `trees` are round by round, one per base score in each.
    pub(super) fn new(
        binner: Binner,
        base_scores: Vec<f64>,
        trees: Vec<Tree>,
        histories: [Vec<f64>; 2],
    ) -> Self {
        let engine = Engine::new(&trees, base_scores.len());
        Self {
            binner,
            base_scores,
            trees,
            histories,
            engine,
        }
    }

    pub(super) fn binner(&self) -> &Binner {
        &self.binner
    }

    pub(super) fn base_scores(&self) -> &[f64] {
        &self.base_scores
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

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
        &self.histories[0]
    }

    pub(crate) fn train_history(&self) -> &[f64] {
        &self.histories[1]
    }

    pub(crate) fn importance(&self) -> Vec<Importance> {
        Importance::of(&self.binner, &self.trees)
    }

    /// The ensemble of the first `rounds` rounds.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if there are fewer.
    pub(crate) fn first_rounds(&self, rounds: usize) -> Result<Self> {
        if rounds > self.num_rounds() {
            let message = format!("is {rounds}, and the model holds {}", self.num_rounds());
            return Err(Error::parameter("rounds", message));
        }
        Ok(Self::new(
            self.binner.clone(),
            self.base_scores.clone(),
            self.trees[..rounds * self.num_outputs()].to_vec(),
            self.histories.clone(),
        ))
    }

    /// The trees; `names` are those of the outputs.
    pub(crate) fn view(&self, names: Vec<String>) -> Trees<'_> {
        Trees {
            binner: &self.binner,
            trees: &self.trees,
            combine: Combine::Sum(&self.base_scores),
            names,
        }
    }

    /// Whether every value of every leaf is a number that can be added to others.
    pub(crate) fn is_bounded(&self) -> bool {
        self.trees.iter().all(Tree::is_bounded)
    }

    /// The scores of every row, output by output.
    pub(crate) fn scores(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let table = Table::new(std::slice::from_ref(batch));
        let columns = self.binner.columns(table)?;
        let pieces = table.pieces(ROWS_PER_TASK);
        if let [piece] = pieces.as_slice() {
            return self.scores_of(&columns, *piece);
        }
        let blocks = pieces
            .into_par_iter()
            .map(|piece| self.scores_of(&columns, piece));
        let blocks = try_collect(blocks)?;
        let output = |output: usize| {
            let mut scores = Vec::with_capacity(batch.num_rows());
            blocks
                .iter()
                .for_each(|block| scores.extend_from_slice(&block[output]));
            scores
        };
        Ok((0..self.num_outputs()).map(output).collect())
    }

    fn scores_of(&self, columns: &[(&FeatureBins, Column)], piece: Piece) -> Result<Vec<Vec<f64>>> {
        let base = |base: &f64| vec![*base; piece.len];
        let mut scores: Vec<Vec<f64>> = self.base_scores.iter().map(base).collect();
        match &self.engine {
            Some(engine) if piece.len >= engine.rows_for_blocks() => {
                engine.add_rows(columns, piece, &mut scores)?;
            }
            Some(_) => {
                let matrix = BinnedMatrix::new(columns, &[piece])?;
                let mut scratch = RowScratch::new();
                for row in 0..piece.len {
                    scratch.bins.clear();
                    let bins =
                        (0..matrix.num_columns().max(1)).map(|column| matrix.bin(row, column));
                    scratch.bins.extend(bins);
                    self.add_trees(&mut scratch);
                    for (scores, score) in scores.iter_mut().zip(&scratch.outputs) {
                        scores[row] = *score;
                    }
                }
            }
            None => {
                let matrix = BinnedMatrix::new(columns, &[piece])?;
                for round in self.trees.chunks_exact(self.num_outputs()) {
                    for (tree, scores) in round.iter().zip(&mut scores) {
                        tree.for_each_row(&matrix, |row, values| scores[row] += values[0]);
                    }
                }
            }
        }
        Ok(scores)
    }

    /// Leaves the scores of `row`, which has a number for each feature, in the outputs of `scratch`.
    ///
    /// # Errors
    ///
    /// As [`Binner::bin_row`].
    pub(crate) fn scores_of_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<()> {
        self.binner.bin_row(row, &mut scratch.bins)?;
        self.add_trees(scratch);
        Ok(())
    }

    fn add_trees(&self, scratch: &mut RowScratch) {
        scratch.outputs.clear();
        scratch.outputs.extend_from_slice(&self.base_scores);
        add_row(self.engine.as_ref(), &self.trees, scratch);
    }

    /// The rank of `text` among the levels of `feature`.
    ///
    /// # Errors
    ///
    /// As [`Binner::rank`].
    pub(crate) fn rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
        self.binner.rank(feature, text)
    }
}

impl TryFrom<Stored> for Ensemble {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            binner,
            base_scores,
            trees,
            histories,
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
        Ok(Self::new(binner, base_scores, trees, histories))
    }
}

/// Methods of the fitted model of `$spec`, whose field `ensemble` is an [`Ensemble`]: one list, since inherent methods cannot be
/// shared by two types otherwise.
macro_rules! ensemble_methods {
    ($spec:ident) => {
        /// The model of the first `rounds` rounds, whose predictions are those of a fit that ended there.
        ///
        /// # Errors
        ///
        /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if the model holds fewer rounds.
        #[doc(alias = "ntree_limit")]
        #[doc(alias = "iteration_range")]
        pub fn first_rounds(&self, rounds: usize) -> Result<Self> {
            let mut first = self.clone();
            first.ensemble = self.ensemble.first_rounds(rounds)?;
            Ok(first)
        }

        /// How many rounds the model holds: with a validation part those up to the best one, else all.
        #[must_use]
        pub fn num_rounds(&self) -> usize {
            self.ensemble.num_rounds()
        }

        /// The metric on the validation part after each round that was run, those of a
        /// [previous model](crate::FitOptions::with_previous) included; empty without such a part. The model holds the rounds up
        /// to the best of them, which is the last one that counts in [`num_rounds`](Self::num_rounds).
        #[must_use]
        pub fn history(&self) -> &[f64] {
            self.ensemble.history()
        }

        /// The metric on the training data after each round that was run, if it was
        #[doc = concat!("[asked for](crate::", stringify!($spec), "::with_train_history).")]
        #[must_use]
        pub fn train_history(&self) -> &[f64] {
            self.ensemble.train_history()
        }

        /// How much each feature took part in the splits, in the order of the features.
        #[must_use]
        pub fn importance(&self) -> Vec<crate::Importance> {
            self.ensemble.importance()
        }

        /// The number that stands for `text` in a row of numbers: its rank among the sorted texts of the training data; `None`,
        /// which counts as missing, for one that is not among them or if `feature` is no text.
        ///
        /// # Errors
        ///
        /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) if there is no such feature.
        pub fn text_rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
            self.ensemble.rank(feature, text)
        }
    };
}
pub(super) use ensemble_methods;

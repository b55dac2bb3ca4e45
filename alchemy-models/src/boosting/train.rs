//! The rounds of boosting.

use alchemy_core::parallel::try_collect;
use alchemy_core::random::Stream;
use alchemy_core::{Context, Error, Result};
use rayon::prelude::*;

use super::check::check_derivatives;
use super::constraints::column_rules;
use super::ensemble::Ensemble;
use super::goss::Goss;
use super::judge::Judge;
use super::loss::{Loss, Rows};
use super::params::Params;
use super::refit::refit;
use super::sampling::{Drawn, GOSS_KEY, by_block, draw_columns};
use super::validation::Validation;
use crate::binning::{BinnedMatrix, Binner, RowTiles};
use crate::dataset::used_rows;
use crate::math::narrow;
use crate::predict::add_tree;
use crate::tree::gradient::{BLOCK, Moments, Packed, Pair, Rounded, Scale, Spread, Wide};
use crate::tree::grow::{Grower, Grown};
use crate::tree::growth::{ColumnDraws, ColumnRules};
use crate::tree::histogram::Pool;
use crate::tree::node::Tree;
use crate::tree::rules::Rules;

/// Binned rows with their target, which for classes is the code, and their weights.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) matrix: BinnedMatrix,
    pub(super) targets: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    /// By output; empty without offsets.
    pub(super) offsets: Vec<Vec<f64>>,
}

impl Part {
    fn rows(&self) -> Rows<'_> {
        Rows {
            targets: &self.targets,
            weights: self.weights.as_deref(),
            offsets: &self.offsets,
        }
    }

    /// The score of every row before the first tree, by output.
    pub(super) fn initial_scores(&self, base_scores: &[f64]) -> Vec<Vec<f64>> {
        let of_output = |(output, base): (usize, &f64)| match self.offsets.get(output) {
            None => vec![*base; self.targets.len()],
            Some(offsets) => offsets.iter().map(|offset| base + offset).collect(),
        };
        base_scores.iter().enumerate().map(of_output).collect()
    }
}

/// What training is asked for.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) params: &'a Params,
    pub(super) loss: &'a dyn Loss,
    pub(super) judge: &'a dyn Judge,
    pub(super) part: &'a Part,
    pub(super) valid: Option<&'a Part>,
    /// The model whose rounds come first, learned with the bins of the parts.
    pub(super) previous: Option<&'a Ensemble>,
    pub(super) context: &'a Context,
}

impl Job<'_> {
    /// Runs all rounds, or as many as early stopping allows, and keeps those up to the best one on the validation part.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`], those of [`column_rules`], and those of foreign objectives and metrics.
    pub(super) fn run(self, binner: Binner) -> Result<Ensemble> {
        let Self {
            params, context, ..
        } = self;
        let base_scores = self.base_scores()?;
        let outputs = base_scores.len();
        let mut trees = self
            .previous
            .map_or_else(Vec::new, |previous| previous.trees().to_vec());
        let mut training = Training::new(self, self.columns(&binner)?, &base_scores);
        let mut validation = self
            .valid
            .map(|part| Validation::new(self.judge, part, &base_scores));
        let mut train_history = Vec::new();
        for round in trees.chunks_exact(outputs) {
            training.add_unseen(round);
            training.judge(self.judge, &mut train_history)?;
            if let Some(validation) = &mut validation {
                validation.add(round)?;
            }
        }
        let first = (trees.len() / outputs) as u64;
        let total = params.num_rounds as u64;
        for round in 0..total {
            let patience = params.early_stopping_rounds.unwrap_or(usize::MAX);
            if (validation.as_ref())
                .is_some_and(|validation| validation.rounds_since_best() >= patience)
            {
                break;
            }
            context.report("boosting", round, total)?;
            let new_trees = training.round(first + round)?;
            training.judge(self.judge, &mut train_history)?;
            if let Some(validation) = &mut validation {
                validation.add(&new_trees)?;
            }
            trees.extend(new_trees);
        }
        context.report("boosting", total, total)?;
        let history = validation.map_or_else(Vec::new, |validation| {
            let (best_rounds, history) = validation.finish();
            trees.truncate(best_rounds * outputs);
            history
        });
        let histories = [history, train_history];
        Ok(Ensemble::new(binner, base_scores, trees, histories))
    }

    /// # Errors
    ///
    /// Those of [`column_rules`]; [`Error::InvalidParameter`] for a direction where leaves take quantiles of errors, which no
    /// bounds hold in order.
    fn columns(&self, binner: &Binner) -> Result<ColumnRules> {
        if self.loss.leaf_quantile().is_some() && !self.params.monotone.is_empty() {
            let message = "needs an objective whose leaves follow from gradients";
            return Err(Error::parameter("monotone", message));
        }
        column_rules(self.params, binner)
    }

    fn base_scores(&self) -> Result<Vec<f64>> {
        if let Some(previous) = self.previous {
            return Ok(previous.base_scores().to_vec());
        }
        let scores = self.loss.base_scores(&self.part.rows());
        match scores.iter().find(|score| !score.is_finite()) {
            None => Ok(scores),
            Some(score) => {
                let message = format!("has a base score of {score}");
                Err(Error::parameter("objective", message))
            }
        }
    }
}

/// The state between rounds.
struct Training<'a> {
    params: &'a Params,
    rules: Rules,
    loss: &'a dyn Loss,
    part: &'a Part,
    columns: ColumnRules,
    tiles: RowTiles,
    /// Rows of weight above zero.
    rows: Vec<u32>,
    drawn: Drawn,
    /// The rows of a tree and a copy to part them with.
    tree_rows: [Vec<u32>; 2],
    /// By output.
    scores: Vec<Vec<f64>>,
    /// By output.
    pairs: Vec<Vec<Pair>>,
    rounded: Option<Rounded>,
    packed: Pool<Packed>,
    wide: Pool<Wide>,
}

impl<'a> Training<'a> {
    fn new(job: Job<'a>, columns: ColumnRules, base_scores: &[f64]) -> Self {
        let Job {
            params, loss, part, ..
        } = job;
        let num_rows = part.targets.len();
        Self {
            params,
            rules: params.rules(),
            loss,
            part,
            columns,
            tiles: RowTiles::new(&part.matrix),
            rows: used_rows(num_rows, part.weights.as_deref()),
            drawn: Drawn::default(),
            tree_rows: [Vec::new(), Vec::new()],
            scores: part.initial_scores(base_scores),
            pairs: vec![vec![[0.0; 2]; num_rows]; base_scores.len()],
            rounded: None,
            packed: Pool::default(),
            wide: Pool::default(),
        }
    }

    /// One tree per output, added to the scores.
    fn round(&mut self, round: u64) -> Result<Vec<Tree>> {
        let mut spreads = self.derive(round)?;
        let Params {
            subsample,
            seed,
            learning_rate,
            goss,
            ..
        } = *self.params;
        if let Some(goss) = goss.filter(|_| Goss::draws_in(round, learning_rate)) {
            let key = Stream::new(seed, &[GOSS_KEY, round]).next_u64();
            goss.draw(&mut self.pairs, self.rows.len(), key, &mut self.drawn);
            spreads = self.pairs.iter().map(|pairs| spread(pairs)).collect();
        } else if subsample < 1.0 {
            self.drawn.draw(&self.rows, subsample, seed, round);
        } else {
            self.drawn.take(&self.rows);
        }
        let outputs = self.pairs.len();
        Ok((0..outputs)
            .map(|output| {
                let tree = round * outputs as u64 + output as u64;
                let [mut rows, mut spare] = std::mem::take(&mut self.tree_rows);
                rows.resize(self.drawn.len(), 0);
                spare.resize(self.drawn.len(), 0);
                self.drawn.copy_to(&mut rows);
                let mut grown = self.grow(output, &spreads[output], tree, &mut rows, &mut spare);
                if let Some(q) = self.loss.leaf_quantile() {
                    let errors = (self.part, self.scores[output].as_slice());
                    refit(&mut grown, &rows, q, errors, self.params.learning_rate);
                }
                self.tree_rows = [rows, spare];
                add_tree(&grown.tree, &self.part.matrix, &mut self.scores[output]);
                grown.tree
            })
            .collect())
    }

    /// Adds the metric of the training data to `history`, if it is asked for.
    fn judge(&self, judge: &dyn Judge, history: &mut Vec<f64>) -> Result<()> {
        if self.params.train_history {
            history.push(judge.evaluate(&self.scores, self.part)?);
        }
        Ok(())
    }

    /// Adds the trees of a round that was run before, output by output.
    fn add_unseen(&mut self, trees: &[Tree]) {
        for (tree, scores) in trees.iter().zip(&mut self.scores) {
            add_tree(tree, &self.part.matrix, scores);
        }
    }

    /// Derivatives of all rows and, for each output, their spread.
    ///
    /// # Errors
    ///
    /// Those of [`check_derivatives`].
    fn derive(&mut self, round: u64) -> Result<Vec<Spread>> {
        let Self {
            loss,
            part,
            scores,
            pairs,
            ..
        } = self;
        let outputs = pairs.len();
        let spreads = (by_block(pairs).into_par_iter().enumerate()).map(
            |(block, mut pairs)| -> Result<Vec<Spread>> {
                let rows = block * BLOCK..part.targets.len().min((block + 1) * BLOCK);
                let scores: Vec<&[f64]> =
                    scores.iter().map(|scores| &scores[rows.clone()]).collect();
                loss.derivatives(&scores, &part.targets[rows.clone()], &mut pairs);
                if loss.is_foreign() {
                    for pairs in &pairs {
                        check_derivatives(pairs, rows.start, round)?;
                    }
                }
                if let Some(weights) = &part.weights {
                    pairs
                        .iter_mut()
                        .for_each(|pairs| weigh(pairs, &weights[rows.clone()]));
                }
                Ok(pairs.iter().map(|pairs| Spread::of(pairs)).collect())
            },
        );
        let spreads = try_collect(spreads)?;
        Ok((0..outputs)
            .map(|output| {
                spreads
                    .iter()
                    .fold(Spread::EMPTY, |spread, block| spread.then(block[output]))
            })
            .collect())
    }

    fn grow(
        &mut self,
        output: usize,
        spread: &Spread,
        tree: u64,
        rows: &mut [u32],
        spare: &mut [u32],
    ) -> Grown {
        let rounded = Rounded::new(&self.pairs[output], spread, self.rounded.take());
        let matrix = &self.part.matrix;
        let allowed = draw_columns(
            matrix.num_columns(),
            self.params.colsample,
            self.params.seed,
            tree,
        );
        let draws = self.params.column_draws(tree);
        let grown = match &rounded {
            Rounded::Packed(cells, scale) => self
                .grower(cells, *scale, &allowed, draws, &self.packed)
                .grow(rows, spare, self.params.learning_rate),
            Rounded::Wide(cells, scale) => self
                .grower(cells, *scale, &allowed, draws, &self.wide)
                .grow(rows, spare, self.params.learning_rate),
        };
        self.rounded = Some(rounded);
        grown
    }

    fn grower<'g, C: Moments>(
        &'g self,
        gradients: &'g [C],
        scale: Scale,
        allowed: &'g [bool],
        draws: ColumnDraws,
        pool: &'g Pool<C>,
    ) -> Grower<'g, C> {
        Grower {
            matrix: &self.part.matrix,
            tiles: &self.tiles,
            gradients,
            scale,
            rules: &self.rules,
            allowed,
            columns: &self.columns,
            draws,
            pool,
        }
    }
}

/// The spread of all `pairs`.
fn spread(pairs: &[Pair]) -> Spread {
    let blocks: Vec<Spread> = pairs.par_chunks(BLOCK).map(Spread::of).collect();
    blocks.into_iter().fold(Spread::EMPTY, Spread::then)
}

/// Multiplies derivatives by the weights of their rows.
fn weigh(pairs: &mut [Pair], weights: &[f64]) {
    for (pair, weight) in pairs.iter_mut().zip(weights) {
        *pair = pair.map(|derivative| narrow(f64::from(derivative) * weight));
    }
}

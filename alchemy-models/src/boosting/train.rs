//! The rounds of boosting.

use alchemy_core::{Context, Result};
use rayon::prelude::*;

use super::ensemble::Ensemble;
use super::loss::Loss;
use super::params::Params;
use super::sampling::{draw_columns, draw_rows};
use crate::binning::{BinnedMatrix, Binner, RowTiles};
use crate::dataset::used_rows;
use crate::math::narrow;
use crate::sum::mean;
use crate::tree::gradient::{BLOCK, Moments, Packed, Pair, Rounded, Scale, Spread, Wide};
use crate::tree::grow::{Grower, Grown};
use crate::tree::histogram::Pool;
use crate::tree::node::Tree;
use crate::tree::rules::Rules;

/// Rows that one task walks down a tree.
const ROWS_PER_WALK: usize = 4096;

/// Binned rows with their target, which for classes is the code, and their weights.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) matrix: BinnedMatrix,
    pub(super) targets: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
}

/// Runs all rounds, or as many as early stopping allows, and keeps those up to the best one on `valid`.
///
/// # Errors
///
/// [`alchemy_core::Error::Cancelled`].
pub(super) fn train(
    params: &Params,
    loss: &dyn Loss,
    binner: Binner,
    part: &Part,
    valid: Option<&Part>,
    context: &Context,
) -> Result<Ensemble> {
    let base_scores = loss.base_scores(&part.targets, part.weights.as_deref());
    let categorical = binner.categorical_columns();
    let mut training = Training::new(params, loss, part, categorical, &base_scores);
    let mut validation = valid.map(|part| Validation::new(loss, part, &base_scores));
    let mut trees = Vec::new();
    for round in 0..params.num_rounds {
        context.report("boosting", round as u64, params.num_rounds as u64)?;
        let new_trees = training.round(round as u64);
        let mut stop = false;
        if let Some(validation) = &mut validation {
            validation.add(&new_trees);
            stop = params
                .early_stopping_rounds
                .is_some_and(|patience| validation.rounds_since_best() >= patience);
        }
        trees.extend(new_trees);
        if stop {
            break;
        }
    }
    context.report(
        "boosting",
        params.num_rounds as u64,
        params.num_rounds as u64,
    )?;
    let history = validation.map_or_else(Vec::new, |validation| {
        trees.truncate(validation.best_rounds() * base_scores.len());
        validation.history
    });
    Ok(Ensemble::new(binner, base_scores, trees, history))
}

/// The state between rounds.
struct Training<'a> {
    params: &'a Params,
    rules: Rules,
    loss: &'a dyn Loss,
    part: &'a Part,
    /// Whether each column holds categories.
    categorical: Vec<bool>,
    tiles: RowTiles,
    /// Rows of weight above zero.
    rows: Vec<u32>,
    /// By output.
    scores: Vec<Vec<f64>>,
    /// By output.
    pairs: Vec<Vec<Pair>>,
    rounded: Option<Rounded>,
    packed: Pool<Packed>,
    wide: Pool<Wide>,
}

impl<'a> Training<'a> {
    fn new(
        params: &'a Params,
        loss: &'a dyn Loss,
        part: &'a Part,
        categorical: Vec<bool>,
        base_scores: &[f64],
    ) -> Self {
        let num_rows = part.targets.len();
        Self {
            params,
            rules: params.rules(),
            loss,
            part,
            categorical,
            tiles: RowTiles::new(&part.matrix),
            rows: used_rows(num_rows, part.weights.as_deref()),
            scores: base_scores
                .iter()
                .map(|base| vec![*base; num_rows])
                .collect(),
            pairs: vec![vec![[0.0; 2]; num_rows]; base_scores.len()],
            rounded: None,
            packed: Pool::default(),
            wide: Pool::default(),
        }
    }

    /// One tree per output, added to the scores.
    fn round(&mut self, round: u64) -> Vec<Tree> {
        let spreads = self.derive();
        let [drawn, others] = if self.params.subsample < 1.0 {
            draw_rows(&self.rows, self.params.subsample, self.params.seed, round)
        } else {
            [self.rows.clone(), Vec::new()]
        };
        let mut spare = vec![0; drawn.len()];
        let outputs = self.pairs.len();
        (0..outputs)
            .map(|output| {
                let tree = round * outputs as u64 + output as u64;
                let mut rows = drawn.clone();
                let grown = self.grow(output, &spreads[output], tree, &mut rows, &mut spare);
                self.add(output, &grown, &rows, &others);
                grown.tree
            })
            .collect()
    }

    /// Derivatives of all rows and, for each output, their spread.
    fn derive(&mut self) -> Vec<Spread> {
        let Self {
            loss,
            part,
            scores,
            pairs,
            ..
        } = self;
        let outputs = pairs.len();
        let num_blocks = part.targets.len().div_ceil(BLOCK);
        let mut blocks: Vec<Vec<&mut [Pair]>> = (0..num_blocks)
            .map(|_| Vec::with_capacity(outputs))
            .collect();
        for pairs in pairs {
            blocks
                .iter_mut()
                .zip(pairs.chunks_mut(BLOCK))
                .for_each(|(block, pairs)| block.push(pairs));
        }
        let spreads: Vec<Vec<Spread>> = (blocks.into_par_iter().enumerate())
            .map(|(block, mut pairs)| {
                let rows = block * BLOCK..part.targets.len().min((block + 1) * BLOCK);
                let scores: Vec<&[f64]> =
                    scores.iter().map(|scores| &scores[rows.clone()]).collect();
                loss.derivatives(&scores, &part.targets[rows.clone()], &mut pairs);
                if let Some(weights) = &part.weights {
                    pairs
                        .iter_mut()
                        .for_each(|pairs| weigh(pairs, &weights[rows.clone()]));
                }
                pairs.iter().map(|pairs| Spread::of(pairs)).collect()
            })
            .collect();
        (0..outputs)
            .map(|output| {
                spreads
                    .iter()
                    .fold(Spread::EMPTY, |spread, block| spread.then(block[output]))
            })
            .collect()
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
        let grown =
            match &rounded {
                Rounded::Packed(cells, scale) => self
                    .grower(cells, *scale, &allowed, &self.packed)
                    .grow(rows, spare, self.params.learning_rate),
                Rounded::Wide(cells, scale) => self
                    .grower(cells, *scale, &allowed, &self.wide)
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
        pool: &'g Pool<C>,
    ) -> Grower<'g, C> {
        Grower {
            matrix: &self.part.matrix,
            tiles: &self.tiles,
            gradients,
            scale,
            rules: &self.rules,
            allowed,
            categorical: &self.categorical,
            pool,
        }
    }

    /// Adds a tree to the scores of the `rows` it was grown on, whose leaves are known, and of `others`, which walk it.
    fn add(&mut self, output: usize, grown: &Grown, rows: &[u32], others: &[u32]) {
        let scores = &mut self.scores[output];
        for (leaf, value) in &grown.leaves {
            rows[leaf.clone()]
                .iter()
                .for_each(|row| scores[*row as usize] += value);
        }
        let matrix = &self.part.matrix;
        let walk = |row: &u32| grown.tree.values(grown.tree.leaf(matrix, *row as usize))[0];
        let values: Vec<f64> = others
            .par_iter()
            .with_min_len(ROWS_PER_WALK)
            .map(walk)
            .collect();
        others
            .iter()
            .zip(values)
            .for_each(|(row, value)| scores[*row as usize] += value);
    }
}

/// Multiplies derivatives by the weights of their rows.
fn weigh(pairs: &mut [Pair], weights: &[f64]) {
    for (pair, weight) in pairs.iter_mut().zip(weights) {
        *pair = pair.map(|derivative| narrow(f64::from(derivative) * weight));
    }
}

/// How the model does on the validation part, round by round.
struct Validation<'a> {
    loss: &'a dyn Loss,
    part: &'a Part,
    /// By output.
    scores: Vec<Vec<f64>>,
    history: Vec<f64>,
}

impl<'a> Validation<'a> {
    fn new(loss: &'a dyn Loss, part: &'a Part, base_scores: &[f64]) -> Self {
        let scores = base_scores
            .iter()
            .map(|base| vec![*base; part.targets.len()])
            .collect();
        Self {
            loss,
            part,
            scores,
            history: Vec::new(),
        }
    }

    fn add(&mut self, trees: &[Tree]) {
        for (tree, scores) in trees.iter().zip(&mut self.scores) {
            tree.for_each_row(&self.part.matrix, |row, values| scores[row] += values[0]);
        }
        let loss = |row: usize| {
            let scores: Vec<f64> = self.scores.iter().map(|scores| scores[row]).collect();
            self.loss.loss(&scores, self.part.targets[row])
        };
        let mean = mean(self.part.targets.len(), self.part.weights.as_deref(), loss);
        self.history.push(self.loss.report(mean));
    }

    /// Rounds up to the first of the lowest losses.
    fn best_rounds(&self) -> usize {
        let best = self
            .history
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(0, |(round, _)| round + 1)
    }

    fn rounds_since_best(&self) -> usize {
        self.history.len() - self.best_rounds()
    }
}

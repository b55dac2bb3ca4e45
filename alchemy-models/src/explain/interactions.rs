//! SHAP interaction values of a model.

#![expect(
    clippy::needless_range_loop,
    reason = "a loop over places or lanes indexes several arrays alike, and so becomes vector code"
)]

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;

use super::kernel::{LANES, Lanes, sides};
use super::layout::{Event, Layout, Weights};
use super::quadrature::{Place, Quadrature};
use super::shap::{bases, side_by_side};
use super::trees::Trees;
use crate::binning::{BinnedMatrix, FeatureBins};
use crate::table::{Column, Piece, Table};
use crate::tree::node::Tree;

/// Rows of one task: each row has as many numbers as there are pairs of columns.
const ROWS_PER_TASK: usize = 64;

/// Places of the integral that one pass takes.
const PLACES: usize = 4;

/// How much features moved each prediction alone and in pairs: SHAP interaction values.
///
/// The value of a pair of different features is half of what both together do beyond what each does alone, so the two halves,
/// (a, b) and (b, a), are equal; the value of a feature with itself is what is left of its [SHAP value](crate::ShapValues).
/// So the values of a feature with all features add up to its SHAP value, and with the base value to the prediction. Missing
/// cells, scales and outputs are those of [`ShapValues`](crate::ShapValues).
///
/// Memory is a number per row and pair of features. The cost is that of SHAP values times the number of different features on
/// a path.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::Fit;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_models::GradientBoostingRegressor;
///
/// let a = Float64Array::from_iter_values((0..400).map(|i| f64::from(i % 20)));
/// let b = Float64Array::from_iter_values((0..400).map(|i| f64::from(i / 20)));
/// let y = Float64Array::from_iter_values((0..400).map(|i| f64::from((i % 20) * (i / 20))));
/// let columns = [("a", a), ("b", b), ("y", y)];
/// let batch = RecordBatch::try_from_iter(columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef)))?;
///
/// let model = GradientBoostingRegressor::new().with_target("y").fit(&batch)?;
/// let pairs = model.shap_interactions(&batch)?;
/// let together = pairs.values(0, 0, 1).unwrap();
/// assert!(together[0] > 10.0 && together[19] < -10.0);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", *Nature Machine
///   Intelligence* 2, 2020, <https://doi.org/10.1038/s42256-019-0138-9>.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapInteractions {
    features: Vec<String>,
    outputs: Vec<String>,
    bases: Vec<f64>,
    /// Output by output, pair by pair: (0, 0), (0, 1), (1, 1), (0, 2) and so on.
    values: Vec<Vec<f64>>,
    num_rows: usize,
}

impl ShapInteractions {
    /// The features, in the order of the model.
    #[must_use]
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// What each output is: the name of a class, or `prediction`.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// How many rows were explained.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// What the model says of `output` when no feature is known; `None` if there is no such output.
    #[must_use]
    pub fn base(&self, output: usize) -> Option<f64> {
        self.bases.get(output).copied()
    }

    /// The values of a pair of features, or of a feature with itself, one per row; `None` if there is no such output or feature.
    #[must_use]
    pub fn values(&self, output: usize, a: usize, b: usize) -> Option<&[f64]> {
        let features = self.features.len();
        if output >= self.outputs.len() || a.max(b) >= features {
            return None;
        }
        let place = output * pairs(features) + pair(a, b);
        self.values.get(place).map(Vec::as_slice)
    }
}

/// The number of pairs of so many columns, each with itself included.
fn pairs(columns: usize) -> usize {
    columns * (columns + 1) / 2
}

/// The place of a pair, in whichever order.
fn pair(a: usize, b: usize) -> usize {
    let (low, high) = (a.min(b), a.max(b));
    pairs(high) + low
}

/// The SHAP interaction values of the rows of `batch`.
///
/// # Errors
///
/// As [`crate::binning::Binner::columns`] and [`BinnedMatrix::new`].
pub(crate) fn interactions(trees: &Trees<'_>, batch: &RecordBatch) -> Result<ShapInteractions> {
    let columns = trees.columns(batch)?;
    let pieces = Table::new(std::slice::from_ref(batch)).pieces(ROWS_PER_TASK);
    let blocks = pieces
        .par_iter()
        .map(|piece| block(trees, &columns, *piece));
    let blocks = try_collect(blocks)?;
    let features = trees.binner.names();
    let num_rows = batch.num_rows();
    let mut values = vec![vec![0.0; num_rows]; pairs(features.len()) * trees.num_outputs()];
    let places = trees.binner.places();
    let num_pairs = pairs(columns.len());
    let filled = values
        .par_chunks_mut(pairs(features.len()).max(1))
        .enumerate();
    filled.for_each(|(output, values)| {
        for high in 0..columns.len() {
            for low in 0..=high {
                let blocks = blocks.iter().map(|block| &block[output]);
                let vectors =
                    blocks.flat_map(|block| block.iter().skip(pair(low, high)).step_by(num_pairs));
                let values = &mut values[pair(places[low], places[high])];
                // Only the last block has rows to spare.
                let found = values.iter_mut().zip(vectors.flatten());
                found.for_each(|(value, found)| *value = *found);
            }
        }
    });
    Ok(ShapInteractions {
        features: features.to_vec(),
        outputs: trees.names.clone(),
        bases: bases(trees),
        values,
        num_rows,
    })
}

/// For each output the values of the rows of `piece`, group by group of rows, pair by pair.
fn block(
    trees: &Trees<'_>,
    columns: &[(&FeatureBins, Column)],
    piece: Piece,
) -> Result<Vec<Vec<Lanes>>> {
    let matrix = BinnedMatrix::new(columns, &[piece])?;
    let bins = side_by_side(&matrix);
    let groups = matrix.num_rows().div_ceil(LANES);
    let num_pairs = pairs(columns.len());
    let mut found = vec![vec![[0.0; LANES]; groups * num_pairs]; trees.num_outputs()];
    let mut layout = Layout::default();
    for (index, tree) in trees.trees.iter().enumerate() {
        layout.lay_out(tree, columns.len());
        if layout.forks.is_empty() {
            continue;
        }
        let others = others(&layout);
        let quadrature = Quadrature::for_products_of(layout.most_columns);
        for (output, value) in trees.outputs_of(index) {
            for places in quadrature.places.chunks(PLACES) {
                let mut pass = Pass::new(tree, &layout, &others, value, places);
                let groups = bins.chunks_exact(columns.len());
                for (bins, found) in groups.zip(found[output].chunks_exact_mut(num_pairs)) {
                    pass.add(bins, found);
                }
            }
        }
    }
    let divisor = trees.divisor();
    for found in found
        .iter_mut()
        .flat_map(|found| found.chunks_exact_mut(num_pairs.max(1)))
    {
        found
            .iter_mut()
            .flatten()
            .for_each(|value| *value /= divisor);
        leave_to_own(columns.len(), found);
    }
    Ok(found)
}

/// Takes from each feature's SHAP value, which stands where its value with itself belongs, what it shares with others.
fn leave_to_own(num_columns: usize, found: &mut [Lanes]) {
    for own in 0..num_columns {
        for other in (0..num_columns).filter(|other| *other != own) {
            let shared = found[pair(own, other)];
            let rest = found[pair(own, own)].iter_mut();
            rest.zip(shared).for_each(|(rest, shared)| *rest -= shared);
        }
    }
}

/// For each node the depths above where other columns than its own are tested last.
fn others(layout: &Layout) -> Vec<Vec<usize>> {
    let mut path: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = Vec::new();
    let forks = layout.forks.iter().map(|fork| {
        path.truncate(fork.depth);
        let mut seen = vec![fork.column];
        last.clear();
        for (depth, column) in path.iter().enumerate().rev() {
            if !seen.contains(column) {
                seen.push(*column);
                last.push(depth);
            }
        }
        path.push(fork.column);
        last.clone()
    });
    forks.collect()
}

/// What is known at the open node of some depth; see [`super::kernel`].
#[derive(Debug, Clone, Copy)]
struct Level {
    column: usize,
    products: [Lanes; PLACES],
    sums: [Lanes; PLACES],
    passes: Lanes,
    /// (o - z) / (o t + z (1 - t)) of the side that is being done: what takes a column's factor out of a product and puts in
    /// what the column does.
    effects: [Lanes; PLACES],
}

/// A pass down and up a tree at some places.
struct Pass<'a> {
    layout: &'a Layout,
    others: &'a [Vec<usize>],
    places: [Place; PLACES],
    weights: Vec<Weights<PLACES>>,
    levels: Vec<Level>,
}

/// A side of a node.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl<'a> Pass<'a> {
    /// `places` are at most [`PLACES`].
    fn new(
        tree: &Tree,
        layout: &'a Layout,
        others: &'a [Vec<usize>],
        value: usize,
        places: &[Place],
    ) -> Self {
        // Places to spare weigh nothing.
        let spare = Place {
            t: 0.5,
            rest: 0.5,
            weight: 0.0,
        };
        let places = std::array::from_fn(|k| places.get(k).copied().unwrap_or(spare));
        let weights = layout.forks.iter();
        let weights = weights.map(|fork| Weights::new(fork, tree, value, &places));
        let level = Level {
            column: 0,
            products: places.map(|place| [place.weight / place.rest; LANES]),
            sums: [[0.0; LANES]; PLACES],
            passes: [1.0; LANES],
            effects: [[0.0; LANES]; PLACES],
        };
        Self {
            layout,
            others,
            places,
            weights: weights.collect(),
            levels: vec![level; layout.depth + 1],
        }
    }

    /// Adds to the pairs of one group of rows; SHAP values to those of a column with itself.
    fn add(&mut self, bins: &[[u8; LANES]], found: &mut [Lanes]) {
        self.levels[0].products = self.places.map(|place| [place.weight / place.rest; LANES]);
        for event in &self.layout.events {
            match *event {
                Event::Enter(index) => self.enter(index, bins, found),
                Event::Turn(index) => {
                    self.close(index, Side::Left, self.below(index), found);
                    self.open(index, Side::Right);
                }
                Event::Leave(index) if self.layout.forks[index].is_leaf[1] => {
                    self.close(index, Side::Left, self.below(index), found);
                    self.right_leaf(index, found);
                }
                Event::Leave(index) => self.close(index, Side::Right, self.below(index), found),
            }
        }
    }

    fn enter(&mut self, index: usize, bins: &[[u8; LANES]], found: &mut [Lanes]) {
        let fork = &self.layout.forks[index];
        let weights = &self.weights[index];
        let before = self.before(index);
        let [left, _] = sides(&fork.rule, &bins[fork.column], &before);
        let own = &mut self.levels[fork.depth];
        own.column = fork.column;
        own.passes = left;
        own.sums = [[0.0; LANES]; PLACES];
        let mut left_products = own.products;
        for k in 0..PLACES {
            for lane in 0..LANES {
                let follow = left[lane] - before[lane] * fork.share_left;
                left_products[k][lane] *= fork.share_left + weights.pull[k] * follow;
                own.products[k][lane] -= left_products[k][lane];
            }
        }
        if fork.is_leaf[0] {
            let sums = times(&left_products, weights.values[0]);
            self.close(index, Side::Left, sums, found);
            if fork.is_leaf[1] {
                self.right_leaf(index, found);
            } else {
                self.open(index, Side::Right);
            }
        } else {
            self.open(index, Side::Left);
            self.levels[fork.depth + 1].products = left_products;
        }
    }

    fn right_leaf(&mut self, index: usize, found: &mut [Lanes]) {
        let products = &self.levels[self.layout.forks[index].depth].products;
        let sums = times(products, self.weights[index].values[1]);
        self.turn_right(index);
        self.close(index, Side::Right, sums, found);
    }

    /// Whether rows pass the tests of the same column above.
    fn before(&self, index: usize) -> Lanes {
        let above = self.layout.forks[index].above;
        above.map_or([1.0; LANES], |above| self.levels[above].passes)
    }

    /// The sums of the child that was done last, which is no leaf.
    fn below(&self, index: usize) -> [Lanes; PLACES] {
        self.levels[self.layout.forks[index].depth + 1].sums
    }

    fn turn_right(&mut self, index: usize) {
        let before = self.before(index);
        let passes = &mut self.levels[self.layout.forks[index].depth].passes;
        let rows = passes.iter_mut().zip(before);
        rows.for_each(|(passes, before)| *passes = before - *passes);
    }

    /// Begins with a child that is no leaf.
    fn open(&mut self, index: usize, side: Side) {
        let depth = self.layout.forks[index].depth;
        let weights = &self.weights[index];
        let weights = match side {
            Side::Left => weights.left,
            Side::Right => weights.right,
        };
        if matches!(side, Side::Right) {
            self.turn_right(index);
            self.levels[depth + 1].products = self.levels[depth].products;
        }
        let own = &mut self.levels[depth];
        for k in 0..PLACES {
            for lane in 0..LANES {
                let effect = own.passes[lane] * weights[k] - 1.0;
                own.effects[k][lane] = effect / self.places[k].rest;
            }
        }
    }

    /// Adds what the column of a node does through one side, whose leaves add up to `sums`: alone, and with each other column
    /// tested above. A test of the same column above said so of the same leaves, which is taken off.
    fn close(&mut self, index: usize, side: Side, sums: [Lanes; PLACES], found: &mut [Lanes]) {
        let fork = &self.layout.forks[index];
        let weights = &self.weights[index];
        let before = self.before(index);
        let own = &mut self.levels[fork.depth];
        let side = match side {
            Side::Left => weights.left,
            Side::Right => weights.right,
        };
        let mut changes = sums;
        for k in 0..PLACES {
            for lane in 0..LANES {
                own.sums[k][lane] += sums[k][lane];
                changes[k][lane] *= own.passes[lane] * side[k] - before[lane] * weights.above[k];
            }
        }
        let alone = &mut found[pair(fork.column, fork.column)];
        for changes in &changes {
            let lanes = alone.iter_mut().zip(changes);
            lanes.for_each(|(alone, change)| *alone += change);
        }
        for depth in &self.others[index] {
            let other = &self.levels[*depth];
            let together = &mut found[pair(fork.column, other.column)];
            for (changes, effects) in changes.iter().zip(&other.effects) {
                for lane in 0..LANES {
                    together[lane] += 0.5 * changes[lane] * effects[lane];
                }
            }
        }
    }
}

fn times(products: &[Lanes; PLACES], value: f64) -> [Lanes; PLACES] {
    products.map(|lanes| lanes.map(|product| product * value))
}

//! The rows that one tree learns from.

use alchemy_core::random::Stream;

use super::params::Params;
use crate::class_weight::balanced;

/// Key of the random stream, so that it differs from the draws of features.
const ROWS_KEY: u64 = 1;

/// Rows drawn for a tree, each once, ascending.
#[derive(Debug)]
pub(super) struct Bag {
    pub(super) rows: Vec<u32>,
    /// For every row of the table how often it was drawn times its own weight: 0 for one that was not drawn.
    pub(super) weights: Vec<f64>,
}

impl Bag {
    /// Draws from `rows`, those of `num_rows` that have a weight, for the tree number `tree`.
    pub(super) fn draw(
        params: &Params,
        tree: u64,
        rows: &[u32],
        num_rows: usize,
        weights: Option<&[f64]>,
    ) -> Self {
        let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
        let mut bag = Self {
            rows: rows.to_vec(),
            weights: vec![0.0; num_rows],
        };
        if !params.bootstrap {
            for row in rows {
                bag.weights[*row as usize] = weight(*row);
            }
            return bag;
        }
        let times = times_drawn(params, tree, rows.len());
        bag.rows.clear();
        for (row, times) in rows.iter().zip(&times) {
            if *times > 0 {
                bag.rows.push(*row);
                bag.weights[*row as usize] = f64::from(*times) * weight(*row);
            }
        }
        bag
    }

    /// Makes the classes weigh the same in sum, which have the numbers `codes` by row of the table.
    pub(super) fn balance(&mut self, num_classes: usize, codes: &[u32]) {
        let factors = balanced(num_classes, codes, |row| self.weights[row]);
        for row in &self.rows {
            self.weights[*row as usize] *= factors[codes[*row as usize] as usize];
        }
    }
}

/// How often each of `num_rows` rows is drawn for the tree number `tree`.
pub(super) fn times_drawn(params: &Params, tree: u64, num_rows: usize) -> Vec<u32> {
    let mut stream = Stream::new(params.seed, &[ROWS_KEY, tree]);
    let mut times = vec![0; num_rows];
    for _ in 0..params.num_drawn(num_rows) {
        // A draw below a `usize` fits one.
        times[usize::try_from(stream.below(num_rows as u64)).unwrap_or(0)] += 1;
    }
    times
}

//! The rows that one tree learns from.

use alchemy_core::random::Stream;

use super::params::Params;

/// Key of the random stream, so that it differs from the draws of features.
const ROWS_KEY: u64 = 1;

/// Rows drawn for a tree, each once, with their weight: how often it was drawn times its own weight.
#[derive(Debug)]
pub(super) struct Bag {
    pub(super) rows: Vec<u32>,
    pub(super) weights: Vec<f64>,
}

impl Bag {
    /// Draws from `rows` for the tree number `tree`.
    pub(super) fn draw(params: &Params, tree: u64, rows: &[u32], weights: Option<&[f64]>) -> Self {
        let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
        if !params.bootstrap {
            return Self {
                rows: rows.to_vec(),
                weights: rows.iter().map(|row| weight(*row)).collect(),
            };
        }
        let mut stream = Stream::new(params.seed, &[ROWS_KEY, tree]);
        let mut times = vec![0u32; rows.len()];
        for _ in rows {
            // A draw below a `usize` fits one.
            times[usize::try_from(stream.below(rows.len() as u64)).unwrap_or(0)] += 1;
        }
        let drawn = || rows.iter().zip(&times).filter(|(_, times)| **times > 0);
        Self {
            rows: drawn().map(|(row, _)| *row).collect(),
            weights: drawn()
                .map(|(row, times)| f64::from(*times) * weight(*row))
                .collect(),
        }
    }
}

//! Leaves that take a quantile of their rows' errors.

use rayon::prelude::*;

use super::quantile;
use super::train::Part;
use crate::tree::grow::Grown;

/// Gives every leaf of `grown` the `q` quantile of the errors that `scores` leave for the leaf's rows, times `shrinkage`.
/// `rows` are in the order in which growing left them.
pub(super) fn refit(
    grown: &mut Grown,
    rows: &[u32],
    q: f64,
    (part, scores): (&Part, &[f64]),
    shrinkage: f64,
) {
    let weights = part.weights.as_deref();
    let error = |row: usize| part.targets[row] - scores[row];
    let values: Vec<f64> = (grown.leaves.par_iter())
        .map(|(leaf, _)| {
            let rows = rows[leaf.clone()].iter().map(|row| *row as usize);
            shrinkage * quantile::of_rows(rows, error, weights, q)
        })
        .collect();
    for ((leaf, value), new) in grown.leaves.iter_mut().zip(values) {
        *value = new;
        // The tree does not know which of its nodes the rows are in, but any of the rows finds it.
        if let Some(row) = rows[leaf.clone()].first() {
            let node = grown.tree.leaf(&part.matrix, *row as usize);
            grown.tree.values_mut(node)[0] = new;
        }
    }
}

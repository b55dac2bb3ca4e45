//! Float sums that depend on the order of rows and on nothing else.

use std::ops::Range;

use rayon::prelude::*;

/// Rows added one after another; the sums of blocks are added in row order.
const BLOCK: usize = 4096;

/// The sum of `value(row)` over `0..rows`.
pub(crate) fn sum(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let blocks: Vec<f64> = (0..rows.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            (block * BLOCK..rows.min((block + 1) * BLOCK))
                .map(&value)
                .sum()
        })
        .collect();
    blocks.into_iter().sum()
}

/// `width` sums over `0..rows`; `add` adds what a range of rows has of each.
pub(crate) fn sums(
    rows: usize,
    width: usize,
    add: impl Fn(Range<usize>, &mut [f64]) + Sync,
) -> Vec<f64> {
    let blocks: Vec<Vec<f64>> = (0..rows.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sums = vec![0.0; width];
            add(block * BLOCK..rows.min((block + 1) * BLOCK), &mut sums);
            sums
        })
        .collect();
    let mut totals = vec![0.0; width];
    for block in blocks {
        let sums = totals.iter_mut().zip(block);
        sums.for_each(|(total, sum)| *total += sum);
    }
    totals
}

/// The mean of `value(row)`, weighted if there are weights.
pub(crate) fn mean(
    rows: usize,
    weights: Option<&[f64]>,
    value: impl Fn(usize) -> f64 + Sync,
) -> f64 {
    match weights {
        None => sum(rows, value) / rows as f64,
        Some(weights) => {
            let weighted = |row: usize| {
                if weights[row] > 0.0 {
                    weights[row] * value(row)
                } else {
                    0.0
                }
            };
            sum(rows, weighted) / sum(rows, |row| weights[row])
        }
    }
}

/// The mean of `values`, weighted if there are weights.
pub(crate) fn weighted_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    mean(values.len(), weights, |row| values[row])
}

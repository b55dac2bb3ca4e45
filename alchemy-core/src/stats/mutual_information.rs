//! What one number tells of another, whatever the shape of their relation.

use super::cells::Cells;
use super::rank::ranks;
use super::rank_correlation::complete;

/// The mutual information in nats of the pairs in which neither value is NaN; `None` below two of them.
///
/// Each side of n pairs is cut into b = ⌊√(n / 5)⌋ bins of about equal counts, but at least 2 and at
/// most 64, so that about five pairs or more fall to a cell if nothing is related (Cellucci, Albano &
/// Rapp, 2005); equal values stay together. A side with at most b different values is taken as they are.
/// The result is then the plug-in estimate Σ p ln(p / (p₁ p₂)), which is too high by about
/// (b − 1)² / (2 n). It depends on ranks alone: scale, offset and infinities do not matter.
///
/// Takes n log n time.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{mutual_information, pearson};
///
/// let x: Vec<f64> = (-500..=500).map(f64::from).collect();
/// let y: Vec<f64> = x.iter().map(|x| x * x).collect();
/// assert_eq!(pearson(&x, &y), Some(0.0));
/// assert!(mutual_information(&x, &y).unwrap() > 1.5);
/// ```
///
/// # References
///
/// - C. J. Cellucci, A. M. Albano and P. E. Rapp, "Statistical validation of mutual information
///   calculations", *Physical Review E* 71, 2005, <https://doi.org/10.1103/PhysRevE.71.066208>.
#[must_use]
pub fn mutual_information(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = complete(x, y);
    if x.len() < 2 {
        return None;
    }
    let bins = num_bins(x.len());
    let (x, y) = (binned(&x, bins), binned(&y, bins));
    let (rows, columns) = (totals(&x), totals(&y));
    let width = columns.len();
    let mut counts = vec![0_u64; rows.len() * width];
    for (x, y) in x.iter().zip(&y) {
        counts[x * width + y] += 1;
    }
    let cells = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let cells = cells.map(|(at, count)| (*count, rows[at / width], columns[at % width]));
    Cells {
        total: x.len() as u64,
        rows: rows.len(),
        columns: columns.len(),
        counts: cells.collect(),
    }
    .mutual_information()
}

fn num_bins(n: usize) -> usize {
    /// Pairs in a cell, and bins of a side.
    const PAIRS: usize = 5;
    const MOST: usize = 64;
    (n / PAIRS).isqrt().clamp(2, MOST)
}

/// The bin of each value, from 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is at least 1 and at most n"
)]
fn binned(values: &[f64], bins: usize) -> Vec<usize> {
    let ranks = ranks(values);
    let n = values.len();
    let mut sorted = ranks.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    if sorted.len() <= bins {
        let place = |rank: &f64| sorted.partition_point(|other| other < rank);
        return ranks.iter().map(place).collect();
    }
    // Twice the rank less one half is a whole number.
    let bin = |rank: &f64| (2.0 * rank - 1.0) as usize * bins / (2 * n);
    ranks.iter().map(bin).collect()
}

fn totals(bins: &[usize]) -> Vec<u64> {
    let mut totals = vec![0; bins.iter().max().map_or(0, |most| most + 1)];
    for bin in bins {
        totals[*bin] += 1;
    }
    totals
}

//! How two variables rise and fall together, by ranks alone.

use std::cmp::Ordering;

use super::co_moments::pearson;
use super::rank::ranks;

/// Spearman's rank correlation of the pairs in which neither value is NaN: Pearson's of their
/// [`ranks`]; `None` where it is undefined.
///
/// An infinity has a rank as any value. Takes n log n time.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::spearman;
///
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 11.0]), Some(1.0));
/// ```
#[must_use]
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = complete(x, y);
    pearson(&ranks(&x), &ranks(&y))
}

/// Kendall's τ-b of the pairs in which neither value is NaN; `None` where it is undefined.
///
/// (concordant − discordant) / √((n₀ − ties in x)(n₀ − ties in y)) over the n₀ = n (n − 1) / 2
/// pairs of pairs. Takes n log n time by Knight's algorithm.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::kendall;
///
/// assert_eq!(kendall(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]), Some(1.0 / 3.0));
/// ```
///
/// # References
///
/// - W. R. Knight, "A Computer Method for Calculating Kendall's Tau with Ungrouped Data", *Journal
///   of the American Statistical Association* 61, 1966, <https://doi.org/10.2307/2282833>.
#[must_use]
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = complete(x, y);
    let mut pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
    pairs.sort_unstable_by(|a, b| by_value(a.0, b.0).then(by_value(a.1, b.1)));
    let tied_x = tied_pairs(&pairs, |a, b| by_value(a.0, b.0).is_eq());
    let tied_both = tied_pairs(&pairs, |a, b| {
        by_value(a.0, b.0).is_eq() && by_value(a.1, b.1).is_eq()
    });
    let mut y: Vec<f64> = pairs.into_iter().map(|(_, y)| y).collect();
    let mut spare = y.clone();
    let discordant = sort_counting_swaps(&mut y, &mut spare);
    let tied_y = tied_pairs(&y, |a, b| by_value(*a, *b).is_eq());
    let all = pairs_of(y.len());
    if tied_x == all || tied_y == all {
        return None;
    }
    // concordant + discordant = all − tied in either
    let difference = all - tied_x - tied_y + tied_both - 2 * discordant;
    let scale = ((all - tied_x) as f64 * (all - tied_y) as f64).sqrt();
    Some((difference as f64 / scale).clamp(-1.0, 1.0))
}

/// The pairs without NaN.
pub(super) fn complete(x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let pairs = x.iter().copied().zip(y.iter().copied());
    pairs.filter(|(x, y)| !x.is_nan() && !y.is_nan()).unzip()
}

/// Order of values that are not NaN; −0 equals 0.
fn by_value(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// The number of pairs among `n` things.
fn pairs_of(n: usize) -> i128 {
    let n = n as i128;
    n * (n - 1) / 2
}

/// The number of pairs within runs of equal neighbours.
fn tied_pairs<T>(sorted: &[T], equal: impl FnMut(&T, &T) -> bool) -> i128 {
    sorted.chunk_by(equal).map(|run| pairs_of(run.len())).sum()
}

/// Merge sort; returns how many pairs were out of order.
fn sort_counting_swaps(values: &mut [f64], spare: &mut [f64]) -> i128 {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let (low, high) = values.split_at_mut(middle);
    let (spare_low, spare_high) = spare.split_at_mut(middle);
    let mut swaps = sort_counting_swaps(low, spare_low) + sort_counting_swaps(high, spare_high);
    spare_low.copy_from_slice(low);
    spare_high.copy_from_slice(high);
    let (mut i, mut j) = (0, 0);
    for value in values {
        let from_high =
            i == spare_low.len() || (j < spare_high.len() && spare_high[j] < spare_low[i]);
        if from_high {
            swaps += (spare_low.len() - i) as i128;
            *value = spare_high[j];
            j += 1;
        } else {
            *value = spare_low[i];
            i += 1;
        }
    }
    swaps
}

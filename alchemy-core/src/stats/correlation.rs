//! How two variables move together.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::bins::{Bins, Parts};
use super::moments::Moments;
use super::rank::ranks;

/// Covariance and correlation of pairs, without rounding error until they are read.
///
/// Sums of products are kept as integers, as in [`Moments`]: additions commute, associate and can
/// be undone, and no offset shows. A pair with a NaN is missing. With an infinity among the values
/// the results are NaN.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::CoMoments;
///
/// let pairs = CoMoments::from_iter([(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]);
/// assert_eq!(pairs.covariance(), Some(2.0));
/// assert_eq!(pairs.correlation(), Some(1.0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoMoments {
    x: Moments,
    y: Moments,
    products: Bins,
}

impl CoMoments {
    /// The moments of no pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair, unless one of it is NaN.
    pub fn add(&mut self, x: f64, y: f64) {
        if !x.is_nan() && !y.is_nan() {
            self.x.add(x);
            self.y.add(y);
            self.add_product(x, y, false);
        }
    }

    /// Takes a pair out again, as if it had never been added.
    pub fn remove(&mut self, x: f64, y: f64) {
        if !x.is_nan() && !y.is_nan() {
            self.x.remove(x);
            self.y.remove(y);
            self.add_product(x, y, true);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.products.merge(&other.products);
    }

    /// The moments of the first of each pair.
    #[must_use]
    pub fn x(&self) -> &Moments {
        &self.x
    }

    /// The moments of the second of each pair.
    #[must_use]
    pub fn y(&self) -> &Moments {
        &self.y
    }

    /// The covariance with divisor n − 1, correctly rounded; `None` below two pairs.
    #[must_use]
    pub fn covariance(&self) -> Option<f64> {
        let n = self.x.count();
        let divisor = n.checked_sub(1).filter(|divisor| *divisor > 0)?;
        if !self.is_finite() {
            return Some(f64::NAN);
        }
        Some(self.central_product().over(2, &[n, divisor]).to_f64())
    }

    /// Pearson's correlation coefficient, in [−1, 1]; `None` where a variance is zero or there are
    /// fewer than two pairs.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        if !self.is_finite() {
            return Some(f64::NAN);
        }
        let x = self.x.second_over(&[]);
        let y = self.y.second_over(&[]);
        if x.is_zero() || y.is_zero() {
            return None;
        }
        let product = self.central_product().over(2, &[]).scaled();
        let scale = x.scaled().times(y.scaled()).sqrt();
        Some(product.over(scale).to_f64().clamp(-1.0, 1.0))
    }

    fn is_finite(&self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }

    /// n Σxy − Σx Σy
    fn central_product(&self) -> Bins {
        self.products
            .scaled(self.x.count())
            .minus(&self.x.finite_sum().times(self.y.finite_sum()))
    }

    fn add_product(&mut self, x: f64, y: f64, remove: bool) {
        if let (Some(x), Some(y)) = (Parts::of(x), Parts::of(y)) {
            let negative = (x.negative != y.negative) != remove;
            let product = u128::from(x.mantissa) * u128::from(y.mantissa);
            self.products
                .add_wide(negative, product, x.exponent + y.exponent);
        }
    }
}

impl Extend<(f64, f64)> for CoMoments {
    fn extend<I: IntoIterator<Item = (f64, f64)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(x, y)| self.add(x, y));
    }
}

impl FromIterator<(f64, f64)> for CoMoments {
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(pairs: I) -> Self {
        let mut moments = Self::new();
        moments.extend(pairs);
        moments
    }
}

/// Pearson's correlation coefficient of the pairs in which neither value is NaN; `None` where it is
/// undefined.
///
/// See [`CoMoments::correlation`]. Pairs end with the shorter slice.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::pearson;
///
/// assert_eq!(pearson(&[1.0, 2.0, f64::NAN], &[5.0, 3.0, 9.0]), Some(-1.0));
/// assert_eq!(pearson(&[1.0, 1.0], &[5.0, 3.0]), None);
/// ```
#[must_use]
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    CoMoments::from_iter(x.iter().copied().zip(y.iter().copied())).correlation()
}

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

/// The autocorrelation of `values` at a lag: Σ (xₜ − m)(xₜ₋ₗ − m) / Σ (xₜ − m)², m the mean of all
/// values; `None` where it is undefined.
///
/// Numerator and denominator are exact. The values are a series without gaps: a NaN or an infinity
/// makes the result NaN.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::autocorrelation;
///
/// assert_eq!(autocorrelation(&[1.0, -1.0, 1.0, -1.0], 1), Some(-0.75));
/// ```
#[must_use]
pub fn autocorrelation(values: &[f64], lag: usize) -> Option<f64> {
    let late = values.get(lag..)?;
    let early = &values[..late.len()];
    if values.iter().any(|value| !value.is_finite()) {
        return Some(f64::NAN);
    }
    let all = Moments::from_iter(values.iter().copied());
    let pairs = CoMoments::from_iter(late.iter().copied().zip(early.iter().copied()));
    let (n, sum) = (all.count(), all.finite_sum());
    let denominator = all.central_second().scaled(n).over(2, &[]);
    if denominator.is_zero() {
        return None;
    }
    // n² Σ (xₜ − m)(xₜ₋ₗ − m) = n² Σ xₜ xₜ₋ₗ − n Σx (Σ xₜ + Σ xₜ₋ₗ) + (n − l) (Σx)²
    let mut ends = pairs.x.finite_sum().clone();
    ends.merge(pairs.y.finite_sum());
    let mut numerator = pairs.products.scaled(n).minus(&sum.times(&ends)).scaled(n);
    numerator.merge(&sum.times(sum).scaled(late.len() as u64));
    Some(
        numerator
            .over(2, &[])
            .scaled()
            .over(denominator.scaled())
            .to_f64(),
    )
}

/// The pairs without NaN.
fn complete(x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
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

//! Quantiles by selection.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where in a distribution to look: a probability from 0 to 1.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Quantile;
///
/// assert_eq!(Quantile::new(0.5)?, Quantile::MEDIAN);
/// assert!(Quantile::new(50.0).is_err());
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct Quantile(f64);

impl Quantile {
    /// Half of the values lie below.
    pub const MEDIAN: Self = Self(0.5);
    /// A quarter of the values lies below.
    pub const LOWER_QUARTILE: Self = Self(0.25);
    /// Three quarters of the values lie below.
    pub const UPPER_QUARTILE: Self = Self(0.75);

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless `q` is between 0 and 1.
    pub fn new(q: f64) -> Result<Self> {
        if (0.0..=1.0).contains(&q) {
            Ok(Self(q))
        } else {
            Err(Error::parameter(
                "q",
                format!("must be between 0 and 1, not {q}"),
            ))
        }
    }

    /// The probability.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<Quantile> for f64 {
    fn from(quantile: Quantile) -> Self {
        quantile.0
    }
}

impl TryFrom<f64> for Quantile {
    type Error = Error;

    fn try_from(q: f64) -> Result<Self> {
        Self::new(q)
    }
}

/// How a quantile is found between order statistics: the nine types of Hyndman & Fan (1996), and
/// the four that `numpy` adds. Names are those of `numpy.quantile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileMethod {
    /// Type 1: the smallest value that at least a share *q* of the values does not exceed.
    InvertedCdf,
    /// Type 2: as type 1, averaged where the distribution function is flat.
    AveragedInvertedCdf,
    /// Type 3: the value of nearest rank, the even rank at equal distance.
    ClosestObservation,
    /// Type 4: linear between the steps of the distribution function.
    InterpolatedInvertedCdf,
    /// Type 5: linear between the middles of those steps.
    Hazen,
    /// Type 6: linear, ranks divided by n + 1.
    Weibull,
    /// Type 7: linear, the smallest value at 0 and the largest at 1.
    #[default]
    Linear,
    /// Type 8: linear, about median-unbiased for any distribution.
    MedianUnbiased,
    /// Type 9: linear, about unbiased for the normal distribution.
    NormalUnbiased,
    /// The value below the point where type 7 looks.
    Lower,
    /// The value above the point where type 7 looks.
    Higher,
    /// The mean of those two.
    Midpoint,
    /// The nearer of those two, the even zero-based rank at equal distance.
    Nearest,
}

/// The quantile of `values` by linear interpolation (type 7); `None` if there is no value.
///
/// NaN is missing. `values` are left in another order.
///
/// Takes linear time on average; see [`quantiles`] for the definition.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Quantile, quantile};
///
/// assert_eq!(quantile(&mut [3.0, 1.0, f64::NAN, 2.0, 4.0], Quantile::MEDIAN), Some(2.5));
/// assert_eq!(quantile(&mut [], Quantile::MEDIAN), None);
/// ```
pub fn quantile(values: &mut [f64], q: Quantile) -> Option<f64> {
    quantiles(values, &[q], QuantileMethod::Linear).map(|found| found[0])
}

/// Several quantiles of `values` at once, in the order asked for; `None` if there is no value.
///
/// NaN is missing. `values` are left in another order. On finite values the results equal
/// `numpy.quantile` bit for bit, but where the distance of two neighbours overflows, which is
/// interpolated without overflow here. Between an infinity and another value the result is the
/// infinity unless the position is that value's own; between −∞ and +∞ it is the nearer one, −∞ in
/// the middle. The result is never NaN.
///
/// Takes time in proportion to the number of values times the logarithm of the number of quantiles,
/// by repeated selection.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Quantile, QuantileMethod, quantiles};
///
/// let mut values = [1.0, 2.0, 3.0, 4.0, 10.0];
/// let quartiles = [Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE];
/// let found = quantiles(&mut values, &quartiles, QuantileMethod::Weibull);
/// assert_eq!(found, Some(vec![1.5, 7.0]));
/// ```
///
/// # References
///
/// - R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", *The American
///   Statistician* 50(4), 1996, <https://doi.org/10.2307/2684934>.
pub fn quantiles(values: &mut [f64], qs: &[Quantile], method: QuantileMethod) -> Option<Vec<f64>> {
    let present = without_nan(values);
    if present.is_empty() {
        return None;
    }
    let positions: Vec<Position> = qs
        .iter()
        .map(|q| method.position(present.len(), q.0))
        .collect();
    let mut ranks: Vec<usize> = positions
        .iter()
        .flat_map(|at| [at.lower, at.upper])
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    select(present, 0, &ranks);
    Some(
        positions
            .iter()
            .map(|at| interpolate(present[at.lower], present[at.upper], at.weight))
            .collect(),
    )
}

/// The place of a quantile among sorted values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Position {
    lower: usize,
    upper: usize,
    /// How far towards `upper`, from 0 to 1.
    weight: f64,
}

impl QuantileMethod {
    /// The quantile of values that are in order already.
    pub(super) fn of_sorted(self, sorted: &[f64], q: Quantile) -> Option<f64> {
        if sorted.is_empty() {
            return None;
        }
        let at = self.position(sorted.len(), q.0);
        Some(interpolate(sorted[at.lower], sorted[at.upper], at.weight))
    }

    /// Formulas as `numpy` 2.4 evaluates them, so that every rounding agrees.
    fn position(self, len: usize, q: f64) -> Position {
        let n = len as f64;
        let linear = (n - 1.0) * q;
        let inverted = n * q - 1.0;
        let plotting = |alpha: f64, beta: f64| n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let (at, weigh): (f64, fn(f64) -> f64) = match self {
            Self::InvertedCdf => (inverted.ceil(), |_| 0.0),
            Self::AveragedInvertedCdf => (inverted, |part| if part == 0.0 { 0.5 } else { 1.0 }),
            Self::ClosestObservation => (closest_odd(inverted - 0.5), |_| 0.0),
            Self::InterpolatedInvertedCdf => (plotting(0.0, 1.0), |part| part),
            Self::Hazen => (plotting(0.5, 0.5), |part| part),
            Self::Weibull => (plotting(0.0, 0.0), |part| part),
            Self::Linear => (linear, |part| part),
            Self::MedianUnbiased => (plotting(1.0 / 3.0, 1.0 / 3.0), |part| part),
            Self::NormalUnbiased => (plotting(3.0 / 8.0, 3.0 / 8.0), |part| part),
            Self::Lower => (linear.floor(), |_| 0.0),
            Self::Higher => (linear.ceil(), |_| 0.0),
            Self::Midpoint => (linear, |part| if part == 0.0 { 0.0 } else { 0.5 }),
            Self::Nearest => (linear.round_ties_even(), |_| 0.0),
        };
        let last = len - 1;
        if at < 0.0 {
            return Position {
                lower: 0,
                upper: 0,
                weight: 0.0,
            };
        }
        let below = at.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and at most `last`"
        )]
        let lower = (below as usize).min(last);
        Position {
            lower,
            upper: (lower + 1).min(last),
            weight: weigh(at - below),
        }
    }
}

/// The next whole number above, but an odd whole number itself: the ranks of type 3 are even when
/// counted from 1.
fn closest_odd(at: f64) -> f64 {
    let above = at.floor() + 1.0;
    if at.fract() == 0.0 && above.rem_euclid(2.0) == 0.0 {
        at
    } else {
        above
    }
}

/// Between `a` and `b`, never NaN.
#[expect(clippy::float_cmp, reason = "the ends are returned as they are")]
fn interpolate(a: f64, b: f64, weight: f64) -> f64 {
    if weight == 0.0 || a == b {
        return a;
    }
    if weight == 1.0 {
        return b;
    }
    if a.is_infinite() && b.is_infinite() {
        return if weight <= 0.5 { a } else { b };
    }
    if a.is_infinite() || b.is_infinite() {
        return a + b;
    }
    let distance = b - a;
    if distance.is_infinite() {
        a * (1.0 - weight) + b * weight
    } else if weight < 0.5 {
        a + distance * weight
    } else {
        b - distance * (1.0 - weight)
    }
}

/// Puts the values at `ranks`, sorted and counted from `offset`, where sorting would put them.
fn select(values: &mut [f64], offset: usize, ranks: &[usize]) {
    let middle = ranks.len() / 2;
    let Some(rank) = ranks.get(middle) else {
        return;
    };
    let (below, _, above) = values.select_nth_unstable_by(rank - offset, f64::total_cmp);
    select(below, offset, &ranks[..middle]);
    select(above, rank + 1, &ranks[middle + 1..]);
}

/// Moves NaN to the end and returns the rest.
fn without_nan(values: &mut [f64]) -> &mut [f64] {
    let mut present = 0;
    for at in 0..values.len() {
        if !values[at].is_nan() {
            values.swap(present, at);
            present += 1;
        }
    }
    &mut values[..present]
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact results are what is tested")]
mod tests {
    use super::*;

    fn at(values: &[f64], q: f64, method: QuantileMethod) -> f64 {
        let q = Quantile::new(q).unwrap();
        quantiles(&mut values.to_vec(), &[q], method).unwrap()[0]
    }

    #[test]
    fn several_quantiles_equal_each_alone() {
        let values: Vec<f64> = (0..500).map(|i| f64::from(i * 7919 % 500)).collect();
        let qs: Vec<Quantile> = (0..=40)
            .rev()
            .map(|i| Quantile(f64::from(i) / 40.0))
            .collect();
        let together = quantiles(&mut values.clone(), &qs, QuantileMethod::Linear).unwrap();
        for (q, found) in qs.iter().zip(together) {
            assert_eq!(quantile(&mut values.clone(), *q), Some(found));
            assert_eq!(found, 499.0 * q.0);
        }
    }

    #[test]
    fn infinities_never_give_nan() {
        const INF: f64 = f64::INFINITY;
        let linear = |values: &[f64], q| at(values, q, QuantileMethod::Linear);
        assert_eq!(linear(&[1.0, INF], 0.0), 1.0);
        assert_eq!(linear(&[1.0, INF], 0.1), INF);
        assert_eq!(linear(&[-INF, 1.0], 0.9), -INF);
        assert_eq!(linear(&[-INF, INF], 0.5), -INF);
        assert_eq!(linear(&[-INF, INF], 0.6), INF);
        assert_eq!(linear(&[INF, INF], 0.3), INF);
    }

    #[test]
    fn a_distance_beyond_f64_is_interpolated() {
        assert_eq!(at(&[f64::MIN, f64::MAX], 0.5, QuantileMethod::Linear), 0.0);
    }

    #[test]
    fn nan_is_missing() {
        assert_eq!(
            quantile(&mut [f64::NAN, 2.0, f64::NAN, 1.0], Quantile::MEDIAN),
            Some(1.5)
        );
        assert_eq!(quantile(&mut [f64::NAN], Quantile::MEDIAN), None);
    }

    #[test]
    fn a_probability_is_checked_when_read() {
        assert_eq!(
            serde_json::from_str::<Quantile>("0.25").unwrap(),
            Quantile::LOWER_QUARTILE
        );
        assert!(serde_json::from_str::<Quantile>("1.5").is_err());
        assert!(Quantile::new(f64::NAN).is_err());
    }
}

//! Quantiles by selection.

use serde::{Deserialize, Serialize};

use super::quantile_method::{Position, QuantileMethod};
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
    /// The smallest value.
    pub const MIN: Self = Self(0.0);
    /// The largest value.
    pub const MAX: Self = Self(1.0);
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
        .map(|q| method.position(present.len(), *q))
        .collect();
    let mut ranks: Vec<usize> = positions
        .iter()
        .flat_map(|at| [at.lower, at.upper])
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    select(present, 0, &ranks);
    Some(positions.iter().map(|at| at.value_in(present)).collect())
}

/// Puts the values at `ranks`, sorted and counted from `offset`, where sorting would put them.
fn select(values: &mut [f64], offset: usize, ranks: &[usize]) {
    if let [lower, upper] = ranks
        && *upper == lower + 1
    {
        // The next one is the least of those above, which takes a scan and no second selection.
        let (_, _, above) = values.select_nth_unstable_by(lower - offset, f64::total_cmp);
        let least = (0..above.len()).min_by(|a, b| above[*a].total_cmp(&above[*b]));
        if let Some(least) = least {
            above.swap(0, least);
        }
        return;
    }
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
    let Some(first) = values.iter().position(|value| value.is_nan()) else {
        return values;
    };
    let mut present = first;
    for at in first..values.len() {
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

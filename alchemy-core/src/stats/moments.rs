//! Mean, variance and shape from exact power sums.

use serde::{Deserialize, Serialize};

use super::bins::{Bins, Parts};
use super::exact_sum::ExactSum;
use super::quotient::Quotient;

/// Count, mean and variance of any number of values, without rounding error until they are read.
///
/// Sums of values and of squares are kept as integers, so nothing cancels and nothing overflows,
/// whatever the offset of the data: each result is the exact value for the given floats, rounded.
/// As with [`ExactSum`], additions commute, associate and can be undone, and a NaN is missing. With
/// an infinity among the values the mean is an infinity or NaN, and the variance NaN.
///
/// A value costs about 7 ns; the state holds some 100 bytes for data of one scale, 3 KiB at most.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Moments;
///
/// let offset = 1e15;
/// let moments = Moments::from_iter([offset + 4.0, offset + 7.0, offset + 13.0, offset + 16.0]);
/// assert_eq!(moments.mean(), Some(offset + 10.0));
/// assert_eq!(moments.variance(), Some(30.0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    sum: ExactSum,
    squares: Bins,
}

impl Moments {
    /// The moments of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, unless it is NaN.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.count = self.count.wrapping_add(1);
        self.sum.add(value);
        self.add_square(value, false);
    }

    /// Takes `value` out again, as if it had never been added.
    #[inline]
    pub fn remove(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.count = self.count.wrapping_sub(1);
        self.sum.remove(value);
        self.add_square(value, true);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.wrapping_add(other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum, correctly rounded.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    /// The arithmetic mean, correctly rounded; `None` without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.mean(self.count))
    }

    /// The variance with divisor n − 1, correctly rounded; `None` below two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        self.variance_over(self.count.checked_sub(1)?)
    }

    /// The variance with divisor n, correctly rounded; `None` without values.
    #[must_use]
    pub fn population_variance(&self) -> Option<f64> {
        self.variance_over(self.count)
    }

    /// The standard deviation with divisor n − 1, within one unit in the last place; `None` below
    /// two values.
    #[must_use]
    pub fn std_dev(&self) -> Option<f64> {
        let divisor = self.count.checked_sub(1).filter(|divisor| *divisor > 0)?;
        if !self.sum.is_finite() {
            return Some(f64::NAN);
        }
        Some(
            self.second_over(&[self.count, divisor])
                .scaled()
                .sqrt()
                .to_f64(),
        )
    }

    fn variance_over(&self, divisor: u64) -> Option<f64> {
        if divisor == 0 {
            return None;
        }
        if !self.sum.is_finite() {
            return Some(f64::NAN);
        }
        Some(self.second_over(&[self.count, divisor]).to_f64())
    }

    /// The sum of the finite values, in units of the smallest positive float.
    pub(super) fn finite_sum(&self) -> &Bins {
        self.sum.finite()
    }

    /// The sum of the squares of the finite values, in units of the square of that float.
    pub(super) fn finite_squares(&self) -> &Bins {
        &self.squares
    }

    pub(super) fn is_finite(&self) -> bool {
        self.sum.is_finite()
    }

    /// The sum of squared deviations from the mean, n times over, divided by each of `divisors`.
    pub(super) fn second_over(&self, divisors: &[u64]) -> Quotient {
        let short = || {
            let square = self.finite_sum().short()?.squared()?;
            self.squares
                .short()?
                .scaled(self.count)?
                .minus(square)?
                .over(2, divisors)
        };
        short().unwrap_or_else(|| self.central_second().over(2, divisors))
    }

    /// n Σx² − (Σx)², which is n times the sum of squared deviations from the mean.
    pub(super) fn central_second(&self) -> Bins {
        let sum = self.sum.finite();
        self.squares.scaled(self.count).minus(&sum.times(sum))
    }

    #[inline]
    fn add_square(&mut self, value: f64, negative: bool) {
        if let Some(Parts {
            mantissa, exponent, ..
        }) = Parts::of(value)
        {
            let square = u128::from(mantissa) * u128::from(mantissa);
            self.squares.add_wide(negative, square, 2 * exponent);
        }
    }
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::new();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_does_not_show() {
        for offset in [0.0, 1e9, 1e15, -1e15] {
            let moments = Moments::from_iter([4.0, 7.0, 13.0, 16.0].map(|x| x + offset));
            assert_eq!(moments.variance(), Some(30.0));
            assert_eq!(moments.population_variance(), Some(22.5));
            assert_eq!(moments.std_dev(), Some(30_f64.sqrt()));
        }
    }

    #[test]
    fn few_values_have_no_variance() {
        let none = Moments::new();
        assert_eq!(
            (none.mean(), none.variance(), none.std_dev()),
            (None, None, None)
        );
        let one = Moments::from_iter([0.1]);
        assert_eq!(
            (one.mean(), one.variance(), one.population_variance()),
            (Some(0.1), None, Some(0.0))
        );
        let equal = Moments::from_iter([0.1; 30]);
        assert_eq!((equal.mean(), equal.variance()), (Some(0.1), Some(0.0)));
    }

    #[test]
    fn infinities_are_values_and_nan_is_none() {
        let moments = Moments::from_iter([1.0, f64::INFINITY, f64::NAN]);
        assert_eq!((moments.count(), moments.mean()), (2, Some(f64::INFINITY)));
        assert!(moments.variance().unwrap().is_nan() && moments.std_dev().unwrap().is_nan());
    }

    #[test]
    fn the_variance_of_huge_values_may_overflow_but_not_their_deviation() {
        let moments = Moments::from_iter([f64::MAX, f64::MIN]);
        assert_eq!(moments.variance(), Some(f64::INFINITY));
        assert_eq!(moments.std_dev(), Some(f64::INFINITY));
        let moments = Moments::from_iter([f64::MAX / 2.0, f64::MIN / 2.0]);
        assert_eq!(
            moments.std_dev(),
            Some(f64::MAX / 2.0 * std::f64::consts::SQRT_2)
        );
    }
}

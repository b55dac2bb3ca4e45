//! Skewness and kurtosis from exact power sums.

use serde::{Deserialize, Serialize};

use super::bins::{Bins, Parts};
use super::moments::Moments;
use super::quotient::Scaled;

/// [`Moments`] with skewness and kurtosis.
///
/// Sums of third and fourth powers are exact too; a value costs about 26 ns.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Moments4;
///
/// let moments = Moments4::from_iter([1.0, 2.0, 3.0, 10.0]);
/// assert_eq!(moments.moments().mean(), Some(4.0));
/// assert!((moments.skewness().unwrap() - 1.0182337649086284).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments4 {
    moments: Moments,
    cubes: Bins,
    fourths: Bins,
}

impl Moments4 {
    /// The moments of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, unless it is NaN.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.moments.add(value);
        self.add_powers(value, false);
    }

    /// Takes `value` out again, as if it had never been added.
    #[inline]
    pub fn remove(&mut self, value: f64) {
        self.moments.remove(value);
        self.add_powers(value, true);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.cubes.merge(&other.cubes);
        self.fourths.merge(&other.fourths);
    }

    /// Count, mean and variance.
    #[must_use]
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The skewness m₃ / m₂^(3/2) of central moments with divisor n; `None` where the variance is
    /// zero or there is no value.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        let n = self.moments.count();
        if !self.moments.is_finite() {
            return Some(f64::NAN);
        }
        let (sum, squares) = (self.moments.finite_sum(), self.moments.finite_squares());
        let second = self.second()?;
        // n³ m₃ = n² Σx³ − 3 n Σx Σx² + 2 (Σx)³
        let mut third = self
            .cubes
            .scaled(n)
            .scaled(n)
            .minus(&sum.times(squares).scaled(n).scaled(3));
        third.merge(&sum.times(sum).times(sum).scaled(2));
        let third = third.over(3, &[n, n, n]).scaled();
        Some(third.over(second.times(second.sqrt())).to_f64())
    }

    /// The excess kurtosis m₄ / m₂² − 3 of central moments with divisor n; `None` where the
    /// variance is zero or there is no value.
    #[must_use]
    pub fn kurtosis(&self) -> Option<f64> {
        let n = self.moments.count();
        if !self.moments.is_finite() {
            return Some(f64::NAN);
        }
        let (sum, squares) = (self.moments.finite_sum(), self.moments.finite_squares());
        let second = self.second()?;
        // n⁴ m₄ = n³ Σx⁴ − 4 n² Σx Σx³ + 6 n (Σx)² Σx² − 3 (Σx)⁴
        let square = sum.times(sum);
        let mut fourth = self.fourths.scaled(n).scaled(n).scaled(n);
        fourth.merge(&square.times(squares).scaled(n).scaled(6));
        let fourth = fourth
            .minus(&sum.times(&self.cubes).scaled(n).scaled(n).scaled(4))
            .minus(&square.times(&square).scaled(3));
        Some(
            fourth
                .over(4, &[n, n, n, n])
                .scaled()
                .over(second.times(second))
                .to_f64()
                - 3.0,
        )
    }

    /// The second central moment; `None` when it is zero.
    fn second(&self) -> Option<Scaled> {
        let n = self.moments.count();
        let second = self.moments.second_over(&[n, n]);
        (!second.is_zero()).then(|| second.scaled())
    }

    /// Adds the third and the fourth power, or takes them away.
    #[inline]
    fn add_powers(&mut self, value: f64, remove: bool) {
        let Some(Parts {
            negative,
            mantissa,
            exponent,
        }) = Parts::of(value)
        else {
            return;
        };
        const HALF: usize = 54;
        let mantissa = u128::from(mantissa);
        let square = mantissa * mantissa;
        let (low, high) = (square & ((1 << HALF) - 1), square >> HALF);
        self.cubes
            .add_wide(negative != remove, low * mantissa, 3 * exponent);
        self.cubes
            .add_wide(negative != remove, high * mantissa, 3 * exponent + HALF);
        self.fourths.add_wide(remove, low * low, 4 * exponent);
        self.fourths
            .add_wide(remove, 2 * low * high, 4 * exponent + HALF);
        self.fourths
            .add_wide(remove, high * high, 4 * exponent + 2 * HALF);
    }
}

impl Extend<f64> for Moments4 {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for Moments4 {
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
    fn scale_does_not_show() {
        let shape = |scale: f64| {
            let moments = Moments4::from_iter([1.0, 2.0, 4.0, 8.0].map(|x| x * scale));
            (
                moments.skewness(),
                moments.kurtosis(),
                moments.moments().std_dev().unwrap() / scale,
            )
        };
        let plain = shape(1.0);
        for scale in [2_f64.powi(1000), 2_f64.powi(-1000), -1.0] {
            let (skewness, kurtosis, std_dev) = shape(scale);
            assert_eq!(
                (skewness.map(f64::abs), kurtosis),
                (plain.0.map(f64::abs), plain.1)
            );
            assert_eq!(std_dev.abs().to_bits(), plain.2.to_bits());
        }
    }

    #[test]
    fn equal_values_have_no_shape() {
        for moments in [
            Moments4::new(),
            Moments4::from_iter([0.1]),
            Moments4::from_iter([0.1; 30]),
        ] {
            assert_eq!((moments.skewness(), moments.kurtosis()), (None, None));
        }
    }

    #[test]
    fn an_offset_does_not_show() {
        for offset in [0.0, 1e9, -1e15] {
            let moments = Moments4::from_iter([4.0, 7.0, 13.0, 16.0].map(|x| x + offset));
            assert_eq!(
                (moments.skewness(), moments.kurtosis()),
                (Some(0.0), Some(-1.64))
            );
        }
    }

    #[test]
    fn removal_leaves_the_content_alone() {
        let mut moments = Moments4::from_iter([1e300, 5.5, -0.1]);
        moments.remove(1e300);
        assert_eq!(moments, Moments4::from_iter([-0.1, 5.5]));
        let text = serde_json::to_string(&moments).unwrap();
        assert_eq!(serde_json::from_str::<Moments4>(&text).unwrap(), moments);
    }
}

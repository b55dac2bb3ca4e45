//! The sum of floats without rounding error.

use serde::{Deserialize, Serialize};

use super::bins::{Bins, Parts};

/// The exact sum of any number of floats, rounded once, when it is read.
///
/// Additions commute, associate and can be undone: the state depends only on which values are in
/// it, not on their order, on how they were split over accumulators, or on values that have left
/// again. So a fit gives the same bits for any number of threads, and a sliding window never
/// drifts.
///
/// A NaN is missing: it is neither added nor removed. Infinities are counted: with one sign present
/// [`Self::value`] is that infinity, with both it is NaN. The sum of nothing is 0.
///
/// A value costs about 4 ns. The state holds 16 bytes for every 32 binary orders of magnitude that
/// the values span, 1 KiB at most.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::ExactSum;
///
/// let mut sum = ExactSum::from_iter([1e100, 0.1, -1e100]);
/// assert_eq!(sum.value(), 0.1);
/// sum.remove(0.1);
/// assert_eq!(sum.value(), 0.0);
/// ```
///
/// # References
///
/// - R. M. Neal, "Fast exact summation using small and large superaccumulators", 2015,
///   <https://arxiv.org/abs/1505.05571>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExactSum {
    finite: Bins,
    infinities: Infinities,
}

/// How many infinities of each sign are in a set; a removal counts as minus one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Infinities {
    positive: i64,
    negative: i64,
}

impl ExactSum {
    /// The sum of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, unless it is NaN.
    #[inline]
    pub fn add(&mut self, value: f64) {
        match Parts::of(value) {
            Some(parts) => self
                .finite
                .add(parts.negative, parts.mantissa, parts.exponent),
            None => self.infinities.count(value, 1),
        }
    }

    /// Takes `value` out again, as if it had never been added.
    #[inline]
    pub fn remove(&mut self, value: f64) {
        match Parts::of(value) {
            Some(parts) => self
                .finite
                .add(!parts.negative, parts.mantissa, parts.exponent),
            None => self.infinities.count(value, -1),
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.finite.merge(&other.finite);
        self.infinities.merge(other.infinities);
    }

    /// The float nearest to the exact sum, ties to even; an infinity where it is beyond the range
    /// of floats.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.infinities
            .sum()
            .unwrap_or_else(|| self.finite.over(1, &[]).to_f64())
    }

    /// The float nearest to the exact sum divided by `count`; NaN when `count` is 0.
    #[must_use]
    pub fn mean(&self, count: u64) -> f64 {
        if count == 0 {
            return f64::NAN;
        }
        self.infinities
            .sum()
            .unwrap_or_else(|| self.finite.over(1, &[count]).to_f64())
    }

    /// The finite part, in units of the smallest positive float.
    pub(super) fn finite(&self) -> &Bins {
        &self.finite
    }

    pub(super) fn is_finite(&self) -> bool {
        self.infinities == Infinities::default()
    }
}

impl Extend<f64> for ExactSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::new();
        sum.extend(values);
        sum
    }
}

impl Infinities {
    /// Counts an infinity, or nothing for a NaN.
    #[cold]
    fn count(&mut self, value: f64, by: i64) {
        if value == f64::INFINITY {
            self.positive = self.positive.wrapping_add(by);
        } else if value == f64::NEG_INFINITY {
            self.negative = self.negative.wrapping_add(by);
        }
    }

    fn merge(&mut self, other: Self) {
        self.positive = self.positive.wrapping_add(other.positive);
        self.negative = self.negative.wrapping_add(other.negative);
    }

    /// What the infinities make of a sum; `None` when there are none.
    fn sum(self) -> Option<f64> {
        match (self.positive != 0, self.negative != 0) {
            (false, false) => None,
            (true, false) => Some(f64::INFINITY),
            (false, true) => Some(f64::NEG_INFINITY),
            (true, true) => Some(f64::NAN),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact results are what is tested")]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn wild(count: usize) -> Vec<f64> {
        let mut stream = Stream::new(7, &[]);
        let mut finite = || loop {
            let value = f64::from_bits(stream.next_u64());
            if value.is_finite() {
                break value;
            }
        };
        (0..count).map(|_| finite()).collect()
    }

    #[test]
    fn one_value_comes_back() {
        let edges = [
            0.0,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
            1.0 - f64::EPSILON / 2.0,
            f64::INFINITY,
        ];
        for value in edges.into_iter().chain(wild(2000)) {
            assert_eq!(ExactSum::from_iter([value]).value(), value);
            assert_eq!(ExactSum::from_iter([-value]).value(), -value);
        }
    }

    #[test]
    fn sums_round_once_to_even() {
        let tiny = f64::EPSILON / 2.0;
        for (values, sum) in [
            (vec![1e100, 1.0, -1e100], 1.0),
            (vec![0.1; 10], 1.0),
            (vec![1.0, tiny], 1.0),
            (vec![1.0 + f64::EPSILON, tiny], 1.0 + 2.0 * f64::EPSILON),
            (vec![1.0, tiny, 5e-324], 1.0 + f64::EPSILON),
            (vec![-1.0, tiny / 2.0, -5e-324], -1.0 + tiny / 2.0),
            (vec![f64::MAX, f64::MAX], f64::INFINITY),
            (vec![f64::MAX, f64::MAX, f64::MIN], f64::MAX),
            (vec![f64::NAN, 1.0], 1.0),
            (vec![f64::NEG_INFINITY, 1.0], f64::NEG_INFINITY),
            (vec![], 0.0),
        ] {
            assert_eq!(
                ExactSum::from_iter(values.iter().copied()).value(),
                sum,
                "{values:?}"
            );
        }
        assert!(
            ExactSum::from_iter([f64::INFINITY, f64::NEG_INFINITY])
                .value()
                .is_nan()
        );
    }

    #[test]
    fn order_and_splits_do_not_show() {
        let values = wild(999);
        let whole = ExactSum::from_iter(values.iter().copied());
        let mut merged = ExactSum::from_iter(values[700..].iter().rev().copied());
        merged.merge(&ExactSum::from_iter(values[..700].iter().copied()));
        assert_eq!(merged, whole);
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            serde_json::to_string(&whole).unwrap()
        );
        for value in &values {
            merged.remove(*value);
        }
        assert_eq!(merged, ExactSum::new());
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            serde_json::to_string(&ExactSum::new()).unwrap()
        );
    }

    #[test]
    fn a_stored_sum_goes_on_as_before() {
        let mut sum = ExactSum::from_iter(wild(50));
        let text = serde_json::to_string(&sum).unwrap();
        let mut read: ExactSum = serde_json::from_str(&text).unwrap();
        assert_eq!(read, sum);
        sum.add(1.5);
        read.add(1.5);
        assert_eq!(read, sum);
        let forged = text.replacen("[[", "[[60000,1,1],[", 1);
        assert!(serde_json::from_str::<ExactSum>(&forged).is_err());
    }

    #[test]
    fn a_mean_of_huge_values_is_finite() {
        let sum = ExactSum::from_iter([f64::MAX, f64::MAX, f64::MAX]);
        assert_eq!(sum.mean(3), f64::MAX);
        assert_eq!(ExactSum::from_iter([1.0, 0.0, 0.0]).mean(3), 1.0 / 3.0);
        assert_eq!(ExactSum::from_iter([5e-324, 0.0, 0.0]).mean(2), 0.0);
        assert_eq!(ExactSum::from_iter([1.5e-323]).mean(2), 1e-323);
        assert!(ExactSum::new().mean(0).is_nan());
    }
}

//! A sample in order: its empirical distribution.

use serde::{Deserialize, Serialize};

use super::quantile::{Quantile, quantile};
use super::quantile_method::QuantileMethod;
use super::top::{runs, top};

/// The empirical distribution of a sample: its values, sorted.
///
/// NaN is missing and left out; −0 and 0 are one value. Making it takes n log n time, questions
/// then take constant or logarithmic time unless they say otherwise. Holds 8 bytes for each value.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Ecdf, Quantile};
///
/// let ecdf = Ecdf::new(vec![3.0, 1.0, f64::NAN, 2.0, 2.0]);
/// assert_eq!(ecdf.share_up_to(2.0), 0.75);
/// assert_eq!(ecdf.quantile(Quantile::MEDIAN), Some(2.0));
/// assert_eq!(ecdf.top(1), [(2.0, 2)]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<u64>", from = "Vec<u64>")]
pub struct Ecdf {
    sorted: Vec<f64>,
}

impl Ecdf {
    /// Sorts `values`.
    #[must_use]
    pub fn new(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        // Adding zero turns −0 into 0.
        values.iter_mut().for_each(|value| *value += 0.0);
        values.sort_unstable_by(f64::total_cmp);
        Self { sorted: values }
    }

    /// Takes values that are in order already, none of them NaN or −0.
    pub(crate) fn from_sorted(sorted: Vec<f64>) -> Self {
        debug_assert!(sorted.is_sorted());
        Self { sorted }
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    /// The values in order, as a vector of their own.
    #[must_use]
    pub fn into_values(self) -> Vec<f64> {
        self.sorted
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.sorted.first().copied()
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.sorted.last().copied()
    }

    /// How many values are below `x`.
    #[must_use]
    pub fn count_below(&self, x: f64) -> usize {
        self.sorted.partition_point(|value| *value < x)
    }

    /// How many values are at most `x`.
    #[must_use]
    pub fn count_up_to(&self, x: f64) -> usize {
        self.sorted.partition_point(|value| *value <= x)
    }

    /// The share of values that are at most `x`; NaN without values.
    #[must_use]
    pub fn share_up_to(&self, x: f64) -> f64 {
        self.count_up_to(x) as f64 / self.len() as f64
    }

    /// The quantile by linear interpolation (type 7); `None` without values.
    #[must_use]
    pub fn quantile(&self, q: Quantile) -> Option<f64> {
        self.quantile_by(q, QuantileMethod::Linear)
    }

    /// The quantile by any [`QuantileMethod`]; `None` without values.
    #[must_use]
    pub fn quantile_by(&self, q: Quantile, method: QuantileMethod) -> Option<f64> {
        method.of_sorted(&self.sorted, q)
    }

    /// The median of the absolute deviations from the median, unscaled; `None` without values.
    /// Linear time.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "only the median itself deviates by zero")]
    pub fn median_absolute_deviation(&self) -> Option<f64> {
        let median = self.quantile(Quantile::MEDIAN)?;
        // The difference of equal infinities is NaN.
        let deviation = |value: &f64| {
            if *value == median {
                0.0
            } else {
                (value - median).abs()
            }
        };
        let mut deviations: Vec<f64> = self.sorted.iter().map(deviation).collect();
        quantile(&mut deviations, Quantile::MEDIAN)
    }

    /// How many different values there are; linear time.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.runs().count()
    }

    /// The `k` most frequent values with their counts, by falling count, then by value; linear
    /// time.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(f64, u64)> {
        top(self.runs(), k)
    }

    /// The different values with their counts, in order.
    pub fn runs(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        runs(&self.sorted)
    }
}

/// Stored as bits: JSON has no infinity.
impl From<Vec<u64>> for Ecdf {
    fn from(bits: Vec<u64>) -> Self {
        Self::new(bits.into_iter().map(f64::from_bits).collect())
    }
}

impl From<Ecdf> for Vec<u64> {
    fn from(ecdf: Ecdf) -> Self {
        ecdf.sorted.into_iter().map(f64::to_bits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_runs_agree_with_the_values() {
        let ecdf = Ecdf::new(vec![2.0, -0.0, 2.0, f64::NAN, 0.0, f64::INFINITY, -1.0]);
        assert_eq!(ecdf.values(), [-1.0, 0.0, 0.0, 2.0, 2.0, f64::INFINITY]);
        assert_eq!(
            (
                ecdf.count_below(2.0),
                ecdf.count_up_to(2.0),
                ecdf.distinct()
            ),
            (3, 5, 4)
        );
        assert_eq!(ecdf.top(3), [(0.0, 2), (2.0, 2), (-1.0, 1)]);
        assert_eq!(ecdf.top(0), []);
        assert_eq!((ecdf.min(), ecdf.max()), (Some(-1.0), Some(f64::INFINITY)));
    }

    #[test]
    fn quantiles_equal_those_by_selection() {
        let values: Vec<f64> = (0..97).map(|i| f64::from(i * 31 % 97)).collect();
        let ecdf = Ecdf::new(values.clone());
        for i in 0..=20 {
            let q = Quantile::new(f64::from(i) / 20.0).unwrap();
            assert_eq!(ecdf.quantile(q), quantile(&mut values.clone(), q));
        }
        assert_eq!(Ecdf::default().quantile(Quantile::MEDIAN), None);
    }

    #[test]
    fn deviations_are_taken_from_the_median() {
        let deviation = |values: &[f64]| Ecdf::new(values.to_vec()).median_absolute_deviation();
        assert_eq!(deviation(&[1.0, 2.0, 4.0, 9.0]), Some(1.5));
        assert_eq!(deviation(&[f64::INFINITY; 3]), Some(0.0));
        assert_eq!(deviation(&[]), None);
    }

    #[test]
    fn storage_keeps_infinities() {
        let ecdf = Ecdf::new(vec![1.5, f64::INFINITY, f64::NEG_INFINITY]);
        let text = serde_json::to_string(&ecdf).unwrap();
        assert_eq!(serde_json::from_str::<Ecdf>(&text).unwrap(), ecdf);
    }
}

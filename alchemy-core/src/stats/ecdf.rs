//! A sample in order: its empirical distribution.

use serde::{Deserialize, Serialize};

use super::quantile::{Quantile, QuantileMethod};

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
#[serde(into = "Vec<f64>", from = "Vec<f64>")]
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

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.sorted
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

    /// How many different values there are; linear time.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.runs().count()
    }

    /// The `k` most frequent values with their counts, by falling count, then by value; linear
    /// time.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(f64, u64)> {
        top_runs(self.runs(), k)
    }

    /// The different values with their counts, in order.
    #[expect(clippy::float_cmp, reason = "runs are of equal values")]
    pub fn runs(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.sorted
            .chunk_by(|a, b| a == b)
            .map(|run| (run[0], run.len() as u64))
    }
}

/// The `k` runs of highest count, the earlier one where counts are equal.
fn top_runs<T>(runs: impl Iterator<Item = (T, u64)>, k: usize) -> Vec<(T, u64)> {
    let mut top: Vec<(T, u64)> = Vec::with_capacity(k + 1);
    for run in runs {
        if top.len() == k && top.last().is_none_or(|least| run.1 <= least.1) {
            continue;
        }
        let at = top.partition_point(|better| better.1 >= run.1);
        top.insert(at, run);
        top.truncate(k);
    }
    top
}

impl From<Vec<f64>> for Ecdf {
    fn from(values: Vec<f64>) -> Self {
        Self::new(values)
    }
}

impl From<Ecdf> for Vec<f64> {
    fn from(ecdf: Ecdf) -> Self {
        ecdf.sorted
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
            assert_eq!(
                ecdf.quantile(q),
                super::super::quantile(&mut values.clone(), q)
            );
        }
        assert_eq!(Ecdf::default().quantile(Quantile::MEDIAN), None);
    }
}

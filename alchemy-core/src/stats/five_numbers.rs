//! What a box plot shows.

use serde::{Deserialize, Serialize};

use super::by_group::ByGroup;
use super::ecdf::Ecdf;
use super::quantile::{Quantile, quantiles};
use super::quantile_method::QuantileMethod;
use super::quantiles::Quantiles;

/// Tukey's five-number summary: extremes, quartiles and median.
///
/// Quartiles are by linear interpolation (type 7). NaN is missing; infinities count as in
/// [`quantiles`].
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::FiveNumbers;
///
/// let found = FiveNumbers::of(&mut [4.0, 1.0, f64::NAN, 3.0, 2.0, 9.0]).unwrap();
/// assert_eq!((found.min, found.lower_quartile, found.median), (1.0, 2.0, 3.0));
/// assert_eq!((found.upper_quartile, found.max), (4.0, 9.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FiveNumbers {
    /// The smallest value.
    pub min: f64,
    /// The 0.25 quantile.
    pub lower_quartile: f64,
    /// The 0.5 quantile.
    pub median: f64,
    /// The 0.75 quantile.
    pub upper_quartile: f64,
    /// The largest value.
    pub max: f64,
}

impl FiveNumbers {
    /// The summary of `values`, which are left in another order; `None` without values. Linear time.
    pub fn of(values: &mut [f64]) -> Option<Self> {
        let found = quantiles(values, &Self::places(), QuantileMethod::Linear)?;
        found.try_into().ok().map(Self::from_array)
    }

    /// The summary of sorted values; `None` without values.
    #[must_use]
    pub fn of_ecdf(ecdf: &Ecdf) -> Option<Self> {
        let [min, lower, median, upper, max] = Self::places().map(|q| ecdf.quantile(q));
        Some(Self::from_array([min?, lower?, median?, upper?, max?]))
    }

    fn places() -> [Quantile; 5] {
        let (lower, upper) = (Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE);
        [Quantile::MIN, lower, Quantile::MEDIAN, upper, Quantile::MAX]
    }

    fn from_array([min, lower_quartile, median, upper_quartile, max]: [f64; 5]) -> Self {
        Self {
            min,
            lower_quartile,
            median,
            upper_quartile,
            max,
        }
    }
}

impl ByGroup<Quantiles> {
    /// The five-number summary of each group that has values, by the text of the group: the boxes of a
    /// box plot by class.
    ///
    /// # Examples
    ///
    /// ```
    /// use alchemy_core::stats::{ByGroup, Quantiles};
    ///
    /// let mut loads = ByGroup::<Quantiles>::new();
    /// for (failed, load) in [("no", 1.0), ("yes", 8.0), ("no", 3.0)] {
    ///     loads.of(failed).add(load);
    /// }
    /// let boxes = loads.five_numbers();
    /// assert_eq!((boxes[0].0.as_str(), boxes[0].1.median), ("no", 2.0));
    /// ```
    #[must_use]
    pub fn five_numbers(self) -> Vec<(String, FiveNumbers)> {
        let groups: Vec<(String, Quantiles)> = self.into();
        let summaries = groups.into_iter().filter_map(|(group, values)| {
            let mut values = values.into_values();
            Some((group, FiveNumbers::of(&mut values)?))
        });
        summaries.collect()
    }
}

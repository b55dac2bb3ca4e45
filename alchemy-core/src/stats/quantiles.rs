//! Quantiles of values that arrive in any pieces and any order.

use serde::{Deserialize, Serialize};

use super::ecdf::Ecdf;
use super::quantile::{Quantile, quantile, quantiles};
use super::quantile_method::QuantileMethod;

/// Values kept for their quantiles: exact, at 8 bytes for each value.
///
/// Additions and merges commute. NaN is missing.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Quantile, Quantiles};
///
/// let mut left = Quantiles::from_iter([1.0, 4.0]);
/// left.merge(Quantiles::from_iter([3.0, f64::NAN]));
/// assert_eq!(left.quantile(Quantile::MEDIAN), Some(3.0));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(into = "Ecdf", from = "Ecdf")]
pub struct Quantiles {
    values: Vec<f64>,
}

impl Quantiles {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, unless it is NaN.
    pub fn add(&mut self, value: f64) {
        if !value.is_nan() {
            self.values.push(value);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, mut other: Self) {
        if self.values.is_empty() {
            self.values = other.values;
        } else {
            self.values.append(&mut other.values);
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// The quantile by linear interpolation (type 7), found by selection; `None` without values.
    pub fn quantile(&mut self, q: Quantile) -> Option<f64> {
        quantile(&mut self.values, q)
    }

    /// Several quantiles, found by selection; `None` without values.
    pub fn quantiles(&mut self, qs: &[Quantile], method: QuantileMethod) -> Option<Vec<f64>> {
        quantiles(&mut self.values, qs, method)
    }

    /// The median of the absolute deviations from the median, unscaled, found by selection; `None` without values.
    /// Takes a copy of the values.
    #[expect(clippy::float_cmp, reason = "only the median itself deviates by zero")]
    pub fn median_absolute_deviation(&mut self) -> Option<f64> {
        let median = self.quantile(Quantile::MEDIAN)?;
        // The difference of equal infinities is NaN.
        let deviation = |value: &f64| {
            if *value == median {
                0.0
            } else {
                (value - median).abs()
            }
        };
        let mut deviations: Vec<f64> = self.values.iter().map(deviation).collect();
        quantile(&mut deviations, Quantile::MEDIAN)
    }

    pub(super) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The values in order, for many questions about them.
    #[must_use]
    pub fn into_ecdf(self) -> Ecdf {
        Ecdf::new(self.values)
    }
}

impl Extend<f64> for Quantiles {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        self.values
            .extend(values.into_iter().filter(|value| !value.is_nan()));
    }
}

impl FromIterator<f64> for Quantiles {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut quantiles = Self::new();
        quantiles.extend(values);
        quantiles
    }
}

impl From<Vec<f64>> for Quantiles {
    fn from(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        Self { values }
    }
}

/// Equal when the same values are in it, in whatever order they came.
impl PartialEq for Quantiles {
    fn eq(&self, other: &Self) -> bool {
        self.clone().into_ecdf() == other.clone().into_ecdf()
    }
}

impl From<Ecdf> for Quantiles {
    fn from(ecdf: Ecdf) -> Self {
        Self {
            values: ecdf.into_values(),
        }
    }
}

impl From<Quantiles> for Ecdf {
    fn from(quantiles: Quantiles) -> Self {
        quantiles.into_ecdf()
    }
}

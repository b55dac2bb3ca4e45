//! The density of a sample, smoothed by a normal kernel.

use serde::{Deserialize, Serialize};

use super::density_curve::DensityCurve;
use super::ecdf::Ecdf;
use super::exact_sum::ExactSum;
use super::hermite::Boxes;
use super::moments::Moments;
use crate::{Error, Result};

/// How far a density is smoothed: the standard deviation of the kernel. *n* values have the standard
/// deviation *s* (divisor n − 1); with weights *n* is (Σ w)² / Σ w².
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bandwidth {
    /// Scott (1992): s n^(-1/5).
    #[default]
    Scott,
    /// Silverman (1986): s (3 n / 4)^(-1/5).
    Silverman,
    /// That, in the unit of the values.
    Fixed(f64),
}

/// A Gaussian kernel density estimate: the mean of normal densities around each value.
///
/// f(x) = Σ w φ((x − v) / h) / (h Σ w) over values v with weights w, 1 unless given, and bandwidth h. NaN is
/// missing; an infinity has no place under a curve and is left out too.
///
/// [`Self::density`] adds up the kernels at one point, exactly but for rounding, in time proportional
/// to the values within 39 bandwidths. [`Self::curve`] evaluates a grid in time proportional to values plus
/// points. Holds 8 bytes for each value, 16 with weights. Neither the order of values nor the number of
/// threads shows.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Bandwidth, Ecdf, Kde};
///
/// let sample = Ecdf::new(vec![1.0, 2.0, 2.5, 7.0, 8.0]);
/// let kde = Kde::new(sample, Bandwidth::Fixed(0.8))?;
/// assert!(kde.density(2.0) > kde.density(5.0));
/// let modes = kde.curve(200)?.modes();
/// assert_eq!(modes.len(), 2);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
///
/// # References
///
/// - B. W. Silverman, *Density Estimation for Statistics and Data Analysis*, 1986.
/// - D. W. Scott, *Multivariate Density Estimation*, 1992.
#[derive(Debug, Clone, PartialEq)]
pub struct Kde {
    /// Finite, in order.
    values: Vec<f64>,
    /// As many as values, or none where all are 1.
    weights: Vec<f64>,
    total: f64,
    bandwidth: f64,
}

impl Kde {
    /// The density of a sample.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`] without finite values.
    /// - [`Error::InvalidParameter`] if the bandwidth is not a finite number above 0: given so, or by a
    ///   rule where the values do not differ.
    pub fn new(sample: Ecdf, bandwidth: Bandwidth) -> Result<Self> {
        let mut values = sample.into_values();
        values.retain(|value| value.is_finite());
        let moments = Moments::from_iter(values.iter().copied());
        let count = values.len() as f64;
        let bandwidth = bandwidth.of(count, moments.std_dev())?;
        Self::checked(values, Vec::new(), count, bandwidth)
    }

    /// The density of values with weights; a pair with a NaN is missing, a weight of 0 counts for
    /// nothing.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], and [`Error::InvalidParameter`] if a weight is negative or infinite.
    pub fn weighted(
        pairs: impl IntoIterator<Item = (f64, f64)>,
        bandwidth: Bandwidth,
    ) -> Result<Self> {
        let mut pairs: Vec<(f64, f64)> = pairs
            .into_iter()
            .filter(|(value, weight)| value.is_finite() && !weight.is_nan() && *weight != 0.0)
            .map(|(value, weight)| (value + 0.0, weight))
            .collect();
        if let Some((_, weight)) = pairs.iter().find(|(_, w)| *w < 0.0 || w.is_infinite()) {
            return Err(Error::parameter(
                "weights",
                format!("must be finite and not negative, not {weight}"),
            ));
        }
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        // Weights matter by their shares, which neither overflow nor vanish together.
        let largest = weights
            .iter()
            .fold(0.0_f64, |most, weight| most.max(*weight));
        let weights: Vec<f64> = weights.iter().map(|weight| weight / largest).collect();
        let total = ExactSum::from_iter(weights.iter().copied()).value();
        let squares = ExactSum::from_iter(weights.iter().map(|weight| weight * weight)).value();
        let count = total * total / squares;
        let bandwidth = bandwidth.of(count, weighted_deviation(&values, &weights, total))?;
        Self::checked(values, weights, total, bandwidth)
    }

    fn checked(values: Vec<f64>, weights: Vec<f64>, total: f64, bandwidth: f64) -> Result<Self> {
        if values.is_empty() {
            return Err(Error::Empty {
                what: "the sample".to_owned(),
            });
        }
        Ok(Self {
            values,
            weights,
            total,
            bandwidth,
        })
    }

    /// The standard deviation of the kernel.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    /// The density at `x`; NaN for NaN.
    #[must_use]
    pub fn density(&self, x: f64) -> f64 {
        /// Beyond, a kernel is below the smallest positive float.
        const REACH: f64 = 39.0;
        if x.is_nan() {
            return f64::NAN;
        }
        let reach = REACH * self.bandwidth;
        let first = self.values.partition_point(|value| x - value > reach);
        let end = self.values.partition_point(|value| value - x <= reach);
        let kernel = |value: &f64| {
            let u = (x - value) / self.bandwidth;
            (-0.5 * u * u).exp()
        };
        let near = self.values.get(first..end).unwrap_or_default();
        let sum = if self.weights.is_empty() {
            in_blocks(near, |values| values.iter().map(kernel).sum())
        } else {
            let pairs: Vec<f64> = near
                .iter()
                .zip(&self.weights[first..end])
                .map(|(value, weight)| weight * kernel(value))
                .collect();
            in_blocks(&pairs, |terms| terms.iter().sum())
        };
        sum / self.scale()
    }

    /// The density at `num_points` points of equal distance, from three bandwidths below the smallest
    /// value to three above the largest.
    ///
    /// Values are gathered in boxes half a bandwidth wide, each of which counts by an expansion in
    /// Hermite polynomials (as in the fast Gauss transform of Greengard & Strain, 1991): densities are off by
    /// at most 1e-13 of the height of a single kernel, 1 / (h √(2 π)). A value costs about 10 ns, and a point
    /// the boxes within 9 bandwidths of it; points are computed in parallel.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless `num_points` is from 2 to 2^20, or if the range overflows.
    pub fn curve(&self, num_points: usize) -> Result<DensityCurve> {
        const MARGIN: f64 = 3.0;
        const MOST: usize = 1 << 20;
        let margin = MARGIN * self.bandwidth;
        let (low, high) = match (self.values.first(), self.values.last()) {
            (Some(first), Some(last)) => (first - margin, last + margin),
            _ => (-margin, margin),
        };
        let step = (high - low) / num_points.saturating_sub(1) as f64;
        if !(2..=MOST).contains(&num_points) || !step.is_finite() {
            return Err(Error::parameter(
                "num_points",
                format!("must be from 2 to {MOST} and the range finite, not {num_points}"),
            ));
        }
        let boxes = Boxes::new(&self.values, &self.weights, self.bandwidth);
        let points: Vec<f64> = (0..num_points - 1)
            .map(|k| low + k as f64 * step)
            .chain([high])
            .collect();
        let scale = self.scale();
        let densities = boxes.sums_at(&points).into_iter().map(|sum| sum / scale);
        Ok(DensityCurve::new(points, densities.collect()))
    }

    /// What a sum of kernels of height 1 is divided by.
    fn scale(&self) -> f64 {
        self.total * self.bandwidth * std::f64::consts::TAU.sqrt()
    }
}

impl Bandwidth {
    fn of(self, count: f64, deviation: Option<f64>) -> Result<f64> {
        let by_rule = |factor: f64| deviation.map_or(0.0, |deviation| deviation * factor);
        let found = match self {
            Self::Scott => by_rule(count.powf(-0.2)),
            Self::Silverman => by_rule((count * 3.0 / 4.0).powf(-0.2)),
            Self::Fixed(bandwidth) => bandwidth,
        };
        if count > 0.0 && !(found.is_normal() && found > 0.0) {
            return Err(Error::parameter(
                "bandwidth",
                format!("must be a finite number above 0, not {found}"),
            ));
        }
        Ok(found)
    }
}

/// The standard deviation of weighted values with the divisor Σ w − Σ w² / Σ w; `None` where that is 0, or the deviation.
fn weighted_deviation(values: &[f64], weights: &[f64], total: f64) -> Option<f64> {
    let sum = |term: &dyn Fn(f64, f64) -> f64| {
        let terms = values.iter().zip(weights);
        ExactSum::from_iter(terms.map(|(value, weight)| term(*value, *weight))).value()
    };
    let mean = sum(&|value, weight| value * weight) / total;
    let divisor = total - sum(&|_, weight| weight * weight) / total;
    let spread = values
        .iter()
        .fold(0.0_f64, |most, value| most.max((value - mean).abs()));
    if divisor <= 0.0 || spread == 0.0 {
        return None;
    }
    // In units of the spread no square overflows or vanishes. What rounding leaves of the sum of
    // deviations corrects that of their squares.
    let rest = sum(&|value, weight| (value - mean) / spread * weight);
    let squares = sum(&|value, weight| ((value - mean) / spread).powi(2) * weight);
    Some(
        ((squares - rest * (rest / total)) / divisor)
            .max(0.0)
            .sqrt()
            * spread,
    )
}

/// The sum of sums of blocks, which rounds less than one long sum.
fn in_blocks(values: &[f64], sum: impl Fn(&[f64]) -> f64) -> f64 {
    const BLOCK: usize = 256;
    values.chunks(BLOCK).map(sum).sum()
}

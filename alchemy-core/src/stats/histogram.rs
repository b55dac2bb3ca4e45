//! Counts of values in intervals.

use serde::{Deserialize, Serialize};

use super::ecdf::Ecdf;
use super::quantile::Quantile;
use super::quantile_method::QuantileMethod;
use crate::{Error, Result};

/// The most intervals that a rule may choose; a far outlier can ask for billions.
const MAX_BINS: usize = 1 << 16;

/// How many intervals of equal width a histogram has. *n* values span the range *r*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinRule {
    /// That many.
    Fixed(usize),
    /// Sturges (1926): width r / (log₂ n + 1).
    Sturges,
    /// Freedman & Diaconis (1981): width 2 IQR / ∛n; one interval where the quartiles are equal.
    FreedmanDiaconis,
    /// As `numpy`'s `auto`: the narrower of Sturges' width and Freedman & Diaconis', the latter no
    /// narrower than r / (2 √n).
    #[default]
    Auto,
}

/// Counts of values in intervals between `edges`: each from its lower edge, included, to its upper
/// one, which only the last includes.
///
/// Infinities, and values beyond the edges, are counted in `below` and `above`; NaN is missing.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{BinRule, Ecdf, Histogram};
///
/// let ecdf = Ecdf::new(vec![0.0, 1.0, 1.5, 2.0, 4.0]);
/// let histogram = Histogram::of(&ecdf, BinRule::Fixed(2));
/// assert_eq!(histogram.edges(), [0.0, 2.0, 4.0]);
/// assert_eq!(histogram.counts(), [3, 2]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u64>,
    below: u64,
    above: u64,
}

impl Histogram {
    /// The histogram of a sample over the range of its finite values; without one of those, over
    /// 0 to 1. A range of one value is widened by ½ on both sides.
    #[must_use]
    pub fn of(sample: &Ecdf, rule: BinRule) -> Self {
        let values = sample.values();
        let finite =
            &values[sample.count_up_to(f64::NEG_INFINITY)..sample.count_below(f64::INFINITY)];
        let range = finite.first().copied().zip(finite.last().copied());
        Self::over(
            range,
            rule.bins(finite),
            values.len() as u64,
            |x| sample.count_below(x) as u64,
            |x| sample.count_up_to(x) as u64,
        )
    }

    /// The histogram of `total` values, known by how many lie below and up to a point, over the range
    /// of the finite ones.
    pub(crate) fn over(
        range: Option<(f64, f64)>,
        bins: usize,
        total: u64,
        below: impl Fn(f64) -> u64,
        up_to: impl Fn(f64) -> u64,
    ) -> Self {
        let (low, high) = match range {
            Some((low, high)) if low < high => (low, high),
            Some((one, _)) => (one - 0.5, one + 0.5),
            None => (0.0, 1.0),
        };
        let edges = equal_edges(low, high, bins);
        let (first, last) = (below(low), up_to(high));
        let inner = edges[1..bins].iter().map(|edge| below(*edge));
        let bounds: Vec<u64> = std::iter::once(first).chain(inner).chain([last]).collect();
        let counts = bounds
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]));
        Self {
            counts: counts.collect(),
            edges,
            below: first,
            above: total.saturating_sub(last),
        }
    }

    /// A histogram of no values between given edges, to be filled by [`Self::add`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless there are two edges or more, finite and rising.
    pub fn with_edges(edges: Vec<f64>) -> Result<Self> {
        let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
        if edges.len() < 2 || !rising || !edges.iter().all(|edge| edge.is_finite()) {
            return Err(Error::parameter(
                "edges",
                "must be two or more finite numbers in rising order",
            ));
        }
        let counts = vec![0; edges.len() - 1];
        Ok(Self {
            edges,
            counts,
            below: 0,
            above: 0,
        })
    }

    /// Counts `value`, unless it is NaN.
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let place = self.edges.partition_point(|edge| *edge <= value);
        let beyond = self.edges.last().is_none_or(|last| value > *last);
        let count = match place {
            0 => &mut self.below,
            _ if beyond => &mut self.above,
            _ => {
                let last = self.counts.len().saturating_sub(1);
                match self.counts.get_mut(last.min(place - 1)) {
                    Some(count) => count,
                    None => &mut self.above,
                }
            }
        };
        *count += 1;
    }

    /// Adds the counts of `other`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if the edges differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.edges != other.edges {
            return Err(Error::parameter(
                "edges",
                "histograms merge only over the same edges",
            ));
        }
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
        self.below += other.below;
        self.above += other.above;
        Ok(())
    }

    /// The edges, one more than intervals.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The count of each interval.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values were below the first edge.
    #[must_use]
    pub fn below(&self) -> u64 {
        self.below
    }

    /// How many values were above the last edge.
    #[must_use]
    pub fn above(&self) -> u64 {
        self.above
    }
}

impl BinRule {
    fn bins(self, sorted: &[f64]) -> usize {
        let n = sorted.len() as f64;
        let range = sorted.last().unwrap_or(&0.0) - sorted.first().unwrap_or(&0.0);
        let sturges = || range / (n.log2() + 1.0);
        let freedman_diaconis = || {
            let quartile = |q| QuantileMethod::Linear.of_sorted(sorted, q).unwrap_or(0.0);
            let iqr = quartile(Quantile::UPPER_QUARTILE) - quartile(Quantile::LOWER_QUARTILE);
            2.0 * iqr * n.powf(-1.0 / 3.0)
        };
        let width = match self {
            Self::Fixed(bins) => return bins.clamp(1, MAX_BINS),
            Self::Sturges => sturges(),
            Self::FreedmanDiaconis => freedman_diaconis(),
            Self::Auto => freedman_diaconis()
                .max(range / n.sqrt() / 2.0)
                .min(sturges()),
        };
        // One value, or none, leaves no width to divide by.
        let bins = if width > 0.0 {
            (range / width).ceil()
        } else {
            1.0
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let bins = bins as usize;
        bins.clamp(1, MAX_BINS)
    }
}

/// `bins` + 1 edges from `low` to `high`, as `numpy.linspace` computes them unless the range
/// overflows.
fn equal_edges(low: f64, high: f64, bins: usize) -> Vec<f64> {
    let step = (high - low) / bins as f64;
    let edge = |k: usize| {
        if step.is_finite() {
            k as f64 * step + low
        } else {
            let share = k as f64 / bins as f64;
            low * (1.0 - share) + high * share
        }
    };
    (0..bins).map(edge).chain([high]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_closed_below_and_the_last_above_too() {
        let mut filled = Histogram::with_edges(vec![0.0, 1.0, 2.0]).unwrap();
        for value in [-1.0, 0.0, 0.5, 1.0, 2.0, 2.5, f64::NAN, f64::INFINITY] {
            filled.add(value);
        }
        assert_eq!(
            (filled.counts(), filled.below(), filled.above()),
            ([2, 2].as_slice(), 1, 2)
        );
    }

    #[test]
    fn counting_one_by_one_equals_counting_the_sample() {
        let values: Vec<f64> = (0..1000)
            .map(|i| f64::from(i * 37 % 1000) / 7.0)
            .chain([f64::INFINITY])
            .collect();
        for rule in [
            BinRule::Fixed(7),
            BinRule::Sturges,
            BinRule::FreedmanDiaconis,
            BinRule::Auto,
        ] {
            let whole = Histogram::of(&Ecdf::new(values.clone()), rule);
            let mut filled = Histogram::with_edges(whole.edges().to_vec()).unwrap();
            values.iter().for_each(|value| filled.add(*value));
            assert_eq!(filled, whole);
            assert_eq!(
                (whole.counts().iter().sum::<u64>(), whole.above()),
                (1000, 1)
            );
        }
    }

    #[test]
    fn samples_of_no_or_one_value_have_a_histogram() {
        let one = Histogram::of(&Ecdf::new(vec![3.0; 5]), BinRule::Auto);
        assert_eq!(
            (one.edges(), one.counts()),
            ([2.5, 3.5].as_slice(), [5].as_slice())
        );
        let none = Histogram::of(&Ecdf::new(vec![f64::NEG_INFINITY]), BinRule::Auto);
        assert_eq!((none.counts(), none.below()), ([0].as_slice(), 1));
        let wide = Histogram::of(&Ecdf::new(vec![f64::MIN, 0.0, f64::MAX]), BinRule::Fixed(2));
        assert_eq!((wide.edges()[1], wide.counts()), (0.0, [1, 2].as_slice()));
    }

    #[test]
    fn only_equal_edges_merge() {
        let mut a = Histogram::with_edges(vec![0.0, 1.0]).unwrap();
        let b = Histogram::with_edges(vec![0.0, 2.0]).unwrap();
        assert!(a.merge(&b).is_err());
        a.add(0.5);
        let mut twice = a.clone();
        twice.merge(&a).unwrap();
        assert_eq!(twice.counts(), [2]);
        assert!(Histogram::with_edges(vec![1.0, 1.0]).is_err());
    }
}

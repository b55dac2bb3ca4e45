//! Quantiles in bounded memory.

use serde::{Deserialize, Serialize};

use super::binade_counts::{BinadeCounts, LEAST_BYTES, NUM_BINADES, order_code};
use super::quantile::Quantile;
use super::quantile_method::QuantileMethod;
use crate::{Error, Result};

/// The most fraction bits that a bin may be told by: a relative error of 2^-13.
const MOST_BITS: u32 = 12;

/// Counts of values by sign, exponent and leading fraction bits: quantiles of any number of values
/// in bounded memory, each with a guaranteed error.
///
/// Told by *b* fraction bits, a bin spans at most a 2^-b part of its values, and answers are bin
/// middles: an order statistic is found with a relative error of at most 2^-(b+1)
/// ([`Self::relative_error`]), whatever the values, their order and number. Magnitudes below
/// 2.2e-308, which are subnormal, are found with an absolute error below 1.2e-308 · 2^-b instead.
/// The count, the smallest and the largest value, zeros and infinities are exact. NaN is missing;
/// −0 and 0 are one value.
///
/// The counts take at most [`Self::with_max_bytes`]: 8 · 2^b bytes for each binade (values of one sign
/// and one power of two) that occurs. Where more binades occur, *b* falls by one at a time until they
/// fit, and the error doubles. Since that depends on the binades of all values alone, additions and
/// merges commute and associate bit for bit. Besides the counts the state holds at most 8 KiB.
///
/// By default *b* is 8, so the error at most 0.2 %, and a binade takes 2 KiB: measurements of both signs
/// over six decades take 80 KiB, and 1 MiB is the limit. A value costs about 2 ns, a question a walk
/// over the counts.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Quantile, QuantileSketch};
///
/// let mut sketch = QuantileSketch::from_iter((1..=50_000).map(f64::from));
/// sketch.merge(&QuantileSketch::from_iter((50_001..=100_000).map(f64::from)));
///
/// let median = sketch.quantile(Quantile::MEDIAN).unwrap();
/// assert!((median - 50_000.5).abs() <= sketch.relative_error() * 50_000.5);
/// assert_eq!((sketch.count(), sketch.max()), (100_000, Some(100_000.0)));
/// ```
///
/// # References
///
/// - C. Masson, J. E. Rim and H. K. Lee, "`DDSketch`: A Fast and Fully-Mergeable Quantile Sketch with
///   Relative-Error Guarantees", 2019, <https://arxiv.org/abs/1908.10693>. The bins here are those of
///   G. Tene's `HdrHistogram`, which need no logarithm.
/// - I. Epicoco and others, "`UDDSketch`: Accurate Tracking of Quantiles in Data Streams", 2020,
///   <https://arxiv.org/abs/2004.08604>: all bins coarsen at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct QuantileSketch {
    count: u64,
    negative_infinities: u64,
    positive_infinities: u64,
    zeros: u64,
    /// Of the finite values.
    min: f64,
    max: f64,
    /// Of the finite values but zero.
    bins: BinadeCounts,
}

impl QuantileSketch {
    /// The sketch of no values, with a relative error of at most 2^-9 and 1 MiB of counts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the relative error to the largest power of two that is not above `error`: 2^-9, or 0.2 %,
    /// by default. The error of values that were added before can only grow.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless `error` is between 2^-13 and ½.
    pub fn with_relative_error(mut self, error: f64) -> Result<Self> {
        let bits = (0..=MOST_BITS).find(|bits| error_of(*bits) <= error);
        let Some(bits) = bits.filter(|_| error <= error_of(0)) else {
            return Err(Error::parameter(
                "relative_error",
                format!(
                    "must be between {} and 0.5, not {error}",
                    error_of(MOST_BITS)
                ),
            ));
        };
        self.bins.limit_bits(bits);
        Ok(self)
    }

    /// Sets how many bytes the counts may take: 1 MiB by default.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] below 32 KiB, which one count for each binade takes.
    pub fn with_max_bytes(mut self, bytes: usize) -> Result<Self> {
        if bytes < LEAST_BYTES {
            return Err(Error::parameter(
                "max_bytes",
                format!("must be at least {LEAST_BYTES}, not {bytes}"),
            ));
        }
        self.bins.limit_bytes(bytes);
        Ok(self)
    }

    /// Adds `value`, unless it is NaN.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if value.is_finite() && value != 0.0 {
            self.count = self.count.saturating_add(1);
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.bins.add(order_code(value), 1);
        } else {
            self.add_rare(value);
        }
    }

    /// Adds all that `other` holds; the larger error and the smaller limit of memory of the two hold
    /// from then on.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.negative_infinities = self
            .negative_infinities
            .saturating_add(other.negative_infinities);
        self.positive_infinities = self
            .positive_infinities
            .saturating_add(other.positive_infinities);
        self.zeros = self.zeros.saturating_add(other.zeros);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.bins.merge(&other.bins);
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The smallest value, exact.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.order_statistic(0)
    }

    /// The largest value, exact.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.order_statistic(self.count.checked_sub(1)?)
    }

    /// The relative error in force, by which an order statistic is off at most.
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        error_of(self.bins.bits())
    }

    /// How many bytes the state holds.
    #[must_use]
    pub fn num_bytes(&self) -> usize {
        size_of::<Self>() + self.bins.num_bytes()
    }

    /// The quantile by linear interpolation (type 7); `None` without values.
    ///
    /// Interpolates between two order statistics as found, so it has their relative error where they are
    /// of one sign. Infinities as in [`quantiles`](super::quantiles()). Rises with `q`.
    #[must_use]
    pub fn quantile(&self, q: Quantile) -> Option<f64> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        if count == 0 {
            return None;
        }
        let position = QuantileMethod::Linear.position(count, q);
        let lower = self.order_statistic(position.lower as u64)?;
        let upper = self.order_statistic(position.upper as u64)?;
        Some(position.between(lower, upper))
    }

    /// The value of zero-based `rank` in order, within the relative error; `None` from
    /// [`Self::count`] on.
    #[must_use]
    pub fn order_statistic(&self, rank: u64) -> Option<f64> {
        if rank >= self.count {
            return None;
        }
        let Some(rank) = rank.checked_sub(self.negative_infinities) else {
            return Some(f64::NEG_INFINITY);
        };
        let infinite = self
            .negative_infinities
            .saturating_add(self.positive_infinities);
        let finite = self.count.saturating_sub(infinite);
        if rank >= finite {
            return Some(f64::INFINITY);
        }
        if rank == 0 {
            return Some(self.min);
        }
        if rank == finite - 1 {
            return Some(self.max);
        }
        let mut up_to = 0;
        let found = self.finite_runs().find(|(_, count)| {
            up_to = count.saturating_add(up_to);
            rank < up_to
        });
        found.map(|(value, _)| value.max(self.min).min(self.max))
    }

    /// The least and the most values that may be at most `x`, which differ by those in the bin of
    /// `x`. The true count of values lies between, and is certain at 0, at infinities, and beyond the
    /// extremes.
    #[must_use]
    pub fn count_up_to(&self, x: f64) -> (u64, u64) {
        let (below, within, _) = self.around(x);
        (below, below.saturating_add(within))
    }

    /// The share of values that are at most `x`, taking the values within the bin of `x` as spread
    /// evenly: between the shares that [`Self::count_up_to`] bounds. NaN without values.
    #[must_use]
    pub fn share_up_to(&self, x: f64) -> f64 {
        let (below, within, part) = self.around(x);
        (below as f64 + within as f64 * part) / self.count as f64
    }

    /// How many values are surely at most `x`, how many more share its bin, and the part of the bin up
    /// to `x`.
    fn around(&self, x: f64) -> (u64, u64, f64) {
        if x.is_nan() {
            return (0, 0, 0.0);
        }
        if x == f64::INFINITY {
            return (self.count, 0, 0.0);
        }
        if x < self.min {
            return (self.negative_infinities, 0, 0.0);
        }
        if x >= self.max {
            return (self.count.saturating_sub(self.positive_infinities), 0, 0.0);
        }
        let code = order_code(x);
        let own = code >> self.bins.shift();
        let mut below = self.negative_infinities;
        let mut within = 0;
        for (bin, count) in self.bins.iter().take_while(|(bin, _)| *bin <= own) {
            if bin < own {
                below = count.saturating_add(below);
            } else {
                within = count;
            }
        }
        if x == 0.0 {
            // Its bin holds positive values only.
            return (below.saturating_add(self.zeros), 0, 0.0);
        }
        if x > 0.0 {
            below = below.saturating_add(self.zeros);
        }
        let width = 1_u64 << self.bins.shift();
        let part = ((code & (width - 1)) + 1) as f64 / width as f64;
        (below, within, part)
    }

    /// Counts a zero, an infinity, or nothing for NaN.
    #[cold]
    fn add_rare(&mut self, value: f64) {
        let counter = if value == 0.0 {
            self.min = self.min.min(0.0);
            self.max = self.max.max(0.0);
            &mut self.zeros
        } else if value == f64::INFINITY {
            &mut self.positive_infinities
        } else if value == f64::NEG_INFINITY {
            &mut self.negative_infinities
        } else {
            return;
        };
        *counter = counter.saturating_add(1);
        self.count = self.count.saturating_add(1);
    }

    /// The finite values as found, in order, with their counts.
    fn finite_runs(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let zero_bin = order_code(0.0) >> self.bins.shift();
        let values = |(bin, count)| (self.bins.middle(bin), count);
        let negative = self.bins.iter().take_while(move |(bin, _)| *bin < zero_bin);
        let positive = self.bins.iter().skip_while(move |(bin, _)| *bin < zero_bin);
        let zeros = std::iter::once((0.0, self.zeros));
        negative
            .map(values)
            .chain(zeros)
            .chain(positive.map(values))
    }
}

/// Half of the width of a bin, relative to the smallest magnitude in it.
fn error_of(bits: u32) -> f64 {
    0.5 / f64::from(1_u32 << bits)
}

impl Default for QuantileSketch {
    fn default() -> Self {
        const BITS: u32 = 8;
        const MAX_BYTES: usize = 1 << 20;
        Self {
            count: 0,
            negative_infinities: 0,
            positive_infinities: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            bins: BinadeCounts::new(BITS, MAX_BYTES),
        }
    }
}

impl Extend<f64> for QuantileSketch {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for QuantileSketch {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sketch = Self::new();
        sketch.extend(values);
        sketch
    }
}

/// Equal when every answer is, now and after more values.
impl PartialEq for QuantileSketch {
    fn eq(&self, other: &Self) -> bool {
        Stored::from(self.clone()) == Stored::from(other.clone())
    }
}

/// What is kept of a sketch: the bins as their distance from the bin before and their count.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    bits: u32,
    max_bytes: usize,
    negative_infinities: u64,
    positive_infinities: u64,
    zeros: u64,
    range: Option<(f64, f64)>,
    bins: Vec<(u64, u64)>,
}

impl From<QuantileSketch> for Stored {
    fn from(sketch: QuantileSketch) -> Self {
        let mut before = 0;
        let gaps = sketch.bins.iter().map(|(bin, count)| {
            let gap = bin - before;
            before = bin;
            (gap, count)
        });
        Self {
            bins: gaps.collect(),
            bits: sketch.bins.bits(),
            max_bytes: sketch.bins.max_bytes(),
            negative_infinities: sketch.negative_infinities,
            positive_infinities: sketch.positive_infinities,
            zeros: sketch.zeros,
            range: (sketch.min <= sketch.max).then_some((sketch.min, sketch.max)),
        }
    }
}

impl TryFrom<Stored> for QuantileSketch {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.bits > MOST_BITS {
            return Err(format!("{} fraction bits are not possible", stored.bits));
        }
        let mut sketch = Self::new()
            .with_max_bytes(stored.max_bytes)
            .map_err(|error| error.to_string())?;
        sketch.bins.limit_bits(stored.bits);
        (sketch.min, sketch.max) = stored.range.unwrap_or((sketch.min, sketch.max));
        let rare = [
            stored.negative_infinities,
            stored.positive_infinities,
            stored.zeros,
        ];
        let counts = stored.bins.iter().map(|(_, count)| count).chain(&rare);
        sketch.count = counts
            .copied()
            .try_fold(0_u64, u64::checked_add)
            .ok_or("more values than can be counted")?;
        [
            sketch.negative_infinities,
            sketch.positive_infinities,
            sketch.zeros,
        ] = rare;
        let mut bin = 0_u64;
        for (gap, count) in stored.bins {
            bin = bin.saturating_add(gap);
            let exists = bin < NUM_BINADES << stored.bits && sketch.bins.middle(bin).is_finite();
            if !exists || count == 0 {
                return Err(format!("no bin {bin} can hold {count} values"));
            }
            sketch.bins.add(bin << sketch.bins.shift(), count);
        }
        if sketch.bins.bits() != stored.bits {
            return Err(format!("more than {} bytes of counts", stored.max_bytes));
        }
        let place = |value| (order_code(value) >> sketch.bins.shift(), value == 0.0);
        let mut runs = sketch.finite_runs().filter(|(_, count)| *count > 0);
        let first = runs.next();
        let ends = first.map(|first| (place(first.0), place(runs.last().unwrap_or(first).0)));
        if ends != stored.range.map(|(min, max)| (place(min), place(max))) {
            return Err("the range is not that of the bins".to_owned());
        }
        Ok(sketch)
    }
}

//! The numbers of a column, summed up.

use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::figure;
use super::keys::{Gathered, Sample};
use super::modes::modes;
use crate::stats::{Histogram, Moments4, Quantile};

/// Fences lie this many interquartile ranges beyond the quartiles (Tukey, 1977).
const FENCE: f64 = 1.5;

/// Intervals of the histogram.
const BINS: usize = 30;

/// The distribution of a numeric column, missing values left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericSummary {
    /// The mean; `None` where infinities leave none.
    pub mean: Option<f64>,
    /// The standard deviation with divisor n − 1; `None` below two values, or with an infinity.
    pub std_dev: Option<f64>,
    /// The skewness m₃ / m₂^(3/2); `None` where all values are equal, or with an infinity.
    pub skewness: Option<f64>,
    /// The excess kurtosis m₄ / m₂² − 3; `None` as above.
    pub kurtosis: Option<f64>,
    /// The smallest value.
    #[serde(with = "figure")]
    pub min: f64,
    /// The largest value.
    #[serde(with = "figure")]
    pub max: f64,
    /// The first row with the smallest value, from 0; `None` where rows have no numbers, see
    /// [`ProfileAccumulator::starting_at`](super::ProfileAccumulator::starting_at).
    pub min_row: Option<u64>,
    /// The first row with the largest value.
    pub max_row: Option<u64>,
    /// Quantiles by linear interpolation (type 7), as the profiler was asked for.
    pub quantiles: Vec<QuantileValue>,
    /// How many values are zero.
    pub zeros: u64,
    /// How many values are below zero.
    pub negatives: u64,
    /// How many values are infinite.
    pub infinities: u64,
    /// How many values lie more than 1.5 interquartile ranges beyond the quartiles.
    pub outside_fences: u64,
    /// Counts in 30 intervals of equal width over the finite values.
    pub histogram: Histogram,
    /// Where the distribution has its peaks, in rising order: those of a smoothed histogram that hold
    /// a tenth of the values or more, with clear valleys between. Empty below 100 values, and where
    /// single values hold much of them.
    pub modes: Vec<f64>,
}

/// A quantile and the value found there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QuantileValue {
    /// Where in the distribution.
    pub q: Quantile,
    /// The value there.
    #[serde(with = "figure")]
    pub value: f64,
}

impl NumericSummary {
    /// The value of the quantile `q`; `None` if the profiler was not asked for it.
    #[must_use]
    pub fn quantile(&self, q: Quantile) -> Option<f64> {
        self.quantiles
            .iter()
            .find(|found| found.q == q)
            .map(|found| found.value)
    }

    /// Sums up what was gathered; `None` without values.
    pub(super) fn of(
        gathered: &Gathered,
        moments: &Moments4,
        quantiles: &[Quantile],
    ) -> Option<Self> {
        match &gathered.sample {
            Sample::Exact(ecdf) => Self::of_distribution(ecdf, gathered, moments, quantiles),
            Sample::Sketch(sketch) => Self::of_distribution(sketch, gathered, moments, quantiles),
        }
    }

    fn of_distribution(
        sample: &impl Distribution,
        gathered: &Gathered,
        moments: &Moments4,
        quantiles: &[Quantile],
    ) -> Option<Self> {
        let ([min, max], [min_row, max_row]) = gathered.ends?;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let value = |q: Quantile| sample.quantile(q).unwrap_or(f64::NAN);
        let (lower, upper) = (
            value(Quantile::LOWER_QUARTILE),
            value(Quantile::UPPER_QUARTILE),
        );
        let reach = FENCE * (upper - lower);
        let count = sample.count();
        // Quartiles that are one infinity have no distance.
        let outside_fences = if reach.is_nan() {
            0
        } else {
            let within = sample
                .count_up_to(upper + reach)
                .saturating_sub(sample.count_below(lower - reach));
            count.saturating_sub(within)
        };
        let negatives = sample.count_below(0.0);
        Some(Self {
            mean: finite(moments.moments().mean()),
            std_dev: finite(moments.moments().std_dev()),
            skewness: finite(moments.skewness()),
            kurtosis: finite(moments.kurtosis()),
            min: gathered.kind.to_f64(min),
            max: gathered.kind.to_f64(max),
            min_row: Some(min_row),
            max_row: Some(max_row),
            quantiles: quantiles
                .iter()
                .map(|q| QuantileValue {
                    q: *q,
                    value: value(*q),
                })
                .collect(),
            zeros: sample.count_up_to(0.0).saturating_sub(negatives),
            negatives,
            infinities: sample.count_up_to(f64::NEG_INFINITY) + count
                - sample.count_below(f64::INFINITY),
            outside_fences,
            histogram: histogram(sample),
            modes: modes(sample),
        })
    }
}

fn histogram(sample: &impl Distribution) -> Histogram {
    Histogram::over(
        sample.finite_range(),
        BINS,
        sample.count(),
        |x| sample.count_below(x),
        |x| sample.count_up_to(x),
    )
}

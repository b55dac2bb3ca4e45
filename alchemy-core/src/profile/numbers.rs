//! The numbers of a column, gathered and summed up.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::figure;
use crate::column::Numeric;
use crate::stats::{BinRule, Ecdf, Histogram, Moments4, Quantile, runs, top};

/// Fences lie this many interquartile ranges beyond the quartiles (Tukey, 1977).
const FENCE: f64 = 1.5;

/// Intervals of the histogram.
const BINS: BinRule = BinRule::Fixed(30);

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
}

/// Numbers as keys that sort like the numbers: one representation for every type, without loss.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Numbers {
    kind: Kind,
    keys: Vec<u64>,
    ends: Option<Ends>,
}

/// The smallest and the largest key, each with the first row that has it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ends {
    min: u64,
    min_row: u64,
    max: u64,
    max_row: u64,
}

impl Ends {
    fn at(key: u64, row: u64) -> Self {
        Self {
            min: key,
            min_row: row,
            max: key,
            max_row: row,
        }
    }

    fn merge(&mut self, other: Self) {
        (self.min, self.min_row) = (self.min, self.min_row).min((other.min, other.min_row));
        let reach = |key: u64, row: u64| (key, Reverse(row));
        let (max, Reverse(max_row)) =
            reach(self.max, self.max_row).max(reach(other.max, other.max_row));
        (self.max, self.max_row) = (max, max_row);
    }
}

impl Numbers {
    /// Adds the values of `view`, which is always of the same type and begins at `first_row`.
    pub(super) fn update(&mut self, view: &Numeric<'_>, first_row: u64) {
        self.kind = Kind::of(view);
        self.keys.reserve(view.len());
        let mut ends: Option<Ends> = None;
        for_each_key(view, |row, key| {
            self.keys.push(key);
            let row = row as u64;
            let ends = ends.get_or_insert_with(|| Ends::at(key, row));
            if key < ends.min {
                (ends.min, ends.min_row) = (key, row);
            }
            if key > ends.max {
                (ends.max, ends.max_row) = (key, row);
            }
        });
        if let Some(mut ends) = ends {
            ends.min_row += first_row;
            ends.max_row += first_row;
            self.add_ends(ends);
        }
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        if self.keys.is_empty() {
            self.kind = other.kind;
        }
        self.keys.append(&mut other.keys);
        if let Some(ends) = other.ends {
            self.add_ends(ends);
        }
    }

    fn add_ends(&mut self, more: Ends) {
        match &mut self.ends {
            Some(ends) => ends.merge(more),
            none => *none = Some(more),
        }
    }

    /// The first rows with the smallest and with the largest key; `None` without values, or where
    /// rows have no numbers.
    pub(super) fn end_rows(&self, is_numbered: bool) -> [Option<u64>; 2] {
        let ends = self.ends.filter(|_| is_numbered);
        [ends.map(|ends| ends.min_row), ends.map(|ends| ends.max_row)]
    }

    pub(super) fn sort(&mut self) {
        self.keys.sort_unstable();
    }

    /// How many values differ, once sorted.
    pub(super) fn distinct(&self) -> u64 {
        runs(&self.keys).count() as u64
    }

    /// The most frequent keys, once sorted.
    pub(super) fn top(&self, k: usize) -> Vec<(u64, u64)> {
        top(runs(&self.keys), k)
    }

    /// The smallest and the largest key; `None` without values.
    pub(super) fn ends(&self) -> Option<(u64, u64)> {
        self.ends.map(|ends| (ends.min, ends.max))
    }

    /// The number that a key stands for, as text.
    pub(super) fn text(&self, key: u64) -> String {
        match self.kind {
            Kind::Float => self.kind.to_f64(key).to_string(),
            Kind::Signed => signed(key).to_string(),
            Kind::Unsigned => key.to_string(),
        }
    }

    /// The integer that a key of a date or a timestamp stands for.
    pub(super) fn ticks(&self, key: u64) -> i64 {
        match self.kind {
            Kind::Signed => signed(key),
            #[expect(clippy::cast_possible_truncation, reason = "days, which 32 bits hold")]
            Kind::Float => self.kind.to_f64(key) as i64,
            Kind::Unsigned => i64::try_from(key).unwrap_or(i64::MAX),
        }
    }

    /// Sums up sorted numbers; `None` without values.
    pub(super) fn summary(
        self,
        moments: &Moments4,
        quantiles: &[Quantile],
    ) -> Option<NumericSummary> {
        let kind = self.kind;
        let ecdf = Ecdf::from_sorted(self.keys.into_iter().map(|key| kind.to_f64(key)).collect());
        let (min, max) = (ecdf.min()?, ecdf.max()?);
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let value = |q: Quantile| ecdf.quantile(q).unwrap_or(f64::NAN);
        let (lower, upper) = (
            value(Quantile::LOWER_QUARTILE),
            value(Quantile::UPPER_QUARTILE),
        );
        let reach = FENCE * (upper - lower);
        let within = ecdf
            .count_up_to(upper + reach)
            .saturating_sub(ecdf.count_below(lower - reach));
        let zeros = ecdf.count_up_to(0.0) - ecdf.count_below(0.0);
        let infinities =
            ecdf.count_up_to(f64::NEG_INFINITY) + ecdf.len() - ecdf.count_below(f64::INFINITY);
        Some(NumericSummary {
            mean: finite(moments.moments().mean()),
            std_dev: finite(moments.moments().std_dev()),
            skewness: finite(moments.skewness()),
            kurtosis: finite(moments.kurtosis()),
            min,
            max,
            min_row: None,
            max_row: None,
            quantiles: quantiles
                .iter()
                .map(|q| QuantileValue {
                    q: *q,
                    value: value(*q),
                })
                .collect(),
            zeros: zeros as u64,
            negatives: ecdf.count_below(0.0) as u64,
            infinities: infinities as u64,
            outside_fences: (ecdf.len() - within) as u64,
            histogram: Histogram::of(&ecdf, BINS),
        })
    }
}

/// What a key stands for. 64-bit integers keep all their digits; every other number fits a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Float,
    Signed,
    Unsigned,
}

impl Kind {
    fn of(view: &Numeric<'_>) -> Self {
        match view {
            Numeric::I64(_) => Self::Signed,
            Numeric::U64(_) => Self::Unsigned,
            _ => Self::Float,
        }
    }

    fn to_f64(self, key: u64) -> f64 {
        match self {
            Self::Float => f64::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN }),
            Self::Signed => signed(key) as f64,
            Self::Unsigned => key as f64,
        }
    }
}

/// Flipping the highest bit turns the order of signed integers into that of unsigned ones.
const SIGN: u64 = 1 << 63;

fn signed(key: u64) -> i64 {
    (key ^ SIGN).cast_signed()
}

/// Calls `each` with the row and key of every value that is not missing.
pub(super) fn for_each_key(view: &Numeric<'_>, mut each: impl FnMut(usize, u64)) {
    match view {
        Numeric::I64(values) => {
            values.for_each_row(|row, value| each(row, value.cast_unsigned() ^ SIGN));
        }
        Numeric::U64(values) => values.for_each_row(each),
        view => view.for_each_row(|row, value| {
            // Adding zero turns −0 into 0.
            let bits = (value + 0.0).to_bits();
            each(row, if bits & SIGN == 0 { bits | SIGN } else { !bits });
        }),
    }
}

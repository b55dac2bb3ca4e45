//! Where outliers begin, as learned.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::NumericColumn;
use alchemy_core::stats::{Moments, Quantile};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::rule::Rule;
use crate::per_column::Learner;
use crate::sample::Sample;

/// The median absolute deviation of a normal distribution is 0.6745 of its standard deviation (Iglewicz & Hoaglin, 1993).
const MAD_OF_NORMAL: f64 = 0.6745;

/// Which outliers are meant. There is no default: capping one side of what was computed for two is a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Values that are too small.
    Lower,
    /// Values that are too large.
    Upper,
    /// Both.
    Both,
}

/// The largest and smallest values that are not outliers.
///
/// A side that is not meant has no fence, nor has one that would lie at an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Fences {
    lower: Option<f64>,
    upper: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relative_error: Option<f64>,
}

#[derive(Deserialize)]
struct Stored {
    lower: Option<f64>,
    upper: Option<f64>,
    #[serde(default)]
    relative_error: Option<f64>,
}

impl From<Stored> for Fences {
    fn from(stored: Stored) -> Self {
        Self {
            relative_error: stored.relative_error,
            ..Self::new(stored.lower, stored.upper)
        }
    }
}

impl Fences {
    /// Fences that lie at an infinity are none.
    pub(super) fn new(lower: Option<f64>, upper: Option<f64>) -> Self {
        let finite = |fence: &f64| fence.is_finite();
        Self {
            lower: lower.filter(finite),
            upper: upper.filter(finite),
            relative_error: None,
        }
    }

    /// The smallest value that is not an outlier.
    #[must_use]
    pub fn lower(&self) -> Option<f64> {
        self.lower
    }

    /// The largest value that is not an outlier.
    #[must_use]
    pub fn upper(&self) -> Option<f64> {
        self.upper
    }

    /// By how much the quantiles that the fences rest on may be off, as a share of them; `None` where they are exact, as
    /// they are but with sketches.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        self.relative_error
    }

    /// Fences `margin` below `low` and above `high`.
    fn around(low: f64, high: f64, margin: f64, side: Side) -> Self {
        let lower = (side != Side::Upper).then_some(low - margin);
        let upper = (side != Side::Lower).then_some(high + margin);
        Self::new(lower, upper)
    }
}

/// Gathers a column for its fences.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FenceLearner {
    rule: Rule,
    values: Gathered,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Gathered {
    Nothing,
    Sample(Sample),
    Moments(Moments),
}

impl FenceLearner {
    pub(super) fn new(rule: Rule, sketches: bool) -> Self {
        let values = match rule {
            Rule::Fixed(_) => Gathered::Nothing,
            Rule::Iqr { .. } | Rule::Quantiles(_) => Gathered::Sample(Sample::new(sketches)),
            // No sketch can answer for deviations.
            Rule::Mad { .. } => Gathered::Sample(Sample::new(false)),
            Rule::ZScore { .. } => Gathered::Moments(Moments::new()),
        };
        Self { rule, values }
    }
}

impl Learner for FenceLearner {
    type Learned = Fences;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        match &mut self.values {
            Gathered::Nothing => {}
            Gathered::Sample(sample) => sample.update(column, array)?,
            Gathered::Moments(moments) => {
                let numbers = NumericColumn::new(column, array)?;
                numbers.view().for_each(|value| moments.add(value));
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        match (&mut self.values, other.values) {
            _ if self.rule != other.rule => {
                let message = "two different ones cannot be merged";
                return Err(Error::parameter("rule", message));
            }
            (Gathered::Sample(ours), Gathered::Sample(theirs)) => ours.merge(theirs)?,
            (Gathered::Moments(ours), Gathered::Moments(theirs)) => ours.merge(&theirs),
            _ => {}
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        match &self.values {
            Gathered::Nothing => true,
            Gathered::Sample(sample) => !sample.is_empty(),
            Gathered::Moments(moments) => moments.count() > 1,
        }
    }

    fn finish(self, column: &str, _data_type: &DataType) -> Result<Fences> {
        let nothing = || Error::AllNull {
            column: column.to_owned(),
        };
        match (self.rule, self.values) {
            (Rule::Iqr { multiplier, side }, Gathered::Sample(mut sample)) => {
                let quartiles = [Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE];
                let [q1, q3] = sample.quantiles(quartiles).ok_or_else(nothing)?;
                Ok(Fences {
                    relative_error: sample.relative_error(),
                    ..Fences::around(q1, q3, multiplier * (q3 - q1), side)
                })
            }
            (Rule::Quantiles(ends), Gathered::Sample(mut sample)) => {
                let [low, high] = sample
                    .quantiles(self.rule.quantiles()?)
                    .ok_or_else(nothing)?;
                Ok(Fences {
                    relative_error: sample.relative_error(),
                    ..Fences::new(ends.lower.map(|_| low), ends.upper.map(|_| high))
                })
            }
            (Rule::Mad { multiplier, side }, Gathered::Sample(mut sample)) => {
                let (median, deviation) = sample.median_and_deviation().ok_or_else(nothing)?;
                let margin = multiplier * deviation / MAD_OF_NORMAL;
                Ok(Fences::around(median, median, margin, side))
            }
            (Rule::ZScore { multiplier, side }, Gathered::Moments(moments)) => {
                let mean = moments.mean().ok_or_else(nothing)?;
                let deviation = moments.std_dev().ok_or_else(|| {
                    let message =
                        format!("column {column:?} has one value, and no standard deviation");
                    Error::parameter("rule", message)
                })?;
                Ok(Fences::around(mean, mean, multiplier * deviation, side))
            }
            (Rule::Fixed(ends), _) => Ok(Fences::new(ends.lower, ends.upper)),
            _ => Err(Error::Corrupt {
                what: "outliers".into(),
                message: "what was gathered is not what the rule needs".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_not_named_has_no_fence() {
        let of = |side| Fences::around(1.0, 3.0, 3.0, side);
        assert_eq!(of(Side::Both), Fences::new(Some(-2.0), Some(6.0)));
        assert_eq!(of(Side::Lower), Fences::new(Some(-2.0), None));
        assert_eq!(of(Side::Upper), Fences::new(None, Some(6.0)));
    }

    #[test]
    fn a_fence_at_infinity_is_none() {
        const INF: f64 = f64::INFINITY;
        let none = Fences::new(None, None);
        for (q1, q3) in [(-INF, INF), (0.0, INF), (INF, INF), (-1e308, 1e308)] {
            let fences = Fences::around(q1, q3, 1.5 * (q3 - q1), Side::Both);
            assert_eq!(fences, none, "{q1} {q3}");
        }
    }
}

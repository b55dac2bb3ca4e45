//! Where outliers begin.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::stats::{Quantile, QuantileMethod, Quantiles};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::per_column::{Learner, add_numbers};

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
/// A side that is not capped has no fence, nor has one that would lie at an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Fences {
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Deserialize)]
struct Stored {
    lower: Option<f64>,
    upper: Option<f64>,
}

impl From<Stored> for Fences {
    fn from(Stored { lower, upper }: Stored) -> Self {
        Self::new(lower, upper)
    }
}

impl Fences {
    /// Fences that lie at an infinity are none.
    pub(super) fn new(lower: Option<f64>, upper: Option<f64>) -> Self {
        let finite = |fence: &f64| fence.is_finite();
        Self {
            lower: lower.filter(finite),
            upper: upper.filter(finite),
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

    /// Tukey's fences: `multiplier` interquartile ranges beyond the quartiles.
    fn tukey(q1: f64, q3: f64, multiplier: f64, side: Side) -> Self {
        let margin = multiplier * (q3 - q1);
        let lower = (side != Side::Upper).then_some(q1 - margin);
        let upper = (side != Side::Lower).then_some(q3 + margin);
        Self::new(lower, upper)
    }
}

/// Gathers a column for its fences.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FenceLearner {
    pub(super) values: Quantiles,
    pub(super) multiplier: f64,
    pub(super) side: Side,
}

impl Learner for FenceLearner {
    type Learned = Fences;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        add_numbers(&mut self.values, column, array)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.values.merge(other.values);
        Ok(())
    }

    fn finish(mut self, column: &str, _data_type: &DataType) -> Result<Fences> {
        let quartiles = [Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE];
        match self
            .values
            .quantiles(&quartiles, QuantileMethod::Linear)
            .as_deref()
        {
            Some([q1, q3]) => Ok(Fences::tukey(*q1, *q3, self.multiplier, self.side)),
            _ => Err(Error::AllNull {
                column: column.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_not_named_has_no_fence() {
        let of = |side| Fences::tukey(1.0, 3.0, 1.5, side);
        assert_eq!(of(Side::Both), Fences::new(Some(-2.0), Some(6.0)));
        assert_eq!(of(Side::Lower), Fences::new(Some(-2.0), None));
        assert_eq!(of(Side::Upper), Fences::new(None, Some(6.0)));
    }

    #[test]
    fn a_fence_at_infinity_is_none() {
        const INF: f64 = f64::INFINITY;
        let none = Fences::new(None, None);
        for (q1, q3) in [(-INF, INF), (0.0, INF), (INF, INF), (-1e308, 1e308)] {
            assert_eq!(Fences::tukey(q1, q3, 1.5, Side::Both), none, "{q1} {q3}");
        }
    }
}

//! Bounds, each included or not.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::Scalar;
use crate::column::tick_of;
use crate::{Error, Result};

/// Values between two bounds, of which one may be missing.
///
/// In JSON the bounds are the keys `min` and `max`, which are included, and `above` and `below`, which are not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredInterval", into = "StoredInterval")]
pub struct Interval {
    low: Bound<Scalar>,
    high: Bound<Scalar>,
}

/// The stored form.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredInterval {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<Scalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) above: Option<Scalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<Scalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) below: Option<Scalar>,
}

impl Interval {
    /// The values in `range`, such as `0..=120`, `0.0..` or `"2024-01-01".."2025-01-01"`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] without a bound, for bounds of different kinds, a bound that is not finite, or a
    /// lower bound beyond the upper one.
    pub fn new<T: Clone + Into<Scalar>>(range: impl RangeBounds<T>) -> Result<Self> {
        let own = |bound: Bound<&T>| bound.map(|value| value.clone().into());
        Self::between(own(range.start_bound()), own(range.end_bound()))
    }

    pub(crate) fn between(low: Bound<Scalar>, high: Bound<Scalar>) -> Result<Self> {
        for bound in [&low, &high] {
            match inner(bound) {
                Some(Scalar::Number(value)) if !value.is_finite() => {
                    return Err(invalid(format!(
                        "the bound {value} is not finite; leave it out"
                    )));
                }
                Some(Scalar::Integer(value))
                    if i64::try_from(*value).is_err() && u64::try_from(*value).is_err() =>
                {
                    return Err(invalid(format!("the bound {value} is beyond 64 bits")));
                }
                Some(Scalar::Boolean(value)) => {
                    return Err(invalid(format!("the bound {value} has no order")));
                }
                _ => {}
            }
        }
        let interval = Self { low, high };
        let reversed = match (inner(&interval.low), inner(&interval.high)) {
            (None, None) => return Err(invalid("has neither a lower nor an upper bound".into())),
            (Some(Scalar::Text(_)), Some(Scalar::Text(_))) | (None, _) | (_, None) => false,
            (Some(Scalar::Text(_)), Some(_)) | (Some(_), Some(Scalar::Text(_))) => {
                return Err(invalid("has bounds of different kinds".into()));
            }
            _ => {
                let beyond = |(low, high): (i128, i128)| low > high;
                interval.numbers().is_some_and(|(low, high)| low > high)
                    && interval.integers().is_some_and(beyond)
            }
        };
        if reversed {
            return Err(invalid(format!(
                "{interval} is empty: its lower bound is beyond the upper one"
            )));
        }
        Ok(interval)
    }

    /// As [`between`](Self::between), of any bounds: it may be empty.
    pub(crate) fn unchecked(low: Bound<Scalar>, high: Bound<Scalar>) -> Self {
        Self { low, high }
    }

    /// The lower and the upper bound.
    #[must_use]
    pub fn bounds(&self) -> (&Bound<Scalar>, &Bound<Scalar>) {
        (&self.low, &self.high)
    }

    /// Whether it is of numbers, and `value` is among them.
    pub(super) fn contains(&self, value: f64) -> bool {
        self.numbers()
            .is_some_and(|(low, high)| low <= value && value <= high)
    }

    /// The smallest and the largest float in it; `None` if it is of times.
    pub(crate) fn numbers(&self) -> Option<(f64, f64)> {
        let low = match &self.low {
            Bound::Unbounded => f64::NEG_INFINITY,
            Bound::Included(bound) => up(bound)?.0,
            Bound::Excluded(bound) => match up(bound)? {
                (value, true) => value.next_up(),
                (value, false) => value,
            },
        };
        let high = match &self.high {
            Bound::Unbounded => f64::INFINITY,
            Bound::Included(bound) => down(bound)?.0,
            Bound::Excluded(bound) => match down(bound)? {
                (value, true) => value.next_down(),
                (value, false) => value,
            },
        };
        Some((low, high))
    }

    /// The smallest and the largest integer in it; `None` if it is of times.
    pub(crate) fn integers(&self) -> Option<(i128, i128)> {
        let whole = |bound: &Scalar, round: fn(f64) -> f64| match bound {
            Scalar::Integer(value) => Some((*value, true)),
            Scalar::Number(value) => Some((to_integer(round(*value)), value.fract() == 0.0)),
            Scalar::Boolean(_) | Scalar::Text(_) => None,
        };
        let low = match &self.low {
            Bound::Unbounded => i128::MIN,
            Bound::Included(bound) => whole(bound, f64::ceil)?.0,
            Bound::Excluded(bound) => {
                let (value, exact) = whole(bound, f64::ceil)?;
                value.saturating_add(i128::from(exact))
            }
        };
        let high = match &self.high {
            Bound::Unbounded => i128::MAX,
            Bound::Included(bound) => whole(bound, f64::floor)?.0,
            Bound::Excluded(bound) => {
                let (value, exact) = whole(bound, f64::floor)?;
                value.saturating_sub(i128::from(exact))
            }
        };
        Some((low, high))
    }

    /// The smallest and the largest tick in it of a date or time of type `data_type`.
    pub(crate) fn ticks(&self, data_type: &DataType) -> Result<(i128, i128)> {
        let tick = |bound: &Scalar| match bound {
            Scalar::Text(text) => tick_of(text, data_type)
                .map(i128::from)
                .ok_or_else(|| invalid(format!("the bound {bound} cannot be read as {data_type}"))),
            other => Err(invalid(format!(
                "the bound {other} is not a date or time in text"
            ))),
        };
        let low = match &self.low {
            Bound::Unbounded => i128::MIN,
            Bound::Included(bound) => tick(bound)?,
            Bound::Excluded(bound) => tick(bound)? + 1,
        };
        let high = match &self.high {
            Bound::Unbounded => i128::MAX,
            Bound::Included(bound) => tick(bound)?,
            Bound::Excluded(bound) => tick(bound)? - 1,
        };
        if low > high {
            return Err(invalid(format!(
                "{self} is empty: its lower bound is beyond the upper one"
            )));
        }
        Ok((low, high))
    }
}

/// Interval notation: `[0, 120)`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.low {
            Bound::Unbounded => f.write_str("(-∞")?,
            Bound::Included(bound) => write!(f, "[{bound}")?,
            Bound::Excluded(bound) => write!(f, "({bound}")?,
        }
        match &self.high {
            Bound::Unbounded => f.write_str(", ∞)"),
            Bound::Included(bound) => write!(f, ", {bound}]"),
            Bound::Excluded(bound) => write!(f, ", {bound})"),
        }
    }
}

impl TryFrom<StoredInterval> for Interval {
    type Error = Error;

    fn try_from(stored: StoredInterval) -> Result<Self> {
        let one = |included: Option<Scalar>, excluded: Option<Scalar>, names: &str| match (
            included, excluded,
        ) {
            (Some(_), Some(_)) => Err(invalid(format!("has both {names}"))),
            (Some(bound), None) => Ok(Bound::Included(bound)),
            (None, Some(bound)) => Ok(Bound::Excluded(bound)),
            (None, None) => Ok(Bound::Unbounded),
        };
        Self::between(
            one(stored.min, stored.above, "`min` and `above`")?,
            one(stored.max, stored.below, "`max` and `below`")?,
        )
    }
}

impl From<Interval> for StoredInterval {
    fn from(interval: Interval) -> Self {
        let mut stored = Self::default();
        match interval.low {
            Bound::Unbounded => {}
            Bound::Included(bound) => stored.min = Some(bound),
            Bound::Excluded(bound) => stored.above = Some(bound),
        }
        match interval.high {
            Bound::Unbounded => {}
            Bound::Included(bound) => stored.max = Some(bound),
            Bound::Excluded(bound) => stored.below = Some(bound),
        }
        stored
    }
}

fn inner(bound: &Bound<Scalar>) -> Option<&Scalar> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

/// The smallest float that is not below `bound`, and whether it equals it.
fn up(bound: &Scalar) -> Option<(f64, bool)> {
    nearest(bound, |float, exact| float < exact, f64::next_up)
}

/// The largest float that is not above `bound`, and whether it equals it.
fn down(bound: &Scalar) -> Option<(f64, bool)> {
    nearest(bound, |float, exact| float > exact, f64::next_down)
}

fn nearest(
    bound: &Scalar,
    beyond: fn(i128, i128) -> bool,
    back: fn(f64) -> f64,
) -> Option<(f64, bool)> {
    match bound {
        Scalar::Number(value) => Some((*value, true)),
        Scalar::Integer(exact) => {
            let float = *exact as f64;
            if beyond(to_integer(float), *exact) {
                Some((back(float), false))
            } else {
                Some((float, to_integer(float) == *exact))
            }
        }
        Scalar::Boolean(_) | Scalar::Text(_) => None,
    }
}

/// A whole float as an integer, the nearest there is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the value is whole, and the conversion saturates"
)]
pub(crate) fn to_integer(whole: f64) -> i128 {
    whole as i128
}

fn invalid(message: String) -> Error {
    Error::parameter("range", message)
}

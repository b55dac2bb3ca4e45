//! How it is found where outliers begin.

use std::ops::{Bound, RangeBounds};

use alchemy_core::stats::Quantile;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Side;

/// Where outliers begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Rule {
    Iqr { multiplier: f64, side: Side },
    ZScore { multiplier: f64, side: Side },
    Mad { multiplier: f64, side: Side },
    Quantiles(Ends),
    Fixed(Ends),
}

/// The ends of a range, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ends {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lower: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upper: Option<f64>,
}

impl Ends {
    /// An end that is left out of `range` gives the number next to it.
    pub(super) fn of(range: &impl RangeBounds<f64>) -> Self {
        let end = |bound: Bound<&f64>, inwards: fn(f64) -> f64| match bound {
            Bound::Included(value) => Some(*value),
            Bound::Excluded(value) => Some(inwards(*value)),
            Bound::Unbounded => None,
        };
        Self {
            lower: end(range.start_bound(), f64::next_up),
            upper: end(range.end_bound(), f64::next_down),
        }
    }

    fn check(self, parameter: &'static str) -> Result<()> {
        match (self.lower, self.upper) {
            (None, None) => Err(Error::parameter(parameter, "has no end")),
            (lower, upper) if lower.is_some_and(f64::is_nan) || upper.is_some_and(f64::is_nan) => {
                Err(Error::parameter(parameter, "an end is not a number"))
            }
            (Some(lower), Some(upper)) if lower > upper => {
                let message = format!("begins at {lower}, after its end at {upper}");
                Err(Error::parameter(parameter, message))
            }
            _ => Ok(()),
        }
    }
}

impl Rule {
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a number out of its range.
    pub(super) fn check(self) -> Result<()> {
        match self {
            Self::Iqr { multiplier, .. }
            | Self::ZScore { multiplier, .. }
            | Self::Mad { multiplier, .. } => {
                if multiplier.is_finite() && multiplier >= 0.0 {
                    return Ok(());
                }
                let message = format!("must be finite and not negative, not {multiplier}");
                Err(Error::parameter("multiplier", message))
            }
            Self::Quantiles(ends) => {
                ends.check("quantiles")?;
                for q in [ends.lower, ends.upper].into_iter().flatten() {
                    if !(0.0..=1.0).contains(&q) {
                        let message = format!("must be between 0 and 1, not {q}");
                        return Err(Error::parameter("quantiles", message));
                    }
                }
                Ok(())
            }
            Self::Fixed(ends) => {
                ends.check("bounds")?;
                let infinite = [ends.lower, ends.upper].into_iter().flatten();
                match infinite.filter(|end| end.is_infinite()).count() {
                    0 => Ok(()),
                    _ => Err(Error::parameter(
                        "bounds",
                        "an end is infinite; leave it out",
                    )),
                }
            }
        }
    }

    /// The quantiles that this asks for, the smaller first.
    pub(super) fn quantiles(self) -> Result<[Quantile; 2]> {
        Ok(match self {
            Self::Quantiles(ends) => [
                Quantile::new(ends.lower.unwrap_or(0.0))?,
                Quantile::new(ends.upper.unwrap_or(1.0))?,
            ],
            _ => [Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_left_out_is_the_number_next_to_it() {
        let ends = |lower, upper| Ends { lower, upper };
        assert_eq!(Ends::of(&(0.0..=1.0)), ends(Some(0.0), Some(1.0)));
        assert_eq!(Ends::of(&(..1.0)), ends(None, Some(1.0_f64.next_down())));
        assert_eq!(Ends::of(&(2.0..)), ends(Some(2.0), None));
        assert!(Rule::Fixed(Ends::of(&(..))).check().is_err());
        assert!(Rule::Fixed(Ends::of(&(1.0..1.0))).check().is_err());
        assert!(Rule::Fixed(Ends::of(&(..=f64::INFINITY))).check().is_err());
        assert!(Rule::Quantiles(Ends::of(&(0.5..=1.1))).check().is_err());
        assert!(Rule::Quantiles(Ends::of(&(f64::NAN..))).check().is_err());
    }

    #[test]
    fn a_rule_reads_as_it_is_meant() {
        let rule = Rule::Fixed(Ends::of(&(..=150.0)));
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(json, r#"{"fixed":{"upper":150.0}}"#);
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), rule);
    }
}

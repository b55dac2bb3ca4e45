//! Trees that do not fall, or do not rise, along a feature.
//!
//! The basic method of `LightGBM`: a split by such a feature is allowed only if the values of its sides are in order, and the
//! middle between them bounds every value below it from then on, above on the one side and below on the other. Values beyond
//! their bounds are moved to them, and gains are those of the moved values.

use serde::{Deserialize, Serialize};

/// How predictions move with a feature, all else being equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monotone {
    /// They never fall as the feature rises.
    Increasing,
    /// They never rise as the feature rises.
    Decreasing,
}

/// Between which numbers the values below a node must lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    lower: f64,
    upper: f64,
}

impl Bounds {
    pub(crate) const FREE: Self = Self {
        lower: f64::NEG_INFINITY,
        upper: f64::INFINITY,
    };

    pub(crate) fn are_free(&self) -> bool {
        *self == Self::FREE
    }

    pub(crate) fn hold(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }

    pub(crate) fn moved(&self, value: f64) -> f64 {
        value.max(self.lower).min(self.upper)
    }

    /// The bounds of both sides of a split by a feature of `direction`, whose values are these.
    pub(crate) fn parted(self, direction: Option<Monotone>, values: [f64; 2]) -> [Self; 2] {
        let middle = 0.5 * values[0] + 0.5 * values[1];
        let below = Self {
            upper: middle,
            ..self
        };
        let above = Self {
            lower: middle,
            ..self
        };
        match direction {
            None => [self, self],
            Some(Monotone::Increasing) => [below, above],
            Some(Monotone::Decreasing) => [above, below],
        }
    }
}

impl Monotone {
    /// Whether the value on the left and that on the right are in order.
    pub(crate) fn allows(self, left: f64, right: f64) -> bool {
        match self {
            Self::Increasing => left <= right,
            Self::Decreasing => left >= right,
        }
    }
}

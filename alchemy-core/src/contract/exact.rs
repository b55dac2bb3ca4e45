//! Numbers compared without rounding, whatever their types.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::interval::to_integer;
use crate::column::Numeric;

/// A number of a column, 64-bit integers with all their digits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Exact {
    Whole(Whole),
    #[serde(with = "crate::profile::figure")]
    Float(f64),
}

/// A 64-bit integer; the two kinds apart, as few formats hold 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Whole {
    Signed(i64),
    Unsigned(u64),
}

impl Exact {
    /// The value in `row` of `view`, or `None` where it is missing.
    pub(crate) fn at(view: &Numeric<'_>, row: usize) -> Option<Self> {
        match view {
            Numeric::I64(values) => Some(Self::Whole(Whole::Signed(values.get(row)?))),
            Numeric::U64(values) => Some(Self::Whole(Whole::Unsigned(values.get(row)?))),
            view => view.get(row).map(Self::Float),
        }
    }

    pub(crate) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.get().cmp(&b.get())),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Whole(a), Self::Float(b)) => whole_with_float(a.get(), b),
            (Self::Float(a), Self::Whole(b)) => whole_with_float(b.get(), a).map(Ordering::reverse),
        }
    }
}

impl Whole {
    fn get(self) -> i128 {
        match self {
            Self::Signed(value) => value.into(),
            Self::Unsigned(value) => value.into(),
        }
    }
}

/// Rounding keeps order, so the floats decide unless they agree; then `float` is whole, and the integers do.
fn whole_with_float(whole: i128, float: f64) -> Option<Ordering> {
    match (whole as f64).partial_cmp(&float)? {
        Ordering::Equal => Some(whole.cmp(&to_integer(float))),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_beyond_the_digits_of_a_float_compare_exactly() {
        let big = (1_i64 << 53) + 1;
        let whole = Exact::Whole(Whole::Signed(big));
        let float = Exact::Float((1_i64 << 53) as f64);
        assert_eq!(whole.order(float), Some(Ordering::Greater));
        assert_eq!(float.order(whole), Some(Ordering::Less));
        let most = Exact::Whole(Whole::Unsigned(u64::MAX));
        assert_eq!(
            most.order(Exact::Float(2_f64.powi(64))),
            Some(Ordering::Less)
        );
        assert_eq!(
            most.order(Exact::Float(f64::INFINITY)),
            Some(Ordering::Less)
        );
        assert_eq!(
            most.order(Exact::Whole(Whole::Signed(-1))),
            Some(Ordering::Greater)
        );
    }
}

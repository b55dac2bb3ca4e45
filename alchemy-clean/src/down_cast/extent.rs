//! What has to be known of a column to find a type that holds it.

use alchemy_core::Result;
use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{Number, Numeric, NumericColumn, Values};
use serde::{Deserialize, Serialize};

use super::Cast;
use super::target::{CastTarget, bounds, is_native};
use crate::per_column::Learner;

/// The first whole number that no integer type holds, 2^64: to which the last one rounds.
const END: f64 = u64::MAX as f64;

/// The least whole number that one holds: −2^63.
const START: f64 = i64::MIN as f64;

/// The values of a column: their range if they are whole, and whether `Float32` holds them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Extent {
    target: CastTarget,
    tolerance: f64,
    /// Of whole numbers, as text: JSON has no integers of 128 bits.
    range: Option<(Wide, Wide)>,
    /// A value is not whole, or beyond the integer types.
    fraction: bool,
    /// A value is lost in `Float32`.
    wide: bool,
}

/// An integer of any type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Wide(i128);

impl From<Wide> for String {
    fn from(wide: Wide) -> Self {
        wide.0.to_string()
    }
}

impl TryFrom<String> for Wide {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl Extent {
    pub(super) fn new(target: CastTarget, tolerance: f64) -> Self {
        Self {
            target,
            tolerance,
            range: None,
            fraction: false,
            wide: false,
        }
    }

    /// Whether an integer type holds every value.
    pub(super) fn fits(&self, integer: &DataType) -> bool {
        let (Some((Wide(least), Wide(most))), Some((start, end))) = (self.range, bounds(integer))
        else {
            return false;
        };
        !self.fraction && start <= least && most <= end
    }

    /// Whether `Float32` holds every value, of which there is one.
    pub(super) fn fits_f32(&self) -> bool {
        !self.wide && (self.range.is_some() || self.fraction)
    }

    fn add_range(&mut self, range: Option<(i128, i128)>) {
        let Some((least, most)) = range else { return };
        let (least, most) = (Wide(least), Wide(most));
        self.range = Some(match self.range {
            None => (least, most),
            Some((low, high)) => (low.min(least), high.max(most)),
        });
    }

    /// `exact` is what `f64` makes of a value, and back.
    fn add_integers<T: Number + Into<i128>>(&mut self, values: Values<'_, T>) {
        let mut range: Option<(T, T)> = None;
        values.for_each(|value| {
            range = Some(match range {
                None => (value, value),
                Some((low, high)) => (
                    if value < low { value } else { low },
                    if value > high { value } else { high },
                ),
            });
        });
        self.add_range(range.map(|(low, high)| (low.into(), high.into())));
        if self.target == CastTarget::Float {
            values.for_each(|value| self.wide |= !is_single_integer(value.into()));
        }
    }

    fn add_floats<T: Number>(&mut self, values: Values<'_, T>) {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut fraction, mut wide) = (false, false);
        values.for_each(|value| {
            let value = value.to_f64();
            low = low.min(value);
            high = high.max(value);
            fraction |= value.fract().abs() > 0.0 || value.is_infinite();
            wide |= !is_single(value, self.tolerance);
        });
        self.wide |= wide;
        if low > high {
            return;
        }
        if fraction || low < START || high >= END {
            self.fraction = true;
        } else {
            self.add_range(whole(low).zip(whole(high)));
        }
    }
}

/// A whole number between [`START`] and [`END`].
#[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^64")]
fn whole(value: f64) -> Option<i128> {
    (START..END).contains(&value).then_some(value as i128)
}

/// Whether `stored` is `value`, or no farther from it than the share `tolerance` of it. An infinity is kept, but nothing
/// becomes one.
#[expect(clippy::float_cmp, reason = "what is lost is the question")]
pub(super) fn is_near(value: f64, stored: f64, tolerance: f64) -> bool {
    stored == value || (stored - value).abs() <= tolerance * value.abs() && stored.is_finite()
}

/// Whether `Float32` holds `value`, within a share of it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is lost is the question"
)]
fn is_single(value: f64, tolerance: f64) -> bool {
    is_near(value, f64::from(value as f32), tolerance)
}

/// Whether `Float32` holds an integer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is lost is the question"
)]
fn is_single_integer(value: i128) -> bool {
    value as f32 as i128 == value
}

impl Learner for Extent {
    type Learned = Cast;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        if matches!(self.target, CastTarget::Type(_)) || !is_native(array.data_type()) {
            return Ok(());
        }
        let numbers = NumericColumn::new(column, array)?;
        match numbers.view() {
            Numeric::I8(values) => self.add_integers(values),
            Numeric::I16(values) => self.add_integers(values),
            Numeric::I32(values) => self.add_integers(values),
            Numeric::I64(values) => self.add_integers(values),
            Numeric::U8(values) => self.add_integers(values),
            Numeric::U16(values) => self.add_integers(values),
            Numeric::U32(values) => self.add_integers(values),
            Numeric::U64(values) => self.add_integers(values),
            Numeric::F32(values) => self.add_floats(values),
            Numeric::F64(values) => self.add_floats(values),
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.add_range(other.range.map(|(Wide(least), Wide(most))| (least, most)));
        self.fraction |= other.fraction;
        self.wide |= other.wide;
        Ok(())
    }

    fn finish(self, _column: &str, data_type: &DataType) -> Result<Cast> {
        Ok(Cast {
            from: data_type.clone(),
            to: self.target.choose(&self, data_type),
        })
    }
}

//! Which type a column is cast to.

use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::extent::Extent;
use crate::plain::data_type_text;

/// What a [`DownCast`](crate::DownCast) makes of a column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CastTarget {
    /// The smallest type of its own kind: an integer, signed or not; or `Float32` for floats.
    #[default]
    Smallest,
    /// The smallest signed integer, also for floats that are whole.
    Signed,
    /// The smallest unsigned integer, also for floats that are whole.
    Unsigned,
    /// `Float32`, also for integers.
    Float,
    /// This type, whatever the values are: an integer, `Float32` or `Float64`.
    Type(#[serde(with = "data_type_text")] DataType),
}

/// Integers from the smallest, the signed one first.
const INTEGERS: [DataType; 8] = [
    DataType::Int8,
    DataType::UInt8,
    DataType::Int16,
    DataType::UInt16,
    DataType::Int32,
    DataType::UInt32,
    DataType::Int64,
    DataType::UInt64,
];

impl CastTarget {
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Type(data_type) if !is_native(data_type) => {
                let message = format!("{data_type} is neither an integer nor Float32 nor Float64");
                Err(Error::parameter("target", message))
            }
            _ => Ok(()),
        }
    }

    /// The type for values of `extent` in a column of type `own`: its own where no other holds them.
    pub(super) fn choose(&self, extent: &Extent, own: &DataType) -> DataType {
        let integers = INTEGERS.into_iter();
        let chosen = match self {
            Self::Type(data_type) => Some(data_type.clone()),
            Self::Smallest if own.is_integer() => integers
                .filter(|integer| integer.primitive_width() < own.primitive_width())
                .find(|integer| extent.fits(integer)),
            Self::Smallest | Self::Float => extent.fits_f32().then_some(DataType::Float32),
            Self::Signed => integers
                .filter(DataType::is_signed_integer)
                .find(|integer| extent.fits(integer)),
            Self::Unsigned => integers
                .filter(DataType::is_unsigned_integer)
                .find(|integer| extent.fits(integer)),
        };
        chosen.unwrap_or_else(|| own.clone())
    }
}

/// Whether columns of this type are cast, and cast to.
pub(super) fn is_native(data_type: &DataType) -> bool {
    data_type.is_integer() || matches!(data_type, DataType::Float32 | DataType::Float64)
}

/// The least and the largest value of an integer type.
pub(super) fn bounds(integer: &DataType) -> Option<(i128, i128)> {
    let bits = u32::try_from(integer.primitive_width()?).ok()? * 8;
    if integer.is_signed_integer() {
        let end = 1_i128 << (bits - 1);
        Some((-end, end - 1))
    } else if integer.is_unsigned_integer() {
        Some((0, (1_i128 << bits) - 1))
    } else {
        None
    }
}

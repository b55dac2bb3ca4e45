//! What text is read as.

use alchemy_core::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The type of the numbers that a [`NumericCoercer`](crate::NumericCoercer) reads.
///
/// Integers and decimals are read exactly: what the type cannot hold as it is written is a cell that cannot be read.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{NumberType, NumericCoercer, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// let id = StringArray::from(vec!["9007199254740993", "12.0", "12.5"]);
/// let raw = RecordBatch::try_from_iter([("id", Arc::new(id) as ArrayRef)])?;
///
/// let read = NumericCoercer::new("id").with_type(NumberType::Int64).transform(&raw)?;
///
/// let expected = Int64Array::from(vec![Some(9_007_199_254_740_993), Some(12), None]);
/// assert_eq!(read.column(0).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    /// The nearest `Float64`.
    #[default]
    Float64,
    /// An `Int64`: whole numbers only, however they are written (`12`, `12.0`, `1.2e1`).
    Int64,
    /// A `Decimal128` of `precision` digits (1 to 38), `scale` of them after the point: nothing is rounded away.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
}

impl NumberType {
    pub(super) fn check(self) -> Result<()> {
        let Self::Decimal { precision, scale } = self else {
            return Ok(());
        };
        let fits = (1..=DECIMAL128_MAX_PRECISION).contains(&precision)
            && i16::from(scale).unsigned_abs() <= u16::from(precision);
        if !fits {
            let message = format!("Decimal128({precision}, {scale}) is not a type of Arrow");
            return Err(Error::parameter("number_type", message));
        }
        Ok(())
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Float64 => DataType::Float64,
            Self::Int64 => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Float64 => "a number",
            Self::Int64 => "a whole number of 64 bits",
            Self::Decimal { .. } => "a number that the decimal type holds exactly",
        }
    }
}

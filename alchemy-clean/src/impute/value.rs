//! One value of any column type.

use std::fmt;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray,
};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{NumericColumn, from_text, is_temporal};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Constant;
use crate::plain::{data_type_text, is_scalar, plain};

/// What the missing cells of a column are filled with: one value of the column's type.
///
/// It is stored and printed as text, exactly: a date or timestamp as its count of units since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct FillValue {
    array: ArrayRef,
    text: String,
    relative_error: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relative_error: Option<f64>,
}

impl FillValue {
    /// The type of the column's values.
    #[must_use]
    pub fn data_type(&self) -> &DataType {
        self.array.data_type()
    }

    /// The value, as an array of length one.
    #[must_use]
    pub fn array(&self) -> &ArrayRef {
        &self.array
    }

    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// By how much the value may be off, as a share of it; `None` where it is exact, as all are but the quantiles of a
    /// sketch.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        self.relative_error
    }

    pub(super) fn with_relative_error(self, relative_error: Option<f64>) -> Self {
        Self {
            relative_error,
            ..self
        }
    }

    /// `None` unless `array` is one value that is not missing.
    pub(crate) fn new(array: &ArrayRef) -> Result<Option<Self>> {
        let array = plain("fill value", array)?;
        if array.len() != 1 || array.is_null(0) {
            return Ok(None);
        }
        let text = to_text(&array)?.value(0).to_owned();
        Ok(Some(Self {
            array,
            text,
            relative_error: None,
        }))
    }

    /// `value` in a numeric type; integers take the nearest one, the even one of two.
    pub(super) fn of_number(value: f64, data_type: &DataType) -> Result<Option<Self>> {
        let value = if data_type.is_integer() {
            value.round_ties_even()
        } else {
            value
        };
        let write = |value: f64| cast(&Float64Array::from(vec![value]), data_type);
        let array = write(value)?;
        // As `f64`, the largest 64-bit integers round up and out of their type.
        Self::new(&if array.is_null(0) {
            write(value.next_down())?
        } else {
            array
        })
    }

    /// `constant` as a value of `data_type`, if it is one.
    pub(super) fn of_constant(constant: &Constant, data_type: &DataType) -> Result<Option<Self>> {
        let given: ArrayRef = match constant {
            Constant::Integer(value) => Arc::new(Int64Array::from(vec![*value])),
            Constant::Number(value) => Arc::new(Float64Array::from(vec![*value])),
            Constant::Text(value) => Arc::new(StringArray::from(vec![value.as_str()])),
            Constant::Boolean(value) => Arc::new(BooleanArray::from(vec![*value])),
        };
        let array = match constant {
            Constant::Text(_) => from_text(&given, data_type)?,
            _ => cast(&given, data_type)?,
        };
        let back = cast(&array, given.data_type())?;
        let kept = back == given || data_type.is_floating() && is_finite(&back)?;
        Self::new(&array).map(|value| value.filter(|_| kept))
    }
}

impl PartialEq for FillValue {
    fn eq(&self, other: &Self) -> bool {
        self.array.as_ref() == other.array.as_ref() && self.relative_error == other.relative_error
    }
}

impl fmt::Display for FillValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl From<FillValue> for Stored {
    fn from(value: FillValue) -> Self {
        Self {
            data_type: value.data_type().clone(),
            value: value.text,
            relative_error: value.relative_error,
        }
    }
}

impl TryFrom<Stored> for FillValue {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let Stored {
            data_type,
            value,
            relative_error,
        } = stored;
        let refused = || Error::Corrupt {
            what: "fill value".into(),
            message: format!("{value:?} is not a value of type {data_type}"),
        };
        if !is_scalar(&data_type) {
            return Err(refused());
        }
        let text = StringArray::from(vec![value.as_str()]);
        let value = Self::new(&of_text(text, &data_type)?)?.ok_or_else(refused)?;
        Ok(value.with_relative_error(relative_error))
    }
}

/// Values as text, exactly: dates and timestamps as their counts of units since 1970.
pub(super) fn to_text(array: &ArrayRef) -> Result<StringArray> {
    let ticks = if is_temporal(array.data_type()) {
        cast(array, &DataType::Int64)?
    } else {
        array.clone()
    };
    Ok(StringArray::from(cast(&ticks, &DataType::Utf8)?.to_data()))
}

/// The values that [`to_text`] wrote; null where a text is no value of `data_type`.
pub(super) fn of_text(text: StringArray, data_type: &DataType) -> Result<ArrayRef> {
    let text = Arc::new(text) as ArrayRef;
    if is_temporal(data_type) {
        Ok(cast(&cast(&text, &DataType::Int64)?, data_type)?)
    } else {
        from_text(&text, data_type)
    }
}

fn is_finite(array: &ArrayRef) -> Result<bool> {
    let number = NumericColumn::new("constant", array)?.view().get(0);
    Ok(number.is_some_and(f64::is_finite))
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::UInt64Array;
    use alchemy_core::arrow::datatypes::TimeUnit;

    use super::*;

    #[test]
    fn every_type_survives_json_exactly() {
        let ints = Int64Array::from(vec![86_400_000]);
        let mut arrays = vec![
            Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef,
            Arc::new(Int64Array::from(vec![i64::MIN])),
            Arc::new(Float64Array::from(vec![f64::NEG_INFINITY])),
            Arc::new(Float64Array::from(vec![0.1 + 0.2])),
            Arc::new(Float64Array::from(vec![5e-324])),
            Arc::new(StringArray::from(vec![" \"x\" "])),
            Arc::new(BooleanArray::from(vec![true])),
        ];
        for data_type in [
            DataType::Float16,
            DataType::Float32,
            DataType::Decimal128(20, 3),
            DataType::Decimal128(9, -2),
            DataType::Date32,
            DataType::Date64,
            DataType::Timestamp(TimeUnit::Second, None),
            DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            DataType::Timestamp(TimeUnit::Microsecond, Some("+02:00".into())),
        ] {
            arrays.push(cast(&ints, &data_type).unwrap());
        }
        for array in arrays {
            let value = FillValue::new(&array).unwrap().unwrap();
            let json = serde_json::to_string(&value).unwrap();
            let loaded: FillValue = serde_json::from_str(&json).unwrap();
            assert_eq!(loaded.array(), &array, "{json}");
        }
    }

    #[test]
    fn a_stored_value_of_another_type_is_refused() {
        for json in [
            r#"{"type":"Int64","value":"x"}"#,
            r#"{"type":"Date32","value":"2024-01-01"}"#,
            r#"{"type":"?","value":""}"#,
        ] {
            assert!(serde_json::from_str::<FillValue>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_integer_column_takes_the_nearest_integer() {
        let of = |value, data_type| {
            FillValue::of_number(value, &data_type)
                .unwrap()
                .unwrap()
                .text
        };
        assert_eq!(of(2.5, DataType::Int8), "2");
        assert_eq!(of(-3.5, DataType::Int64), "-4");
        assert_eq!(of(2.5, DataType::Float32), "2.5");
        assert_eq!(
            of(u64::MAX as f64, DataType::UInt64),
            "18446744073709549568"
        );
        assert_eq!(of(0.25, DataType::Float16), "0.25");
    }

    #[test]
    fn a_constant_must_be_a_value_of_the_type() {
        let of =
            |constant: Constant, data_type| FillValue::of_constant(&constant, &data_type).unwrap();
        assert!(of(2.5.into(), DataType::Int64).is_none());
        assert!(of((-1).into(), DataType::UInt8).is_none());
        assert!(of(300.into(), DataType::Int8).is_none());
        assert!(of(f64::NAN.into(), DataType::Int64).is_none());
        assert_eq!(of(2.0.into(), DataType::Int64).unwrap().as_str(), "2");
        assert_eq!(of(0.1.into(), DataType::Float32).unwrap().as_str(), "0.1");
        assert_eq!(
            of(7.into(), DataType::Decimal128(5, 2)).unwrap().as_str(),
            "7.00"
        );
        assert!(of(1e300.into(), DataType::Float32).is_none());
        assert!(of(f64::NAN.into(), DataType::Float64).is_none());
        assert_eq!(
            of(f64::INFINITY.into(), DataType::Float32)
                .unwrap()
                .as_str(),
            "inf"
        );
        assert!(of(0.125.into(), DataType::Decimal128(5, 2)).is_none());
    }
}

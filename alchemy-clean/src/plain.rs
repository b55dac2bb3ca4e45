//! Columns as plain values, in which null is the only way to be missing, and their types.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, ArrowNativeTypeOp, BooleanArray, PrimitiveArray};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::compute::{cast, nullif};
use alchemy_core::arrow::datatypes::{ArrowPrimitiveType, DataType};
use alchemy_core::column::{
    Number, NumericColumn, Values, Visit, VisitPrimitive, is_boolean, is_numeric, is_temporal,
    is_text, visit_primitive,
};
use alchemy_core::{Error, Result};

/// `array` with a dictionary laid out row by row, and null for NaN.
pub(crate) fn plain(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        _ => array.clone(),
    };
    if !array.data_type().is_floating() {
        return Ok(array);
    }
    let nan = NumericColumn::new(name, &array)?.view().visit(IsNan);
    Ok(if nan.has_true() {
        nullif(&array, &nan)?
    } else {
        array
    })
}

/// `array`, which is no dictionary, with 0 for −0: they are one value.
pub(crate) fn without_negative_zero(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    if array.data_type().is_floating() {
        visit_primitive(name, array, PlusZero)
    } else {
        Ok(array.clone())
    }
}

/// The type of the values of a column, one for all encodings of text.
pub(crate) fn value_type(data_type: &DataType) -> DataType {
    match data_type {
        text if is_text(text) => DataType::Utf8,
        DataType::Dictionary(_, value) => value.as_ref().clone(),
        other => other.clone(),
    }
}

/// Whether the values of a column are numbers, text, Booleans or points in time.
pub(crate) fn is_scalar(data_type: &DataType) -> bool {
    [is_numeric, is_text, is_boolean, is_temporal]
        .iter()
        .any(|is_kind| is_kind(data_type))
}

/// Refuses a column of type `found` unless it is `accepted`.
pub(crate) fn require(
    accepted: bool,
    column: &str,
    found: &DataType,
    expected: &str,
) -> Result<()> {
    if accepted {
        return Ok(());
    }
    Err(Error::ColumnType {
        column: column.to_owned(),
        found: found.clone(),
        expected: expected.to_owned(),
    })
}

/// Refuses a column of type `found` unless its values are of the type `learned`.
pub(crate) fn require_learned(column: &str, learned: &DataType, found: &DataType) -> Result<()> {
    require(
        value_type(found) == *learned,
        column,
        found,
        &format!("{learned}, as before"),
    )
}

/// Whether a parameter is as it is unless told otherwise, and so left out of what is stored.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Refuses a name that occurs twice.
pub(crate) fn require_distinct(names: &[String]) -> Result<()> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::DuplicateColumn {
            column: pair[0].clone(),
        }),
        None => Ok(()),
    }
}

struct IsNan;

impl Visit for IsNan {
    type Out = BooleanArray;

    fn visit<T: Number>(self, values: Values<'_, T>) -> BooleanArray {
        let slots = values.slots();
        BooleanBuffer::collect_bool(slots.len(), |row| slots[row].is_missing()).into()
    }
}

struct PlusZero;

impl VisitPrimitive for PlusZero {
    type Out = ArrayRef;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> ArrayRef {
        Arc::new(array.unary::<_, T>(|value| value.add_wrapping(T::Native::ZERO)))
    }
}

/// A type as the text it prints.
pub(crate) mod data_type_text {
    use alchemy_core::arrow::datatypes::DataType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        data_type: &DataType,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(data_type)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DataType, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::{Array, DictionaryArray, Float64Array, Int8Array};

    use super::*;

    #[test]
    fn nan_is_null_in_a_dictionary_too() {
        let values = Arc::new(Float64Array::from(vec![f64::NAN, 1.0]));
        let keys = Int8Array::from(vec![Some(0), Some(1), None]);
        let array = Arc::new(DictionaryArray::new(keys, values)) as ArrayRef;
        let out = plain("x", &array.slice(0, 3)).unwrap();
        assert_eq!(
            out.as_ref(),
            &Float64Array::from(vec![None, Some(1.0), None])
        );
        assert_eq!(value_type(array.data_type()), DataType::Float64);
    }
}

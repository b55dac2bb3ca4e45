//! Typed views of Arrow columns: the only place that matches on [`DataType`].
//!
//! A step asks for the kind of column that it can use ([`NumericColumn`], [`TextColumn`],
//! [`TemporalColumn`], [`Groups`]) and gets a view whose inner loops are monomorphic over slices, or an
//! [`Error::ColumnType`] that names the column. The match on the type happens
//! once per column. A dictionary is unpacked to its value type first, as are half floats and decimals
//! (to `f64`): these rarer types cost one copy of the column, all others none.
//!
//! Missing means null or floating-point NaN, everywhere.

mod groups;
mod numeric;
mod temporal;
mod text;
mod text_builder;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Schema};

use crate::{Error, Result};

pub use groups::{Groups, Key};
pub use numeric::{Number, Numeric, NumericColumn, Values, Visit};
pub use temporal::TemporalColumn;
pub(crate) use temporal::tick_of;
#[cfg(any(feature = "csv", feature = "parquet"))]
pub(crate) use temporal::with_offset;
pub use text::{TextColumn, from_text};
pub use text_builder::{TextBuilder, concat_text};

/// The position of the column called `name`.
///
/// # Errors
///
/// [`Error::ColumnNotFound`] with the nearest name, or [`Error::DuplicateColumn`] if several columns are called so.
pub fn index_of(schema: &Schema, name: &str) -> Result<usize> {
    let mut found = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name() == name);
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(Error::DuplicateColumn {
            column: name.to_owned(),
        }),
        (None, _) => Err(Error::column_not_found(
            name,
            schema.fields().iter().map(|field| field.name().as_str()),
        )),
    }
}

/// The column called `name`.
///
/// # Errors
///
/// As [`index_of`].
pub fn by_name<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    index_of(batch.schema_ref(), name).map(|index| batch.column(index))
}

/// Whether a column of this type is a number: integer, float or decimal, or a dictionary of those.
#[must_use]
pub fn is_numeric(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_numeric(value),
        DataType::Decimal128(..) => true,
        other => other.is_integer() || other.is_floating(),
    }
}

/// Whether a column of this type is text, or a dictionary of text.
#[must_use]
pub fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_text(value),
        other => matches!(
            other,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ),
    }
}

/// Whether a column of this type is a date or a timestamp.
#[must_use]
pub fn is_temporal(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_temporal(value),
        other => matches!(
            other,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)
        ),
    }
}

/// Whether a column of this type is Boolean, or a dictionary of Booleans.
#[must_use]
pub fn is_boolean(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_boolean(value),
        other => *other == DataType::Boolean,
    }
}

/// How many values of `array` are missing: null, a null dictionary value, or NaN.
///
/// # Errors
///
/// An Arrow error when a dictionary cannot be unpacked.
pub fn missing_count(name: &str, array: &ArrayRef) -> Result<usize> {
    if is_numeric(array.data_type()) {
        Ok(array.len() - NumericColumn::new(name, array)?.view().valid_count())
    } else {
        Ok(array.logical_null_count())
    }
}

/// `array` itself, or the values of a dictionary laid out row by row.
pub(crate) fn unpacked(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Dictionary(_, value) => Ok(arrow::compute::cast(array, value)?),
        _ => Ok(array.clone()),
    }
}

fn wrong_type(column: &str, array: &ArrayRef, expected: &str) -> Error {
    Error::ColumnType {
        column: column.to_owned(),
        found: array.data_type().clone(),
        expected: expected.to_owned(),
    }
}

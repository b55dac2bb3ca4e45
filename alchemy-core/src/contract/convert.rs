//! Reading a column as the type a contract asks for, without loss.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::{CastOptions, cast_with_options, not, nullif};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::column::{TextColumn, is_boolean, is_numeric, is_temporal, is_text};
use crate::{Error, Result};

/// A column in the wanted type.
pub(super) struct Converted {
    /// The column; null where a cell could not be read.
    pub(super) array: ArrayRef,
    /// The rows whose cell could not be read, with the cell, ascending.
    pub(super) failed: Vec<(usize, String)>,
}

/// Reads `array` as `wanted`: as it is, from a type of the same kind if no cell changes its value, or from text.
pub(super) fn to_type(name: &str, array: &ArrayRef, wanted: &DataType) -> Result<Converted> {
    let found = array.data_type();
    if found == wanted {
        return Ok(Converted {
            array: array.clone(),
            failed: Vec::new(),
        });
    }
    let alike = [is_numeric, is_text, is_temporal]
        .iter()
        .any(|kind| kind(found) && kind(wanted));
    let source = match (alike, is_text(found)) {
        (true, _) => array.clone(),
        (false, true) => trimmed(name, array)?,
        (false, false) if found.is_null() => array.clone(),
        (false, false) => {
            return Err(Error::ColumnType {
                column: name.to_owned(),
                found: found.clone(),
                expected: wanted.to_string(),
            });
        }
    };
    let options = CastOptions {
        safe: true,
        format_options: FormatOptions::default(),
    };
    let array = cast_with_options(&source, wanted, &options)?;
    let back = if alike {
        Some(cast_with_options(&array, found, &options)?)
    } else {
        None
    };
    let unchanged = back
        .map(|back| arrow::compute::kernels::cmp::not_distinct(&back, &source))
        .transpose()?;
    let lost = |row: &usize| {
        let vanished = array.is_null(*row) && source.is_valid(*row);
        vanished || unchanged.as_ref().is_some_and(|same| !same.value(*row))
    };
    let text = ArrayFormatter::try_new(source.as_ref(), &options.format_options)?;
    let failed: Vec<(usize, String)> = (0..array.len())
        .filter(lost)
        .map(|row| (row, text.value(row).to_string()))
        .collect();
    let array = match &unchanged {
        Some(same) if !failed.is_empty() => nullif(&array, &not(same)?)?,
        _ => array,
    };
    Ok(Converted { array, failed })
}

/// What a cell of this type is called in an error.
pub(super) fn in_words(wanted: &DataType) -> &'static str {
    match wanted {
        other if other.is_integer() => "an integer",
        other if is_numeric(other) => "a number",
        other if is_boolean(other) => "true or false",
        other if is_temporal(other) => "a date or time",
        _ => "of the expected type",
    }
}

/// Text without the blanks around it; blank cells are null.
fn trimmed(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    let text = TextColumn::new(name, array)?;
    let mut cells = Vec::with_capacity(text.len());
    text.for_each(|cell| {
        let cell = cell.map(str::trim).filter(|cell| !cell.is_empty());
        cells.push(cell.map(str::to_owned));
    });
    Ok(Arc::new(StringArray::from(cells)))
}

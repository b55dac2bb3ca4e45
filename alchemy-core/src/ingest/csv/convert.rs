//! Cells to typed arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::DataType;

use super::cells::Place;
use super::plan::Column;
use crate::column::with_offset;
use crate::{Error, Result, shorten};

/// Reads every cell as `column` says.
///
/// # Errors
///
/// [`Error::Read`] naming line, column and cell of the first that does not fit.
pub(super) fn convert(cells: &StringArray, column: &Column, place: &Place) -> Result<ArrayRef> {
    let field = &column.field;
    let fail = |row, message: String| Err(place.error(row, field.name(), message));
    if !field.is_nullable()
        && let Some(row) = (0..cells.len()).find(|row| cells.is_null(*row))
    {
        return fail(
            row,
            "is empty, and the schema allows no null here".to_owned(),
        );
    }
    if field.data_type() == &DataType::Utf8 {
        return Ok(Arc::new(cells.clone()));
    }
    let values = match &column.dates {
        Some(dates) => dates.read(cells),
        None => {
            let options = CastOptions {
                safe: true,
                ..CastOptions::default()
            };
            let readable = with_offset(field.data_type());
            cast_with_options(cells, &readable, &options)
                .and_then(|values| cast(&values, field.data_type()))
                .map_err(Error::Arrow)?
        }
    };
    if values.null_count() > cells.null_count()
        && let Some(row) = (0..cells.len()).find(|row| cells.is_valid(*row) && values.is_null(*row))
    {
        let expected = match &column.dates {
            Some(dates) => format!("a date of the form {:?}", dates.text),
            None => field.data_type().to_string(),
        };
        let cell = shorten(cells.value(row));
        return fail(row, format!("{cell:?} is not {expected}"));
    }
    Ok(values)
}

/// Looks for a cell beyond `limit` bytes, where the cells are large enough to hold one.
pub(super) fn check_cells(
    cells: &StringArray,
    limit: usize,
    column: &Column,
    place: &Place,
) -> Result<()> {
    if cells.value_data().len() <= limit {
        return Ok(());
    }
    let long = |row: &usize| cells.value(*row).len() > limit;
    match (0..cells.len()).find(long) {
        None => Ok(()),
        Some(row) => {
            let message = format!("the cell is longer than the limit of {limit} bytes");
            Err(place.error(row, column.field.name(), message))
        }
    }
}

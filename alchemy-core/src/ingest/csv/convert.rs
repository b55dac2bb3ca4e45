//! Cells to typed arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};

use super::cells::Lines;
use crate::ingest::failure::Origin;
use crate::{Error, Result, shorten};

/// Reads every cell as `field` says.
///
/// # Errors
///
/// [`Error::Read`] naming line, column and cell of the first that does not fit.
pub(super) fn convert(
    cells: &StringArray,
    field: &Field,
    lines: &Lines,
    origin: &Origin,
) -> Result<ArrayRef> {
    let fail = |row, message| Err(origin.at(lines.line(row), Some(field.name()), message));
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
    let options = CastOptions {
        safe: true,
        ..CastOptions::default()
    };
    let values = cast_with_options(cells, field.data_type(), &options).map_err(Error::Arrow)?;
    if values.null_count() > cells.null_count()
        && let Some(row) = (0..cells.len()).find(|row| cells.is_valid(*row) && values.is_null(*row))
    {
        return fail(
            row,
            format!(
                "{:?} is not {}",
                shorten(cells.value(row)),
                field.data_type()
            ),
        );
    }
    Ok(values)
}

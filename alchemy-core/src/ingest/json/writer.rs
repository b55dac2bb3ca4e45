//! Record batches as JSON lines.

use std::io::{BufWriter, Write};
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{ArrowPrimitiveType, Float16Type, Float32Type, Float64Type};
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;

use crate::ingest::failure::{Origin, contained};
use crate::ingest::replace::Replacement;
use crate::{Error, Result};

/// Writes `batch` as JSON lines, one object a row, in place of any file there.
///
/// A missing value, null or NaN, is written as `null`; nested columns become objects and lists, dates and times ISO 8601
/// text, bytes hexadecimal text. [`JsonReader`](crate::JsonReader) with the schema of the batch reads the same values, for
/// the types that it can be given; without a schema every column is of the narrowest type.
///
/// The file appears under its name once it is complete.
///
/// # Errors
///
/// - [`Error::Io`] if the file cannot be written.
/// - [`Error::InvalidValue`] for an infinite number, which JSON has no form for.
/// - [`Error::Read`] if JSON has no form for a column's type.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("people.jsonl");
/// use alchemy_core::{JsonReader, write_json};
///
/// let batch = RecordBatch::try_from_iter([
///     ("name", Arc::new(StringArray::from(vec!["Ada", "Alan"])) as ArrayRef),
///     ("age", Arc::new(Int64Array::from(vec![Some(36), None]))),
/// ])?;
/// write_json(&path, &batch)?;
/// assert_eq!(std::fs::read_to_string(&path)?, "{\"name\":\"Ada\",\"age\":36}\n{\"name\":\"Alan\",\"age\":null}\n");
/// assert_eq!(JsonReader::new().with_schema(batch.schema()).read(&path)?, batch);
/// # Ok(())
/// # }
/// ```
pub fn write_json(path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if let Some(row) = infinite_rows(column).iter().position(|infinite| *infinite) {
            return Err(Error::value(
                field.name(),
                row as u64,
                "inf",
                "a finite number, which JSON is for",
            ));
        }
    }
    let path = path.as_ref();
    let origin = Origin::file(path);
    let (replacement, file) = Replacement::begin(path, &origin)?;
    let mut text = BufWriter::new(&file);
    contained(|| {
        let mut writer = WriterBuilder::new()
            .with_explicit_nulls(true)
            .build::<_, LineDelimited>(&mut text);
        writer.write(batch)?;
        writer.finish()
    })
    .map_err(|error| origin.error(error.to_string()))?;
    text.flush().map_err(|error| origin.io(error))?;
    drop(text);
    replacement.finish(&file, &origin)
}

/// Which rows hold an infinite number, at any depth; empty where none can.
fn infinite_rows(array: &ArrayRef) -> Vec<bool> {
    let mut rows = None;
    if let Some(structure) = array.as_struct_opt() {
        for column in structure.columns() {
            rows = either(rows, infinite_rows(column));
        }
    } else if let Some(list) = array.as_list_opt::<i32>() {
        rows = any_within(&infinite_rows(list.values()), list.value_offsets());
    } else if let Some(list) = array.as_list_opt::<i64>() {
        rows = any_within(&infinite_rows(list.values()), list.value_offsets());
    } else {
        rows = infinite_values::<Float64Type>(array, f64::is_infinite)
            .or_else(|| infinite_values::<Float32Type>(array, f32::is_infinite))
            .or_else(|| {
                infinite_values::<Float16Type>(array, |value| value.to_f32().is_infinite())
            });
    }
    let mut rows = rows.unwrap_or_default();
    if let Some(nulls) = array.logical_nulls() {
        mask(&mut rows, &nulls);
    }
    rows
}

fn infinite_values<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    is_infinite: impl Fn(T::Native) -> bool,
) -> Option<Vec<bool>> {
    let values = array.as_primitive_opt::<T>()?.values();
    Some(values.iter().map(|value| is_infinite(*value)).collect())
}

fn either(rows: Option<Vec<bool>>, more: Vec<bool>) -> Option<Vec<bool>> {
    match rows {
        Some(mut rows) if !rows.is_empty() => {
            rows.iter_mut()
                .zip(more)
                .for_each(|(row, other)| *row |= other);
            Some(rows)
        }
        _ => Some(more),
    }
}

fn any_within<O: arrow::array::OffsetSizeTrait>(
    elements: &[bool],
    offsets: &[O],
) -> Option<Vec<bool>> {
    if elements.is_empty() {
        return None;
    }
    let within = offsets
        .windows(2)
        .map(|ends| elements[ends[0].as_usize()..ends[1].as_usize()].contains(&true));
    Some(within.collect())
}

fn mask(rows: &mut [bool], nulls: &NullBuffer) {
    rows.iter_mut()
        .zip(nulls)
        .for_each(|(row, valid)| *row &= valid);
}

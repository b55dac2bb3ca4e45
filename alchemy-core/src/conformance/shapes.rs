//! Variants of a sample that ordinary data takes on.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DurationSecondArray, Float64Array, RecordBatch, RecordBatchOptions,
    UInt64Array, new_null_array,
};
use arrow::compute::{cast, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};

use crate::column::is_text;
use crate::random::Stream;
use crate::{Error, Result};

/// `batch` cut into pieces of `rows` rows.
pub(super) fn pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(rows);
    starts
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
        .collect()
}

/// The rows of `batch` in another order.
pub(super) fn shuffled(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut rows: Vec<u64> = (0..batch.num_rows() as u64).collect();
    Stream::new(7, &[]).shuffle(&mut rows);
    Ok(take_record_batch(batch, &UInt64Array::from(rows))?)
}

/// The rows of `batch` as a slice that starts at `offset` of a longer batch.
pub(super) fn at_offset(batch: &RecordBatch, offset: usize) -> Result<RecordBatch> {
    let mut padding = Vec::new();
    while padding.len() * batch.num_rows().max(1) < offset {
        padding.push(batch.clone());
    }
    let before = concat_batches(&batch.schema(), &padding)?.slice(0, offset);
    Ok(concat_batches(&batch.schema(), [&before, batch])?.slice(offset, batch.num_rows()))
}

/// `batch` with every value null.
pub(super) fn all_null(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch
        .columns()
        .iter()
        .map(|column| new_null_array(column.data_type(), batch.num_rows()));
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

/// `batch` without the column at `index`.
pub(super) fn without(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|other| *other != index)
        .collect();
    let schema = Arc::new(batch.schema_ref().project(&kept)?);
    let columns = kept
        .iter()
        .map(|index| batch.column(*index).clone())
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        schema, columns, &options,
    )?)
}

/// `batch` with the column at `index` of a type that no step gives a meaning to.
pub(super) fn with_foreign_type(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    replace(
        batch,
        index,
        Arc::new(DurationSecondArray::from(vec![1; batch.num_rows()])),
    )
}

/// `batch` with the column at `index` twice.
pub(super) fn doubled(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let mut fields = schema.fields().to_vec();
    fields.push(fields[index].clone());
    let mut columns = batch.columns().to_vec();
    columns.push(columns[index].clone());
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
        columns,
    )?)
}

/// `batch` with its text columns as `data_type`.
pub(super) fn with_text_as(batch: &RecordBatch, data_type: &DataType) -> Result<RecordBatch> {
    (0..batch.num_columns())
        .filter(|i| is_text(batch.column(*i).data_type()))
        .try_fold(batch.clone(), |batch, index| {
            replace(&batch, index, cast(batch.column(index), data_type)?)
        })
}

/// `batch` in one form for all encodings of the same values.
pub(super) fn canonical(batch: &RecordBatch) -> Result<RecordBatch> {
    without_nan(&with_text_as(batch, &DataType::Utf8)?)
}

/// `batch` with NaN for null in its `Float64` columns.
pub(super) fn with_nan(batch: &RecordBatch) -> Result<RecordBatch> {
    map_floats(batch, |value| Some(value.unwrap_or(f64::NAN)))
}

/// `batch` with null for NaN in its `Float64` columns: a step passes on the columns that it does not read.
fn without_nan(batch: &RecordBatch) -> Result<RecordBatch> {
    map_floats(batch, |value| value.filter(|value| !value.is_nan()))
}

fn map_floats(
    batch: &RecordBatch,
    change: impl Fn(Option<f64>) -> Option<f64>,
) -> Result<RecordBatch> {
    (0..batch.num_columns())
        .filter(|i| *batch.column(*i).data_type() == DataType::Float64)
        .try_fold(batch.clone(), |batch, index| {
            let column: Float64Array = batch
                .column(index)
                .as_primitive::<Float64Type>()
                .iter()
                .map(&change)
                .collect();
            replace(&batch, index, Arc::new(column))
        })
}

/// `batch` with the rows from `row` on replaced by its first rows.
pub(super) fn with_other_future(batch: &RecordBatch, row: usize) -> Result<RecordBatch> {
    let rows: Vec<u64> = (0..batch.num_rows())
        .map(|i| if i < row { i } else { i - row } as u64)
        .collect();
    let moved = take_record_batch(batch, &UInt64Array::from(rows))?;
    // Time and keys stay, or the rows would be out of order.
    let columns = (0..batch.num_columns()).map(|index| {
        let stays = !batch.column(index).data_type().is_numeric();
        if stays {
            batch.column(index).clone()
        } else {
            moved.column(index).clone()
        }
    });
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

fn replace(batch: &RecordBatch, index: usize, column: ArrayRef) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let mut fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone())
        .collect();
    fields[index] = fields[index]
        .clone()
        .with_data_type(column.data_type().clone());
    let mut columns = batch.columns().to_vec();
    columns[index] = column;
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    RecordBatch::try_new(schema, columns).map_err(Error::from)
}

//! A batch put together again.

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use alchemy_core::arrow::datatypes::SchemaRef;

/// `columns` for the rows of `batch`. There may be no column: Arrow cannot count the rows then, unless it is told.
pub(crate) fn rebuilt(
    batch: &RecordBatch,
    schema: SchemaRef,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch> {
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema, columns, &rows)?)
}

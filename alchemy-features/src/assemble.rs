//! Batches put together from columns.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use alchemy_core::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use alchemy_core::{Error, Result, Transform};

/// A column with its name, type and metadata.
pub(crate) type Column = (FieldRef, ArrayRef);

/// `batch` with `new` columns after its own.
///
/// # Errors
///
/// [`Error::DuplicateColumn`] if two columns have one name.
pub(crate) fn appended(
    batch: &RecordBatch,
    new: impl IntoIterator<Item = Column>,
) -> Result<RecordBatch> {
    rebuilt(batch, columns(batch).chain(new))
}

/// `batch` with others in the place of the columns at some positions.
///
/// # Errors
///
/// [`Error::DuplicateColumn`] if two columns have one name.
pub(crate) fn replaced(
    batch: &RecordBatch,
    mut others: HashMap<usize, Vec<Column>>,
) -> Result<RecordBatch> {
    let columns = columns(batch)
        .enumerate()
        .flat_map(|(position, column)| others.remove(&position).unwrap_or_else(|| vec![column]));
    rebuilt(batch, columns)
}

/// The schema that `step` gives: that of no rows transformed, so the two cannot differ.
pub(crate) fn schema_of(step: &impl Transform, input: &Schema) -> Result<SchemaRef> {
    let empty = RecordBatch::new_empty(Arc::new(input.clone()));
    Ok(step.transform(&empty)?.schema())
}

fn columns(batch: &RecordBatch) -> impl Iterator<Item = Column> + '_ {
    let fields = batch.schema_ref().fields().iter().cloned();
    fields.zip(batch.columns().iter().cloned())
}

fn rebuilt(batch: &RecordBatch, columns: impl Iterator<Item = Column>) -> Result<RecordBatch> {
    let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.unzip();
    let mut names = HashSet::with_capacity(fields.len());
    if let Some(twice) = fields.iter().find(|field| !names.insert(field.name())) {
        let column = twice.name().clone();
        return Err(Error::DuplicateColumn { column });
    }
    let schema = Schema::new_with_metadata(fields, batch.schema_ref().metadata().clone());
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        Arc::new(schema),
        arrays,
        &rows,
    )?)
}

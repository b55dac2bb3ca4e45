//! Columns added to a batch, and what is reported of a column.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{Field, Schema};
use alchemy_core::column::{NumericColumn, by_name};

use alchemy_core::Result;

/// `batch` with the column `name`: in place of the one called so, or at the end.
pub(crate) fn with_column(batch: &RecordBatch, name: &str, array: ArrayRef) -> Result<RecordBatch> {
    let mut fields = batch.schema().fields().to_vec();
    let mut columns = batch.columns().to_vec();
    let field = Arc::new(Field::new(name, array.data_type().clone(), true));
    match fields.iter().position(|field| field.name() == name) {
        Some(place) => {
            fields[place] = field;
            columns[place] = array;
        }
        None => {
            fields.push(field);
            columns.push(array);
        }
    }
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

/// Folds the values of a numeric column that are not missing.
pub(crate) fn fold(
    batch: &RecordBatch,
    name: &str,
    start: f64,
    step: impl Fn(f64, f64) -> f64,
) -> Result<f64> {
    let column = NumericColumn::new(name, by_name(batch, name)?)?;
    let mut total = start;
    column.view().for_each(|value| total = step(total, value));
    Ok(total)
}

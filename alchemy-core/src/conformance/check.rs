//! What the laws are made of: comparisons that say what differs, and panics that are caught.

use std::any::Any;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{Array, RecordBatch};

use crate::Error;

/// What a law found wrong.
pub(super) type Outcome = Result<(), String>;

pub(super) fn ok<T, E: Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

pub(super) fn equal<T: PartialEq + Debug>(found: &T, expected: &T, what: &str) -> Outcome {
    if found == expected {
        Ok(())
    } else {
        Err(format!(
            "{what} differs: found\n{found:#?}\nexpected\n{expected:#?}"
        ))
    }
}

/// Whether two batches are the same, bit for bit; only the first column that differs is shown.
pub(super) fn same_batch(found: &RecordBatch, expected: &RecordBatch, what: &str) -> Outcome {
    equal(
        found.schema_ref(),
        expected.schema_ref(),
        &format!("schema {what}"),
    )?;
    same_columns(found, expected, what)
}

/// Whether two batches have the same columns, bit for bit, whatever their schemas say of them.
pub(super) fn same_columns(found: &RecordBatch, expected: &RecordBatch, what: &str) -> Outcome {
    equal(
        &found.num_columns(),
        &expected.num_columns(),
        &format!("number of columns {what}"),
    )?;
    equal(
        &found.num_rows(),
        &expected.num_rows(),
        &format!("number of rows {what}"),
    )?;
    for ((found, expected), field) in found
        .columns()
        .iter()
        .zip(expected.columns())
        .zip(expected.schema_ref().fields())
    {
        equal(
            found,
            expected,
            &format!("column {:?} {what}", field.name()),
        )?;
    }
    Ok(())
}

/// Whether every column is what Arrow's format says it must be.
pub(super) fn valid(batch: &RecordBatch) -> Outcome {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        column
            .to_data()
            .validate_full()
            .map_err(|error| format!("column {:?} is not valid: {error}", field.name()))?;
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(format!(
                "column {:?} has nulls and says that it cannot",
                field.name()
            ));
        }
    }
    Ok(())
}

/// Whether `error` tells the caller what to change: a column, a parameter, or that something is empty.
pub(super) fn typed(error: &Error) -> Outcome {
    match error {
        Error::ColumnNotFound { .. }
        | Error::DuplicateColumn { .. }
        | Error::ColumnType { .. }
        | Error::AllNull { .. }
        | Error::InvalidValue { .. }
        | Error::RowOrder { .. }
        | Error::InvalidTarget { .. }
        | Error::InvalidParameter { .. }
        | Error::LimitExceeded { .. }
        | Error::Empty { .. } => Ok(()),
        other => Err(format!("names neither column nor parameter: {other}")),
    }
}

/// Runs `work`; a panic is a finding like any other.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(format!("panics: {}", message(panic.as_ref()))))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}

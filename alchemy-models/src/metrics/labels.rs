//! Boolean labels out of a target column.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::Groups;
use alchemy_core::{Error, Result};

/// Which rows of the column `target` are of class `positive`, compared as text.
///
/// A class is written as a classifier names its probability columns: `"Yes"`, `"true"`, `"1"`.
///
/// # Errors
///
/// [`Error::ColumnNotFound`], and [`Error::InvalidValue`] for a null: a row without a label can't be judged.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use alchemy_models::metrics::positives;
///
/// let churn = Arc::new(StringArray::from(vec!["No", "Yes", "No"])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("Churn", churn)])?;
/// assert_eq!(positives(&batch, "Churn", "Yes")?, [false, true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn positives(batch: &RecordBatch, target: &str, positive: &str) -> Result<Vec<bool>> {
    let groups = Groups::of(batch, &[target])?;
    let is_positive = groups
        .keys()?
        .iter()
        .zip(groups.first_rows())
        .map(|(class, row)| match class[0].as_deref() {
            Some(class) => Ok(class == positive),
            None => Err(Error::value(target, *row as u64, "null", "a class")),
        })
        .collect::<Result<Vec<bool>>>()?;
    Ok(groups
        .ids()
        .iter()
        .map(|id| is_positive[*id as usize])
        .collect())
}

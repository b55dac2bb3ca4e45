//! Missing cells filled with the first value after them.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::{ColumnSelector, Ledger, Reach, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::carry::{Carry, backward};

/// Fills the missing cells of columns with the first value after them.
///
/// Rows are taken in the order they come; with [`with_keys`](Self::with_keys) a value is taken from a row of the same key
/// only, and with [`with_time`](Self::with_time) a row that is earlier than its predecessor is refused. Cells after the
/// last value stay null, as do those more than [`with_limit`](Self::with_limit) rows before the next one. A NaN is
/// missing; an infinity is a value.
///
/// **It reads the future.** A value is filled from rows that come later, so it is for cleaning history offline; it works
/// on the whole table only, a live session refuses it, and what it filled must not be learned from to predict those very
/// rows. [`ForwardFill`](crate::ForwardFill) is the one that looks back only.
///
/// A column is of any type and keeps its place, name and type. A choice by kind, such as [`ColumnSelector::text`], leaves
/// out the keys and the time. The ledger counts filled cells ([`Action::Filled`]). There is nothing to learn, so the spec
/// is its own fitted type.
///
/// A pass costs about 3 ns a row and column of numbers, and holds 16 bytes for each filled cell beside the filled column;
/// columns are filled in parallel, and one without a missing cell is passed on as it is.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a limit of 0.
/// - [`Error::ColumnNotFound`]; [`Error::ColumnType`] for a time that is not a date or timestamp.
/// - [`Error::RowOrder`] for a row without a time, or with one before its predecessor's.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{BackwardFill, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let batch_of = StringArray::from(vec![None, None, Some("b7"), None]);
/// let raw = RecordBatch::try_from_iter([("batch", Arc::new(batch_of) as ArrayRef)])?;
///
/// let filled = BackwardFill::of("batch").transform(&raw)?;
///
/// let expected = StringArray::from(vec![Some("b7"), Some("b7"), Some("b7"), None]);
/// assert_eq!(filled.column(0).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Filled`]: alchemy_core::Action::Filled
/// [`Error::InvalidParameter`]: alchemy_core::Error::InvalidParameter
/// [`Error::ColumnNotFound`]: alchemy_core::Error::ColumnNotFound
/// [`Error::ColumnType`]: alchemy_core::Error::ColumnType
/// [`Error::RowOrder`]: alchemy_core::Error::RowOrder
#[doc(alias = "bfill")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BackwardFill(Carry);

impl BackwardFill {
    /// Fills `columns`.
    #[must_use]
    pub fn of(columns: impl Into<ColumnSelector>) -> Self {
        Self(Carry::of(columns.into()))
    }

    /// Takes values only from rows that are equal in these columns, null equal to null. Default: from any row.
    #[must_use]
    pub fn with_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.0.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Checks that rows of a key do not go back in this column. Default: the order of rows is trusted.
    #[must_use]
    pub fn with_time(mut self, name: impl Into<String>) -> Self {
        self.0.time = Some(name.into());
        self
    }

    /// How many rows in a row are filled at most, counted among rows of the same key. Default: any number.
    #[must_use]
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.0.limit = Some(rows);
        self
    }
}

impl Transform for BackwardFill {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.0.output_schema(input)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        self.0.fill(batch, ledger, backward)
    }

    fn reach(&self) -> Reach {
        Reach::Table
    }
}

impl Step for BackwardFill {
    const NAME: &'static str = "alchemy-clean/backward_fill";
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, Int64Array, StringArray};
    use alchemy_core::{Action, Pipeline};

    use super::*;

    #[test]
    fn a_value_is_taken_from_a_later_row_of_the_same_key() {
        let key = Arc::new(StringArray::from(vec!["a", "b", "a", "b", "a"])) as ArrayRef;
        let big = (1 << 53) + 1;
        let x = Int64Array::from(vec![None, None, None, Some(big), Some(i64::MAX)]);
        let raw = RecordBatch::try_from_iter([("k", key), ("x", Arc::new(x) as ArrayRef)]).unwrap();
        let mut ledger = Ledger::new();
        let step = BackwardFill::of(ColumnSelector::all()).with_keys(["k"]);
        let out = step
            .with_limit(1)
            .transform_with(&raw, &mut ledger)
            .unwrap();
        let wanted = Int64Array::from(vec![
            None,
            Some(big),
            Some(i64::MAX),
            Some(big),
            Some(i64::MAX),
        ]);
        assert_eq!(out.column(1).as_ref(), &wanted);
        assert_eq!(ledger.count("x", Action::Filled), 2);
    }

    #[test]
    fn it_does_not_work_live() {
        let x = Arc::new(Int64Array::from(vec![None, Some(1)])) as ArrayRef;
        let raw = RecordBatch::try_from_iter([("x", x)]).unwrap();
        let fitted = Pipeline::new()
            .then(BackwardFill::of("x"))
            .fit(&raw)
            .unwrap();
        assert!(fitted.session().is_err());
    }
}

//! Missing cells filled with the last value before them.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::{ColumnSelector, Ledger, Reach, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::carry::{Carry, LiveCarry, forward};

/// Fills the missing cells of columns with the last value before them.
///
/// It looks at past rows only, so a live session fills as the training job did, bit for bit. Rows are taken in the order
/// they come; with [`with_keys`](Self::with_keys) a value is carried to rows of the same key only, and with
/// [`with_time`](Self::with_time) a row that is earlier than its predecessor is refused. Cells before the first value
/// stay null, as do those more than [`with_limit`](Self::with_limit) rows after the last one. A NaN is missing; an
/// infinity is a value and carried.
///
/// A column is of any type and keeps its place, name and type. A choice by kind, such as [`ColumnSelector::text`], leaves
/// out the keys and the time. In a live session only numbers, text, Booleans, dates and timestamps can be carried. The
/// ledger counts filled cells ([`Action::Filled`]).
///
/// There is nothing to learn, so the spec is its own fitted type. What a session remembers is one cell of each column a
/// key.
///
/// A pass costs about NN ns a row and column of numbers, and holds 16 bytes for each filled cell beside the filled column;
/// columns are filled in parallel, and one without a missing cell is passed on as it is. Keys are grouped once for all
/// columns.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a limit of 0.
/// - [`Error::ColumnNotFound`]; [`Error::ColumnType`] for a time that is not a date or timestamp, or a column that a live
///   session cannot carry.
/// - [`Error::RowOrder`] for a row without a time, or with one before its predecessor's.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{ForwardFill, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
/// let load = Float64Array::from(vec![None, Some(0.5), None, None]);
/// let state = StringArray::from(vec![Some("up"), None, None, Some("down")]);
/// let raw = RecordBatch::try_from_iter([("load", Arc::new(load) as ArrayRef), ("state", Arc::new(state))])?;
///
/// let filled = ForwardFill::of(["load", "state"]).with_limit(1).transform(&raw)?;
///
/// let expected = Float64Array::from(vec![None, Some(0.5), Some(0.5), None]);
/// assert_eq!(filled.column(0).as_ref(), &expected);
/// let expected = StringArray::from(vec![Some("up"), Some("up"), None, Some("down")]);
/// assert_eq!(filled.column(1).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Filled`]: alchemy_core::Action::Filled
/// [`Error::InvalidParameter`]: alchemy_core::Error::InvalidParameter
/// [`Error::ColumnNotFound`]: alchemy_core::Error::ColumnNotFound
/// [`Error::ColumnType`]: alchemy_core::Error::ColumnType
/// [`Error::RowOrder`]: alchemy_core::Error::RowOrder
#[doc(alias = "ffill")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ForwardFill(Carry);

impl ForwardFill {
    /// Fills `columns`.
    #[must_use]
    pub fn of(columns: impl Into<ColumnSelector>) -> Self {
        Self(Carry::of(columns.into()))
    }

    /// Carries values only between rows that are equal in these columns, null equal to null. Default: between all rows.
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

impl Transform for ForwardFill {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.0.output_schema(input)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        self.0.fill(batch, ledger, forward)
    }

    fn reach(&self) -> Reach {
        Reach::Past(Box::new(LiveCarry::new(self.0.clone())))
    }
}

impl Step for ForwardFill {
    const NAME: &'static str = "alchemy-clean/forward_fill";
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, Int64Array};
    use alchemy_core::{Action, Fit, Pipeline};

    use super::*;

    fn batch(cells: Vec<Option<i64>>) -> RecordBatch {
        let x = Arc::new(Int64Array::from(cells)) as ArrayRef;
        RecordBatch::try_from_iter([("x", x)]).unwrap()
    }

    #[test]
    fn filled_cells_are_counted_and_the_type_is_kept() {
        let mut ledger = Ledger::new();
        let raw = batch(vec![None, Some(7), None, None, Some(9), None]);
        let out = ForwardFill::of("x")
            .with_limit(1)
            .transform_with(&raw, &mut ledger)
            .unwrap();
        let wanted = Int64Array::from(vec![None, Some(7), Some(7), None, Some(9), Some(9)]);
        assert_eq!(out.column(0).as_ref(), &wanted);
        assert_eq!(ledger.count("x", Action::Filled), 2);
    }

    #[test]
    fn the_largest_integers_are_passed_on_as_they_are() {
        let cells = vec![Some(i64::MAX), Some(i64::MIN + 1), Some((1 << 53) + 1)];
        let out = ForwardFill::of("x")
            .transform(&batch(cells.clone()))
            .unwrap();
        assert_eq!(out.column(0).as_ref(), &Int64Array::from(cells));
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let error = ForwardFill::of("x")
            .with_limit(0)
            .transform(&batch(vec![]))
            .unwrap_err();
        assert_eq!(error.to_string(), "parameter `limit`: must be at least 1");
    }
}

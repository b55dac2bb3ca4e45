//! Missing cells filled with the last value seen.

use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::arrow::datatypes::Field;
use alchemy_core::column::missing_count;
use alchemy_core::{Action, Error, Keyed, KeyedColumns, Ledger, Result};
use serde::{Deserialize, Serialize};

/// Fills the missing cells of a numeric column with the last value before them.
///
/// It looks at past rows only, so a live session fills as the training job did, bit for bit. Rows are taken in the order
/// they come; with [`with_keys`](Self::with_keys) a value is carried to rows of the same key only, and with
/// [`with_time`](Self::with_time) a row that is earlier than its predecessor is refused. Cells before the first value
/// stay null, as do those more than [`with_limit`](Self::with_limit) rows after the last one. A NaN is missing; an
/// infinity is a value and carried.
///
/// The column keeps its place, name and type. Numbers are read as `f64`: integers beyond 2^53 round. The ledger counts
/// filled cells ([`Action::Filled`]).
///
/// There is nothing to learn, so the spec is its own fitted type. What it remembers is one number a key.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a limit of 0.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not a number.
/// - [`Error::RowOrder`] for a row without a time, or with one before its predecessor's.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{ForwardFill, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// let load = Float64Array::from(vec![None, Some(0.5), None, None]);
/// let raw = RecordBatch::try_from_iter([("load", Arc::new(load) as ArrayRef)])?;
///
/// let filled = ForwardFill::of("load").with_limit(1).transform(&raw)?;
///
/// let expected = Float64Array::from(vec![None, Some(0.5), Some(0.5), None]);
/// assert_eq!(filled.column(0).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardFill {
    column: String,
    keys: Vec<String>,
    time: Option<String>,
    limit: Option<u64>,
}

impl ForwardFill {
    /// Fills the column `name`.
    #[must_use]
    pub fn of(name: impl Into<String>) -> Self {
        Self {
            column: name.into(),
            keys: Vec::new(),
            time: None,
            limit: None,
        }
    }

    /// Carries values only between rows that are equal in these columns, null equal to null. Default: between all rows.
    #[must_use]
    pub fn with_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Checks that rows of a key do not go back in this column. Default: the order of rows is trusted.
    #[must_use]
    pub fn with_time(mut self, name: impl Into<String>) -> Self {
        self.time = Some(name.into());
        self
    }

    /// How many rows in a row are filled at most. Default: any number.
    #[must_use]
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }
}

/// What is remembered of one key.
#[expect(
    unnameable_types,
    reason = "core keeps the state; a caller never names its type"
)]
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Carried {
    /// The last value as bits, for JSON has no infinity.
    bits: Option<u64>,
    /// Rows since.
    age: u64,
}

impl Keyed for ForwardFill {
    const NAME: &'static str = "alchemy-clean/forward_fill";

    type State = Carried;

    fn columns(&self) -> KeyedColumns<'_> {
        KeyedColumns {
            input: &self.column,
            keys: &self.keys,
            time: self.time.as_deref(),
        }
    }

    fn outputs(&self, input: &Field) -> Result<Vec<Field>> {
        if self.limit == Some(0) {
            return Err(Error::parameter("limit", "must be at least 1"));
        }
        Ok(vec![input.clone().with_nullable(true)])
    }

    fn push(&self, carried: &mut Carried, value: f64, outputs: &mut [f64]) {
        if value.is_nan() {
            carried.age = carried.age.saturating_add(1);
        } else {
            *carried = Carried {
                bits: Some(value.to_bits()),
                age: 0,
            };
        }
        if let Some(bits) = carried.bits
            && self.limit.is_none_or(|limit| carried.age <= limit)
        {
            outputs[0] = f64::from_bits(bits);
        }
    }

    fn record(&self, input: &ArrayRef, outputs: &[ArrayRef], ledger: &mut Ledger) {
        let missing = missing_count(&self.column, input).unwrap_or(0);
        let left = outputs.iter().map(Array::null_count).sum();
        ledger.record(
            &self.column,
            Action::Filled,
            missing.saturating_sub(left),
            input.len(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::Transform;
    use alchemy_core::arrow::array::{Int64Array, RecordBatch};

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

//! Rows left out by a condition.

use alchemy_core::arrow::array::{BooleanArray, RecordBatch};
use alchemy_core::{Expr, Result, RowPass, SelectRows};
use serde::{Deserialize, Serialize};

/// Leaves out rows by a condition.
///
/// [`keep_where`](Self::keep_where) keeps the rows for which the condition is known to hold, as `filter` of dplyr and
/// `WHERE` of SQL do; [`drop_where`](Self::drop_where) leaves out the rows for which it is known to hold. A row for which
/// it is not known, because a cell is missing, is thus left out by the first and kept by the second.
///
/// In a [`Pipeline`](alchemy_core::Pipeline) this selects the rows to train on
/// ([`training_rows`](alchemy_core::Pipeline::training_rows)); every row is scored. For one batch there is
/// [`select`](SelectRows::select). The ledger counts the rows left out ([`Action::RowDropped`]). A pass looks at each row
/// for itself and costs about 10 ns a row for one comparison.
///
/// # Errors
///
/// From [`select`](SelectRows::select), those of [`Expr::mask`]: columns that are missing, a condition that has no meaning
/// for their types, or an expression that is no condition.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Ledger, RowFilter, SelectRows};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let message = StringArray::from(vec![Some("heartbeat 7"), Some("disk full"), None]);
/// let logs = RecordBatch::try_from_iter([("message", Arc::new(message) as ArrayRef)])?;
///
/// let filter = RowFilter::drop_where("message contains 'heartbeat'".parse()?);
/// let kept = filter.select(&logs, &mut Ledger::new())?;
/// assert_eq!(kept.column(0).as_ref(), &StringArray::from(vec![Some("disk full"), None]));
/// # Ok(())
/// # }
/// ```
///
/// [`Action::RowDropped`]: alchemy_core::Action::RowDropped
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowFilter(Condition);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Condition {
    KeepWhere(Expr),
    DropWhere(Expr),
}

impl RowFilter {
    /// Keeps the rows for which `condition` is true; one for which it is missing is left out.
    #[must_use]
    pub fn keep_where(condition: Expr) -> Self {
        Self(Condition::KeepWhere(condition))
    }

    /// Leaves out the rows for which `condition` is true; one for which it is missing is kept.
    #[must_use]
    pub fn drop_where(condition: Expr) -> Self {
        Self(Condition::DropWhere(condition))
    }
}

impl SelectRows for RowFilter {
    fn name(&self) -> &'static str {
        "alchemy-clean/row_filter"
    }

    fn start(&self) -> Box<dyn RowPass> {
        Box::new(Pass(self.clone()))
    }
}

struct Pass(RowFilter);

impl RowPass for Pass {
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        let keep = match &self.0.0 {
            Condition::KeepWhere(condition) => condition.holds(batch)?,
            Condition::DropWhere(condition) => !&condition.holds(batch)?,
        };
        Ok(keep.into())
    }
}

//! Cells that cannot be read as another type.

use alchemy_core::arrow::array::Array;
use alchemy_core::{Action, Error, Ledger, Result};
use serde::{Deserialize, Serialize};

/// What happens to a cell that cannot be read.
///
/// A missing cell is never a failure; a blank one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnFailure {
    /// It becomes null, and the ledger counts it as [`Action::Nulled`].
    #[default]
    Null,
    /// The whole batch is refused with an [`Error::InvalidValue`] that names the first such cell.
    Error,
}

/// One column on its way from text to another type.
pub(crate) struct Reading<'a, C> {
    /// Its name.
    pub(crate) column: &'a str,
    /// The text of each row, `None` where it was missing all along.
    pub(crate) cell: C,
    /// What was read.
    pub(crate) output: &'a dyn Array,
    /// What a cell should have been, in words.
    pub(crate) expected: &'a str,
}

impl<T: AsRef<str>, C: Fn(usize) -> Option<T>> Reading<'_, C> {
    /// Counts what became of the cells, or refuses the first that failed.
    pub(crate) fn settle(&self, on_failure: OnFailure, ledger: &mut Ledger) -> Result<()> {
        let rows = self.output.len();
        let lost = || {
            (0..rows)
                .filter(|row| self.output.is_null(*row))
                .filter_map(|row| Some((row, (self.cell)(row)?)))
        };
        if on_failure == OnFailure::Error
            && let Some((row, text)) = lost().find(|(_, text)| !text.as_ref().trim().is_empty())
        {
            return Err(Error::value(
                self.column,
                row as u64,
                text.as_ref(),
                self.expected,
            ));
        }
        let read = rows - self.output.null_count();
        ledger.record(self.column, Action::Coerced, read, rows);
        ledger.record_with(self.column, Action::Nulled, lost().count(), rows, lost());
        Ok(())
    }
}

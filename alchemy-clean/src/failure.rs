//! Cells that cannot be read as another type.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayBuilder, ArrayRef, BooleanArray, LargeStringBuilder, new_null_array,
};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::compute::nullif;
use alchemy_core::arrow::datatypes::{DataType, Field, FieldRef};
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
    /// It becomes null and is counted, and its text is kept in a new last column `{column}_unread`, which is null for
    /// every other row. Nothing is lost, and no column holds two types. There is one for each selected column, also if
    /// that needs no reading: the schema does not depend on what a file brings.
    Keep,
}

impl OnFailure {
    /// Appends the field that text of `column` is kept in, if it is.
    pub(crate) fn append_field(
        self,
        column: &str,
        text: DataType,
        fields: &mut Vec<FieldRef>,
    ) -> Result<()> {
        if self != Self::Keep {
            return Ok(());
        }
        let unread = Field::new(format!("{column}_unread"), text, true);
        if fields.iter().any(|field| field.name() == unread.name()) {
            return Err(Error::DuplicateColumn {
                column: unread.name().clone(),
            });
        }
        fields.push(Arc::new(unread));
        Ok(())
    }

    /// The column of kept text where every cell was read, if text is kept.
    pub(crate) fn nothing_unread(self, text: &DataType, rows: usize) -> Option<ArrayRef> {
        (self == Self::Keep).then(|| new_null_array(text, rows))
    }
}

/// One column on its way from text to another type.
pub(crate) struct Reading<'a, C, E> {
    /// Its name.
    pub(crate) column: &'a str,
    /// The text of each row, `None` where it was missing all along.
    pub(crate) cell: C,
    /// What was read.
    pub(crate) output: &'a dyn Array,
    /// What the cell of a row should have been, in words.
    pub(crate) expected: E,
}

impl<T, C, E> Reading<'_, C, E>
where
    T: AsRef<str>,
    C: Fn(usize) -> Option<T>,
    E: Fn(usize) -> &'static str,
{
    /// Counts what became of the cells, or refuses the first that failed.
    pub(crate) fn settle(&self, on_failure: OnFailure, ledger: &mut Ledger) -> Result<()> {
        if on_failure == OnFailure::Error
            && let Some((row, text)) = self.failed().next()
        {
            return Err(Error::value(
                self.column,
                row as u64,
                text.as_ref(),
                (self.expected)(row),
            ));
        }
        let rows = self.output.len();
        let read = rows - self.output.null_count();
        ledger.record(self.column, Action::Coerced, read, rows);
        let lost = self.lost().count();
        ledger.record_with(self.column, Action::Nulled, lost, rows, self.lost());
        Ok(())
    }

    /// The rows whose cell cannot be read.
    pub(crate) fn failed(&self) -> impl Iterator<Item = (usize, T)> {
        self.lost()
            .filter(|(_, text)| !text.as_ref().trim().is_empty())
    }

    /// The cells that became null, blank ones too.
    fn lost(&self) -> impl Iterator<Item = (usize, T)> {
        let nulls = self.output.nulls().map(|nulls| !nulls.inner());
        let nulls = nulls.unwrap_or_else(|| BooleanBuffer::new_unset(0));
        let rows: Vec<usize> = nulls.set_indices().collect();
        rows.into_iter()
            .filter_map(|row| Some((row, (self.cell)(row)?)))
    }
}

/// `text` with only the cells of `failed`, which are in ascending order.
pub(crate) fn unread(text: &ArrayRef, failed: impl Iterator<Item = usize>) -> Result<ArrayRef> {
    let mut others = vec![true; text.len()];
    failed.for_each(|row| others[row] = false);
    Ok(nullif(text, &BooleanArray::from(others))?)
}

/// A column of `rows` rows with only the texts of `failed`, which are in ascending order.
pub(crate) fn unread_texts(rows: usize, failed: impl Iterator<Item = (usize, String)>) -> ArrayRef {
    let mut texts = LargeStringBuilder::new();
    for (row, text) in failed {
        texts.append_nulls(row - texts.len());
        texts.append_value(text);
    }
    texts.append_nulls(rows - texts.len());
    Arc::new(texts.finish())
}

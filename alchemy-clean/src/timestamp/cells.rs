//! One or several columns as one text a row.

use std::ops::Range;

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::column::{TextColumn, by_name};

use crate::coercion::as_text;
use crate::failure::{unread, unread_texts};

/// The columns that are read.
pub(super) struct Cells {
    arrays: Vec<ArrayRef>,
    columns: Vec<TextColumn>,
    rows: usize,
}

/// The cell of a row.
pub(super) enum Cell<'a> {
    /// No column has a value.
    Missing,
    /// Some have one.
    Partial,
    /// All have one.
    Whole(&'a str),
}

impl Cells {
    pub(super) fn new(batch: &RecordBatch, names: &[String]) -> Result<Self> {
        let arrays: Vec<ArrayRef> = names
            .iter()
            .map(|name| as_text(by_name(batch, name)?))
            .collect::<Result<_>>()?;
        let columns = names.iter().zip(&arrays);
        let columns = columns.map(|(name, array)| TextColumn::new(name, array));
        Ok(Self {
            columns: columns.collect::<Result<_>>()?,
            arrays,
            rows: batch.num_rows(),
        })
    }

    pub(super) fn num_rows(&self) -> usize {
        self.rows
    }

    /// Calls `each` with the cell of every row of `rows`.
    pub(super) fn for_each(
        &self,
        rows: Range<usize>,
        mut each: impl FnMut(Cell<'_>),
    ) -> Result<()> {
        if let [array] = self.arrays.as_slice() {
            let column = TextColumn::new("", &array.slice(rows.start, rows.len()))?;
            column.for_each(|cell| {
                each(cell.map_or(Cell::Missing, |cell| Cell::Whole(trimmed(cell))));
            });
            return Ok(());
        }
        let mut text = String::new();
        for row in rows {
            each(match self.write(row, &mut text) {
                0 => Cell::Missing,
                all if all == self.columns.len() => Cell::Whole(&text),
                _ => Cell::Partial,
            });
        }
        Ok(())
    }

    /// The text of `row`; `None` if no column has a value.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        if let [column] = self.columns.as_slice() {
            return column.get(row).map(str::to_owned);
        }
        let mut text = String::new();
        (self.write(row, &mut text) > 0).then_some(text)
    }

    /// The cell of `row`, if all columns have a value.
    pub(super) fn whole(&self, row: usize) -> Option<String> {
        let mut text = String::new();
        (self.write(row, &mut text) == self.columns.len()).then_some(text)
    }

    /// Writes the cells of `row` into `text`, joined by a space; how many there are.
    fn write(&self, row: usize, text: &mut String) -> usize {
        text.clear();
        let mut present = 0;
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            if let Some(cell) = column.get(row) {
                text.push_str(cell.trim());
                present += 1;
            }
        }
        present
    }

    /// A column with only the cells of `failed`, which are in ascending order.
    pub(super) fn unread(&self, failed: impl Iterator<Item = (usize, String)>) -> Result<ArrayRef> {
        if let [array] = self.arrays.as_slice() {
            return unread(array, failed.map(|(row, _)| row));
        }
        Ok(unread_texts(self.rows, failed))
    }
}

/// The cell without the blanks around it, of which most cells have none.
#[inline]
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => cell,
        _ => cell.trim(),
    }
}

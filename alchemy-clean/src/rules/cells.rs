//! The cells of a row, to be shown.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, RecordBatch};
use alchemy_core::arrow::util::display::{ArrayFormatter, FormatOptions};
use alchemy_core::column::by_name;

/// Some columns, row by row, as text.
pub(super) struct RowTexts<'a>(Vec<Option<ArrayFormatter<'a>>>);

impl<'a> RowTexts<'a> {
    /// The columns of `batch` called `names`.
    pub(super) fn new(
        batch: &'a RecordBatch,
        names: &[&str],
        options: &'a FormatOptions<'a>,
    ) -> Result<Self> {
        let column = |name: &&str| Ok(formatter(by_name(batch, name)?, options));
        Ok(Self(names.iter().map(column).collect::<Result<_>>()?))
    }

    /// The column `array`.
    pub(super) fn of(array: &'a dyn Array, options: &'a FormatOptions<'a>) -> Self {
        Self(vec![formatter(array, options)])
    }

    /// The cells of `row`, in the order of the columns; a cell of a type that cannot be printed is an ellipsis.
    pub(super) fn at(&self, row: usize) -> String {
        let cell = |cells: &Option<ArrayFormatter<'_>>| match cells {
            Some(cells) => cells.value(row).to_string(),
            None => "…".to_owned(),
        };
        self.0.iter().map(cell).collect::<Vec<_>>().join(", ")
    }
}

/// `None` for a type that Arrow cannot print, such as a timestamp in a zone by name.
fn formatter<'a>(
    array: &'a dyn Array,
    options: &'a FormatOptions<'a>,
) -> Option<ArrayFormatter<'a>> {
    ArrayFormatter::try_new(array, options).ok()
}

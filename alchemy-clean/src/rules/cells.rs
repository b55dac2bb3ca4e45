//! The cells of a row, to be shown.

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::util::display::{ArrayFormatter, FormatOptions};
use alchemy_core::column::by_name;

/// Some columns, row by row, as text.
pub(super) struct RowTexts<'a>(Vec<ArrayFormatter<'a>>);

impl<'a> RowTexts<'a> {
    pub(super) fn new(
        batch: &'a RecordBatch,
        names: &[&str],
        options: &'a FormatOptions<'a>,
    ) -> Result<Self> {
        let column = |name: &&str| {
            let array = by_name(batch, name)?;
            Ok(ArrayFormatter::try_new(array.as_ref(), options)?)
        };
        Ok(Self(names.iter().map(column).collect::<Result<_>>()?))
    }

    /// The cells of `row`, in the order of the columns.
    pub(super) fn at(&self, row: usize) -> String {
        let cells = self.0.iter().map(|cells| cells.value(row).to_string());
        cells.collect::<Vec<_>>().join(", ")
    }
}

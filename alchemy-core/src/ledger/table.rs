//! A ledger as text and as a record batch.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};

use super::{Entry, Ledger, StepCounts};
use crate::Result;

impl Ledger {
    /// The lines as a table, to be stored: `step`, `column` (null for what concerns whole rows), `action`, `count`, `of`,
    /// and the `examples` as they print.
    ///
    /// # Errors
    ///
    /// None that is known; those of Arrow.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let text = |of: fn(&Entry) -> Option<String>| -> ArrayRef {
            Arc::new(self.entries().map(of).collect::<StringArray>())
        };
        let number = |of: fn(&Entry) -> u64| -> ArrayRef {
            Arc::new(self.entries().map(of).map(Some).collect::<UInt64Array>())
        };
        let column = |entry: &Entry| Some(entry.column.clone()).filter(|name| !name.is_empty());
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("step", text(|entry| Some(entry.step.clone())), false),
            ("column", text(column), true),
            (
                "action",
                text(|entry| Some(entry.action.to_string())),
                false,
            ),
            ("count", number(|entry| entry.count), false),
            ("of", number(|entry| entry.of), false),
            ("examples", text(|entry| Some(entry.examples_text())), false),
        ])?)
    }

    /// Rows in and out and cells changed of each step as a table: `step`, `rows_in`, `rows_out`, `cells_changed`.
    ///
    /// # Errors
    ///
    /// None that is known; those of Arrow.
    pub fn steps_to_batch(&self) -> Result<RecordBatch> {
        let steps = self.steps();
        let names: StringArray = steps.iter().map(|step| Some(step.step.as_str())).collect();
        let number = |of: fn(&StepCounts) -> u64| -> ArrayRef {
            Arc::new(steps.iter().map(of).map(Some).collect::<UInt64Array>())
        };
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("step", Arc::new(names) as ArrayRef, false),
            ("rows_in", number(|step| step.rows_in), false),
            ("rows_out", number(|step| step.rows_out), false),
            ("cells_changed", number(|step| step.cells_changed), false),
        ])?)
    }
}

impl Entry {
    fn examples_text(&self) -> String {
        let cells = self.examples.iter();
        let cells: Vec<String> = cells
            .map(|(row, text)| format!("{text:?} at {row}"))
            .collect();
        cells.join(", ")
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rows", self.rows)?;
        let width = |text: fn(&Entry) -> &str| {
            self.entries()
                .map(|e| text(e).chars().count())
                .max()
                .unwrap_or(0)
        };
        let (steps, columns) = (width(|e| &e.step), width(|e| &e.column));
        for entry in self.entries() {
            let Entry {
                step,
                column,
                action,
                count,
                of,
                ..
            } = entry;
            let examples = entry.examples_text();
            writeln!(
                f,
                "{step:steps$}  {column:columns$}  {action:14}  {count:>9} of {of:<9}  {examples}"
            )?;
        }
        Ok(())
    }
}

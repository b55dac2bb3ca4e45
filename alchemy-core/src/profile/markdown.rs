//! A profile as Markdown.

use std::fmt::Write;

use super::finding::Severity;
use super::profiler::Profile;
use super::table::{HEAD, bytes, cells};

impl Profile {
    /// The profile as Markdown: size, findings, and a table of the columns. For figures as data, see
    /// [`Self::describe`]; a profile also serializes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::{CsvReader, Profile};
    ///
    /// let text = "city,age\nOslo,20\nRome,30\nRome,70\n";
    /// let profile = Profile::of(&CsvReader::new().read_from(text.as_bytes())?)?;
    /// assert!(profile.to_markdown().contains("| age | Int64 | 0 | 3 |"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let (rows, columns, size) = (self.rows, self.columns.len(), bytes(self.bytes));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{rows} rows, {columns} columns, {size}, {} duplicate rows\n",
            self.duplicate_rows
        );
        for finding in &self.findings {
            let finding_text = escaped(&finding.to_string());
            let _ = if finding.severity == Severity::Info {
                writeln!(text, "- {finding_text}")
            } else {
                writeln!(text, "- **{finding_text}**")
            };
        }
        if !self.findings.is_empty() {
            text.push('\n');
        }
        let mut line = |cells: [String; 5]| {
            let _ = writeln!(text, "| {} |", cells.map(|cell| escaped(&cell)).join(" | "));
        };
        line(HEAD.map(str::to_owned));
        line(["---", "---", "---:", "---:", "---"].map(str::to_owned));
        self.columns.iter().for_each(|column| line(cells(column)));
        text
    }
}

/// `text` without what Markdown takes for its own.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' => plain.extend(['\\', character]),
            '\n' | '\r' => plain.push(' '),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;

    #[test]
    fn cells_cannot_break_the_table() {
        let cells = Arc::new(StringArray::from(vec!["a|b", "<i>", "a|b", ""])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("x\n|y", cells)]).unwrap();
        let text = Profile::of(&batch).unwrap().to_markdown();
        let mut lines = text.lines().skip_while(|line| !line.starts_with('|'));
        assert_eq!(
            lines.next(),
            Some("| column | type | missing | distinct | values |")
        );
        assert_eq!(lines.next(), Some("| --- | --- | ---: | ---: | --- |"));
        let row = lines.next().unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        assert!(
            text.contains("- **x \\|y: 1 cells are blank, not null**"),
            "{text}"
        );
        assert!(text.contains("\\<i>"));
    }
}

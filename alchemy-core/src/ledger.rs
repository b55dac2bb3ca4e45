//! What was done to the data, counted.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, shorten};

/// What a step did to a cell, a row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// A cell was read as another type.
    Coerced,
    /// A cell that could not be used became null.
    Nulled,
    /// A missing cell got a value.
    Filled,
    /// A cell outside the fences was moved to the fence.
    Capped,
    /// A cell was rewritten in a standard form.
    Standardised,
    /// A cell has a value that was not seen in training or is not in a map.
    Unmatched,
    /// A row was left out of training.
    RowDropped,
    /// A row was refused at scoring.
    RowRejected,
    /// A column was left out.
    ColumnDropped,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Coerced => "coerced",
            Self::Nulled => "nulled",
            Self::Filled => "filled",
            Self::Capped => "capped",
            Self::Standardised => "standardised",
            Self::Unmatched => "unmatched",
            Self::RowDropped => "rows dropped",
            Self::RowRejected => "rows rejected",
            Self::ColumnDropped => "column dropped",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One line of a [`Ledger`]: what one step did to one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The step's registered name.
    pub step: String,
    /// The column; empty for what concerns whole rows.
    pub column: String,
    /// What was done.
    pub action: Action,
    /// To how many cells, rows or columns.
    pub count: u64,
    /// Out of how many cells or rows seen.
    pub of: u64,
    /// The first few cells concerned: global row and text before the change, shortened.
    pub examples: Vec<(u64, String)>,
}

/// An audit of a pass over data: every cell, row and column that a step changed is counted here.
///
/// Ledgers of two parts of a table merge into the ledger of the whole. It keeps at most
/// [`examples`](Self::with_examples) cell values per line, and holds no other data.
///
/// # Examples
///
/// ```
/// use alchemy_core::{Action, Ledger, Limit};
///
/// let mut ledger = Ledger::new();
/// ledger.enter("alchemy-clean/imputer");
/// ledger.record("price", Action::Filled, 3, 100);
/// assert_eq!(ledger.count("price", Action::Filled), 3);
/// assert!(ledger.check(&[Limit::new("price", Action::Filled, 0.01)]).is_err());
/// assert!(ledger.check(&[Limit::new("price", Action::Filled, 0.05)]).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    rows: u64,
    entries: Vec<Entry>,
    examples: usize,
    #[serde(skip)]
    step: String,
    #[serde(skip)]
    first_row: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            rows: 0,
            entries: Vec::new(),
            examples: 3,
            step: String::new(),
            first_row: 0,
        }
    }
}

impl Ledger {
    /// An empty ledger that keeps three examples a line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps at most `examples` cell values a line; 0 keeps none.
    #[must_use]
    pub fn with_examples(mut self, examples: usize) -> Self {
        self.examples = examples;
        self
    }

    /// Rows that entered.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The lines, in the order the steps ran.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.count > 0)
    }

    /// How many cells of `column` had `action` done to them, over all steps.
    #[must_use]
    pub fn count(&self, column: &str, action: Action) -> u64 {
        self.entries()
            .filter(|e| e.column == column && e.action == action)
            .map(|e| e.count)
            .sum()
    }

    /// Names the step that the following records belong to. A pipeline calls this; a bare step need not.
    pub fn enter(&mut self, step: &str) {
        step.clone_into(&mut self.step);
    }

    /// Counts `rows` more rows as entered; rows recorded from here on are numbered from the first of them.
    pub fn enter_rows(&mut self, rows: usize) {
        self.first_row = self.rows;
        self.rows += rows as u64;
    }

    /// Records that `action` was done to `count` of the `of` cells of `column`. A count of zero
    /// shows no line, but its `of` counts when a later batch of the same column has one.
    pub fn record(&mut self, column: &str, action: Action, count: usize, of: usize) {
        self.record_with(
            column,
            action,
            count,
            of,
            std::iter::empty::<(usize, &str)>(),
        );
    }

    /// As [`record`](Self::record), with cells to show: row in the batch and text before the change. Only as many are
    /// taken as the ledger keeps.
    pub fn record_with<T: AsRef<str>>(
        &mut self,
        column: &str,
        action: Action,
        count: usize,
        of: usize,
        cells: impl IntoIterator<Item = (usize, T)>,
    ) {
        let known = self
            .entries
            .iter()
            .position(|e| e.is(&self.step, column, action));
        let index = known.unwrap_or_else(|| {
            self.entries.push(Entry::new(&self.step, column, action));
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        entry.count += count as u64;
        entry.of += of as u64;
        let room = self.examples.saturating_sub(entry.examples.len());
        let shown = cells.into_iter().take(room);
        entry
            .examples
            .extend(shown.map(|(row, text)| (self.first_row + row as u64, shorten(text.as_ref()))));
    }

    /// Adds the counts of `other`, a ledger of the same steps over the rows that follow.
    pub fn merge(&mut self, other: &Self) {
        let before = self.rows;
        for theirs in &other.entries {
            self.enter(&theirs.step);
            self.first_row = before;
            let cells = theirs
                .examples
                .iter()
                .filter_map(|(row, text)| Some((usize::try_from(*row).ok()?, text)));
            let count = usize::try_from(theirs.count).unwrap_or(usize::MAX);
            let of = usize::try_from(theirs.of).unwrap_or(usize::MAX);
            self.record_with(&theirs.column, theirs.action, count, of, cells);
        }
        self.rows = before + other.rows;
    }

    /// Holds the counts against `limits`.
    ///
    /// # Errors
    ///
    /// [`Error::LimitExceeded`] for the first limit that is passed.
    pub fn check(&self, limits: &[Limit]) -> Result<()> {
        let passed = |limit: &Limit| {
            self.entries()
                .find(|e| e.column == limit.column && e.action == limit.action)
                .filter(|e| e.count as f64 > limit.share * e.of as f64)
        };
        match limits
            .iter()
            .find_map(|limit| passed(limit).map(|entry| (limit, entry)))
        {
            None => Ok(()),
            Some((limit, entry)) => Err(Error::LimitExceeded {
                column: entry.column.clone(),
                action: entry.action.to_string(),
                count: entry.count,
                of: entry.of,
                limit: limit.share,
            }),
        }
    }
}

impl Entry {
    fn new(step: &str, column: &str, action: Action) -> Self {
        Self {
            step: step.to_owned(),
            column: column.to_owned(),
            action,
            count: 0,
            of: 0,
            examples: Vec::new(),
        }
    }

    fn is(&self, step: &str, column: &str, action: Action) -> bool {
        self.action == action && self.column == column && self.step == step
    }
}

/// The largest share of a column's cells that may have an action done to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    column: String,
    action: Action,
    share: f64,
}

impl Limit {
    /// At most `share` (0 to 1) of the cells of `column` may have `action` done to them by any one step.
    #[must_use]
    pub fn new(column: impl Into<String>, action: Action, share: f64) -> Self {
        Self {
            column: column.into(),
            action,
            share,
        }
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
                examples,
            } = entry;
            write!(
                f,
                "{step:steps$}  {column:columns$}  {action:14}  {count:>9} of {of:<9}"
            )?;
            let cells: Vec<String> = examples
                .iter()
                .map(|(row, text)| format!("{text:?} at {row}"))
                .collect();
            writeln!(f, "  {}", cells.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(rows: usize, cells: &[(usize, &str)]) -> Ledger {
        let mut ledger = Ledger::new();
        ledger.enter_rows(rows);
        ledger.enter("a/step");
        ledger.record_with(
            "x",
            Action::Nulled,
            cells.len(),
            rows,
            cells.iter().copied(),
        );
        ledger
    }

    #[test]
    fn the_parts_merge_into_the_whole() {
        let whole = part(8, &[(1, "p"), (6, "q")]);
        let mut merged = part(5, &[(1, "p")]);
        merged.merge(&part(3, &[(1, "q")]));
        assert_eq!(
            merged.entries().collect::<Vec<_>>(),
            whole.entries().collect::<Vec<_>>()
        );
        assert_eq!(merged.rows(), 8);
    }

    #[test]
    fn examples_are_bounded_and_zero_turns_them_off() {
        let cells: Vec<(usize, &str)> = (0..9).map(|row| (row, "bad")).collect();
        assert_eq!(part(9, &cells).entries().next().unwrap().examples.len(), 3);
        let mut silent = Ledger::new().with_examples(0);
        silent.record_with("x", Action::Nulled, 9, 9, cells);
        assert!(silent.entries().next().unwrap().examples.is_empty());
        assert_eq!(silent.count("x", Action::Nulled), 9);
    }

    #[test]
    fn nothing_done_leaves_no_line() {
        let mut ledger = Ledger::new();
        ledger.record("x", Action::Filled, 0, 10);
        assert_eq!(ledger.entries().count(), 0);
    }
}

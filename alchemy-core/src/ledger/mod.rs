//! What was done to the data, counted.

mod action;
mod limit;
mod table;

use serde::{Deserialize, Serialize};

use crate::error::MASK;
use crate::shorten;

pub use action::Action;
pub use limit::Limit;

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

/// What one step did to the rows that came to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepCounts {
    /// The step's registered name.
    pub step: String,
    /// Rows that came in.
    pub rows_in: u64,
    /// Rows that went on.
    pub rows_out: u64,
    /// Cells coerced, filled, capped or changed in another way, over all columns; an unmatched cell counts too.
    pub cells_changed: u64,
}

/// An audit of a pass over data: every cell, row and column that a step changed is counted here.
///
/// Ledgers of two parts of a table merge into the ledger of the whole. It keeps at most
/// [`examples`](Self::with_examples) cell values per line, or [none](Self::masked) but their rows, and holds no other
/// data. It prints as a table, and gives itself [as a batch](Self::to_batch).
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
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    /// Cells are counted by the entries.
    #[serde(default)]
    steps: Vec<StepCounts>,
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
            masked: false,
            steps: Vec::new(),
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

    /// Hides the text of cells: of an example only the row is kept.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.mask();
        self
    }

    /// Hides the text of cells from now on, and of those that are kept already.
    pub fn mask(&mut self) {
        self.masked = true;
        let examples = self
            .entries
            .iter_mut()
            .flat_map(|entry| &mut entry.examples);
        examples.for_each(|(_, text)| MASK.clone_into(text));
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

    /// What each step that ran in a pipeline did to the rows, in the order the steps ran. Two steps of one name count
    /// together.
    #[must_use]
    pub fn steps(&self) -> Vec<StepCounts> {
        let counted = |step: &StepCounts| {
            let of_cells = |entry: &&Entry| entry.step == step.step && entry.action.is_of_cells();
            let cells = self.entries().filter(of_cells).map(|entry| entry.count);
            StepCounts {
                cells_changed: cells.fold(0, u64::saturating_add),
                ..step.clone()
            }
        };
        self.steps.iter().map(counted).collect()
    }

    /// How many cells of `column` had `action` done to them, over all steps.
    #[must_use]
    pub fn count(&self, column: &str, action: Action) -> u64 {
        self.entries()
            .filter(|e| e.column == column && e.action == action)
            .map(|e| e.count)
            .fold(0, u64::saturating_add)
    }

    /// Names the step that the following records belong to. A pipeline calls this; a bare step need not.
    pub fn enter(&mut self, step: &str) {
        step.clone_into(&mut self.step);
    }

    /// Counts `rows` more rows as entered; rows recorded from here on are numbered from the first of them.
    pub fn enter_rows(&mut self, rows: usize) {
        self.first_row = self.rows;
        self.rows = self.rows.saturating_add(rows as u64);
    }

    /// Records that `rows_in` rows came to the step and `rows_out` of them went on. A pipeline calls this.
    pub fn record_rows(&mut self, rows_in: usize, rows_out: usize) {
        let step = StepCounts {
            step: self.step.clone(),
            rows_in: rows_in as u64,
            rows_out: rows_out as u64,
            cells_changed: 0,
        };
        self.add_step(&step);
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
        let first_row = self.first_row;
        let cells = cells
            .into_iter()
            .map(|(row, text)| (first_row.saturating_add(row as u64), text));
        let step = self.step.clone();
        self.add(&step, column, action, (count as u64, of as u64), cells);
    }

    /// Adds the counts of `other`, a ledger of the same steps over the rows that follow.
    pub fn merge(&mut self, other: &Self) {
        let before = self.rows;
        for theirs in &other.entries {
            let cells = theirs.examples.iter();
            let cells = cells.map(|(row, text)| (before.saturating_add(*row), text));
            let counts = (theirs.count, theirs.of);
            self.add(&theirs.step, &theirs.column, theirs.action, counts, cells);
        }
        other.steps.iter().for_each(|step| self.add_step(step));
        self.rows = before.saturating_add(other.rows);
    }

    /// Adds to the line of `step`, `column` and `action`; `cells` have global rows.
    fn add<T: AsRef<str>>(
        &mut self,
        step: &str,
        column: &str,
        action: Action,
        (count, of): (u64, u64),
        cells: impl Iterator<Item = (u64, T)>,
    ) {
        let known = self.entries.iter().position(|e| e.is(step, column, action));
        let index = known.unwrap_or_else(|| {
            self.entries.push(Entry::new(step, column, action));
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        entry.count = entry.count.saturating_add(count);
        entry.of = entry.of.saturating_add(of);
        let room = self.examples.saturating_sub(entry.examples.len());
        let masked = self.masked;
        entry.examples.extend(cells.take(room).map(|(row, text)| {
            let text = if masked { MASK } else { text.as_ref() };
            (row, shorten(text))
        }));
    }

    fn add_step(&mut self, step: &StepCounts) {
        match self.steps.iter_mut().find(|known| known.step == step.step) {
            None => self.steps.push(step.clone()),
            Some(known) => {
                known.rows_in = known.rows_in.saturating_add(step.rows_in);
                known.rows_out = known.rows_out.saturating_add(step.rows_out);
            }
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

#[cfg(test)]
mod tests;

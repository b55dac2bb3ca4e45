//! What is gathered of one expectation while batches come in.

use arrow::array::RecordBatch;
use arrow::util::display::FormatOptions;
use serde::{Deserialize, Serialize};

use super::Expectation;
use super::cells::Cells;
use super::examples::{CellTexts, Examples};
use super::report::CheckOutcome;
use super::sequence::{Runs, Series};
use super::unique::{Keys, keys};
use crate::Result;
use crate::column::NumericColumn;
use crate::stats::{ExactSum, Quantiles};

/// The state of one expectation. Updates and merges commute, but for an order of rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    checked: u64,
    failed: u64,
    examples: Examples,
    problem: Option<String>,
    state: State,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
enum State {
    /// Counts alone.
    #[default]
    Counts,
    /// How many cells hold the value in question.
    Share(u64),
    Keys(Keys),
    Runs(Runs),
    Sum(ExactSum),
    Values(Quantiles),
}

impl Tally {
    pub(super) fn new(expectation: &Expectation) -> Self {
        let state = match expectation {
            Expectation::Unique => State::Keys(Keys::default()),
            Expectation::Increasing { .. } => State::Runs(Runs::default()),
            Expectation::Mean(_) => State::Sum(ExactSum::new()),
            Expectation::Quantile(..) => State::Values(Quantiles::new()),
            Expectation::Share(..) => State::Share(0),
            _ => State::Counts,
        };
        Self {
            state,
            ..Self::default()
        }
    }

    /// For a key of several columns.
    pub(super) fn of_keys() -> Self {
        Self::new(&Expectation::Unique)
    }

    /// Notes why the expectation could not be held against some of the data: of several reasons the first in the order
    /// of text, which no order of batches changes.
    pub(super) fn problem(&mut self, problem: String) {
        self.problem = Some(match self.problem.take() {
            Some(known) if known <= problem => known,
            _ => problem,
        });
    }

    pub(super) fn count(&mut self, checked: usize, failed: usize) {
        self.checked = self.checked.saturating_add(checked as u64);
        self.failed = self.failed.saturating_add(failed as u64);
    }

    pub(super) fn example(&mut self, cell: &str, most: usize) {
        self.examples.add(cell, most);
    }

    /// Takes in one column of `table`, whose other columns are those that `expectation` may name.
    pub(super) fn update(
        &mut self,
        expectation: &Expectation,
        cells: Cells<'_>,
        table: &RecordBatch,
        most: usize,
    ) -> Result<()> {
        let numbers = || NumericColumn::new(cells.name, cells.array);
        match (&mut self.state, expectation) {
            (State::Keys(seen), _) => {
                let column = table.schema_ref().index_of(cells.name)?;
                seen.add(keys(&table.project(&[column])?)?);
            }
            (State::Runs(runs), expectation) => {
                if let Some(series) = Series::of(cells.name, expectation) {
                    runs.update(series, table)?;
                }
            }
            (State::Sum(sum), _) => {
                numbers()?.view().for_each(|value| {
                    sum.add(value);
                    self.checked += 1;
                });
            }
            (State::Values(values), _) => {
                numbers()?.view().for_each(|value| values.add(value));
            }
            (State::Share(found), Expectation::Share(value, _)) => {
                let (count, checked) = cells.count_of(value)?;
                *found += count as u64;
                self.checked += checked as u64;
            }
            (State::Share(_) | State::Counts, Expectation::NullShare(_)) => {
                self.count(cells.array.len(), cells.missing_count()?);
            }
            (State::Share(_) | State::Counts, _) => self.update_cells(expectation, cells, most)?,
        }
        Ok(())
    }

    fn update_cells(
        &mut self,
        expectation: &Expectation,
        cells: Cells<'_>,
        most: usize,
    ) -> Result<()> {
        let options = FormatOptions::default();
        let is_shown = most > 0 && *expectation != Expectation::NotNull;
        let mut texts = None;
        let mut failed = 0;
        let checked = cells.each_failure(expectation, &mut |row| {
            failed += 1;
            if is_shown {
                let texts = texts.get_or_insert_with(|| CellTexts::new(cells.array, &options));
                if let Some(texts) = texts {
                    self.examples.add(texts.at(row), most);
                }
            }
        })?;
        self.count(checked, failed);
        Ok(())
    }

    /// Takes in keys of several columns.
    pub(super) fn update_keys(&mut self, key: &RecordBatch) -> Result<()> {
        if let State::Keys(seen) = &mut self.state {
            seen.add(keys(key)?);
        }
        Ok(())
    }

    /// Takes in what `other` gathered; an order of rows takes it to follow. `series` is the order, if it is one.
    pub(super) fn merge(&mut self, other: Self, series: Option<Series<'_>>, most: usize) {
        match (&mut self.state, other.state) {
            (State::Keys(seen), State::Keys(more)) => seen.merge(more),
            (State::Share(found), State::Share(more)) => *found += more,
            (State::Sum(sum), State::Sum(more)) => sum.merge(&more),
            (State::Values(values), State::Values(more)) => values.merge(more),
            (State::Runs(runs), State::Runs(later)) => {
                if let Some(series) = series {
                    runs.merge(series, later);
                }
            }
            _ => {}
        }
        self.checked = self.checked.saturating_add(other.checked);
        self.failed = self.failed.saturating_add(other.failed);
        self.examples.merge(&other.examples, most);
        if let Some(problem) = other.problem {
            self.problem(problem);
        }
    }

    /// Fills in what was found. `bounds` are those of the figure that is measured, if one is.
    pub(super) fn finish(self, expectation: Option<&Expectation>, outcome: &mut CheckOutcome) {
        let (mut checked, mut failed) = (self.checked, self.failed);
        let measured = match self.state {
            State::Keys(keys) => {
                (checked, failed) = keys.count();
                None
            }
            State::Runs(runs) => {
                (checked, failed) = runs.count();
                None
            }
            State::Sum(sum) => (checked > 0).then(|| sum.mean(checked)),
            State::Values(mut values) => {
                checked = values.count() as u64;
                match expectation {
                    Some(Expectation::Quantile(q, _)) => values.quantile(*q),
                    _ => None,
                }
            }
            State::Share(found) => share(found, checked),
            State::Counts => match expectation {
                Some(Expectation::NullShare(_)) => share(failed, checked),
                _ => None,
            },
        };
        outcome.checked = checked;
        outcome.failed = failed;
        outcome.measured = measured;
        outcome.examples = self.examples.into_vec();
        outcome.problem = self.problem;
        let meets = match expectation {
            Some(Expectation::NullShare(most)) => measured.is_none_or(|share| share <= *most),
            Some(
                Expectation::Mean(within)
                | Expectation::Quantile(_, within)
                | Expectation::Share(_, within),
            ) => {
                if measured.is_none() && outcome.problem.is_none() {
                    outcome.problem = Some("there is no value to measure".to_owned());
                }
                measured.is_some_and(|value| within.contains(value))
            }
            _ => failed == 0,
        };
        outcome.passed = meets && outcome.problem.is_none();
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

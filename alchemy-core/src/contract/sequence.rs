//! Values that must not fall from row to row.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::Expectation;
use super::exact::Exact;
use crate::Result;
use crate::column::{Groups, Key, NumericColumn, by_name};

/// What is asked of a series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series<'a> {
    pub(super) column: &'a str,
    pub(super) strictly: bool,
    pub(super) by: &'a [String],
}

/// The rows seen of each key: how many, how many were below the one before, and the values at both ends.
///
/// It is about order, so a merge takes the rows of the other to follow; merges associate, but do not commute.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Key, Run)>", into = "Vec<(Key, Run)>")]
pub(super) struct Runs(BTreeMap<Key, Run>);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Run {
    first: Exact,
    last: Exact,
    values: u64,
    failed: u64,
}

impl<'a> Series<'a> {
    /// The order that `expectation` asks of `column`, if it asks for one.
    pub(super) fn of(column: &'a str, expectation: &'a Expectation) -> Option<Self> {
        match expectation {
            Expectation::Increasing { strictly, by } => Some(Self {
                column,
                strictly: *strictly,
                by,
            }),
            _ => None,
        }
    }

    fn is_broken(&self, before: Exact, now: Exact) -> bool {
        now.order(before).is_some_and(|order| {
            if self.strictly {
                order.is_le()
            } else {
                order.is_lt()
            }
        })
    }

    /// Calls `fail` with every row of `batch` that stands and is below one before it that was let through: what remains
    /// is in order.
    pub(super) fn turn_away(
        &self,
        batch: &RecordBatch,
        stands: impl Fn(usize) -> bool,
        mut fail: impl FnMut(usize),
    ) -> Result<()> {
        let groups = Groups::of(batch, self.by)?;
        let column = NumericColumn::ordered(self.column, by_name(batch, self.column)?)?;
        let view = column.view();
        let mut last: Vec<Option<Exact>> = vec![None; groups.first_rows().len()];
        for (row, group) in groups.ids().iter().enumerate() {
            let Some(now) = Exact::at(&view, row).filter(|_| stands(row)) else {
                continue;
            };
            let last = &mut last[*group as usize];
            if last.is_some_and(|before| self.is_broken(before, now)) {
                fail(row);
            } else {
                *last = Some(now);
            }
        }
        Ok(())
    }
}

impl Runs {
    /// Takes in the rows of `batch`.
    pub(super) fn update(&mut self, series: Series<'_>, batch: &RecordBatch) -> Result<()> {
        let groups = Groups::of(batch, series.by)?;
        let column = NumericColumn::ordered(series.column, by_name(batch, series.column)?)?;
        let view = column.view();
        let keys = groups.keys()?;
        let mut runs: Vec<Option<Run>> = keys.iter().map(|key| self.0.get(key).copied()).collect();
        for (row, group) in groups.ids().iter().enumerate() {
            let Some(now) = Exact::at(&view, row) else {
                continue;
            };
            let run = runs[*group as usize].get_or_insert(Run {
                first: now,
                last: now,
                values: 0,
                failed: 0,
            });
            if run.values > 0 && series.is_broken(run.last, now) {
                run.failed += 1;
            }
            run.values += 1;
            run.last = now;
        }
        let runs = keys.into_iter().zip(runs);
        self.0
            .extend(runs.filter_map(|(key, run)| Some((key, run?))));
        Ok(())
    }

    /// Takes in the rows of `later`, which follow.
    pub(super) fn merge(&mut self, series: Series<'_>, later: Self) {
        for (key, next) in later.0 {
            match self.0.get_mut(&key) {
                None => {
                    self.0.insert(key, next);
                }
                Some(run) => {
                    let joint = series.is_broken(run.last, next.first);
                    run.failed += next.failed + u64::from(joint);
                    run.values += next.values;
                    run.last = next.last;
                }
            }
        }
    }

    /// How many values there are, and how many of them are below the one before.
    pub(super) fn count(&self) -> (u64, u64) {
        let add = |(values, failed), run: &Run| (values + run.values, failed + run.failed);
        self.0.values().fold((0, 0), add)
    }
}

impl From<Vec<(Key, Run)>> for Runs {
    fn from(runs: Vec<(Key, Run)>) -> Self {
        Self(runs.into_iter().collect())
    }
}

impl From<Runs> for Vec<(Key, Run)> {
    fn from(runs: Runs) -> Self {
        runs.0.into_iter().collect()
    }
}

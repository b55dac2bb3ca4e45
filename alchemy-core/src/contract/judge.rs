//! What speaks against single rows.

use std::fmt::Display;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::util::display::FormatOptions;

use super::admit::{Reasons, Rejection};
use super::cells::Cells;
use super::examples::CellTexts;
use super::sequence::Series;
use super::unique::{keys, repeated};
use super::{
    ColumnContract, Contract, Converted, Expectation, Rule, TableExpectation, compare, convert,
};
use crate::column::{by_name, index_of};
use crate::error::MASK;
use crate::{Error, Result, Severity, shorten};

impl Contract {
    /// Where `column` stands in `batch`, its cells in the contract's type, and what speaks against single cells.
    pub(super) fn judge(
        &self,
        column: &ColumnContract,
        batch: &RecordBatch,
        absent: Reasons,
    ) -> Result<Option<(usize, ArrayRef, Reasons)>> {
        let needed = column.is_needed_for_scoring();
        let Some((index, Converted { array, failed })) = column.read(batch, needed)? else {
            return Ok(None);
        };
        let mut reasons = absent;
        let expected = convert::in_words(&column.data_type);
        for (row, cell) in failed {
            reasons.push((row, self.reason(&cell, expected)));
        }
        reasons.sort_by_key(|(row, _)| *row);
        let unread: Vec<usize> = reasons.iter().map(|(row, _)| *row).collect();
        self.judge_cells(column, &array, &unread, &mut reasons)?;
        Ok(Some((index, array, reasons)))
    }

    fn judge_cells(
        &self,
        column: &ColumnContract,
        array: &ArrayRef,
        unread: &[usize],
        reasons: &mut Reasons,
    ) -> Result<()> {
        let cells = Cells {
            name: &column.name,
            array,
            unread,
        };
        let options = FormatOptions::default();
        let mut texts = None;
        for expectation in errors(&column.expectations) {
            cells.each_failure(expectation, &mut |row| {
                let reason = if *expectation == Expectation::NotNull {
                    "is missing".to_owned()
                } else {
                    match texts.get_or_insert_with(|| CellTexts::new(array, &options)) {
                        Some(texts) => self.reason(texts.at(row), expectation),
                        None => self.reason(MASK, expectation),
                    }
                };
                reasons.push((row, reason));
            })?;
        }
        Ok(())
    }

    /// Turns away the rows whose key occurs in an earlier one.
    pub(super) fn judge_keys(
        &self,
        batch: &RecordBatch,
        rejected: &mut Vec<Rejection>,
    ) -> Result<()> {
        let single = self.columns.iter().filter_map(|column| {
            let is_key = errors(&column.expectations).any(|e| *e == Expectation::Unique);
            is_key.then(|| vec![column.name.as_str()])
        });
        let combined = errors(&self.table).filter_map(|expectation| match expectation {
            TableExpectation::Unique(_) => Some(expectation.columns()),
            _ => None,
        });
        for names in single.chain(combined) {
            let Some(indices) = self.present(batch, &names)? else {
                continue;
            };
            rejected.extend(
                repeated(&keys(&batch.project(&indices)?)?).map(|row| Rejection {
                    row,
                    column: names.join(", "),
                    reason: "occurs in an earlier row".into(),
                }),
            );
        }
        Ok(())
    }

    /// Turns away the rows whose cells do not compare as they should, or that a condition does not hold for.
    pub(super) fn judge_pairs(
        &self,
        batch: &RecordBatch,
        rejected: &mut Vec<Rejection>,
    ) -> Result<()> {
        for expectation in errors(&self.table) {
            let names = expectation.columns();
            if self.present(batch, &names)?.is_none() {
                continue;
            }
            let mut reject = |row, column: String| {
                rejected.push(Rejection {
                    row,
                    column,
                    reason: format!("is not {expectation}"),
                });
            };
            match expectation {
                TableExpectation::Compare { left, is, right } => {
                    let (a, b) = (by_name(batch, left)?, by_name(batch, right)?);
                    compare::each_failure((left, a), *is, (right, b), &mut |row| {
                        reject(row, left.clone());
                    })?;
                }
                TableExpectation::Holds(condition) => {
                    let fails = condition.fails(batch)?;
                    for row in fails.set_indices() {
                        reject(row, names.join(", "));
                    }
                }
                TableExpectation::RowCount(_) | TableExpectation::Unique(_) => {}
            }
        }
        Ok(())
    }

    /// Turns away the rows that are out of order, among those nothing speaks against.
    pub(super) fn judge_order(
        &self,
        batch: &RecordBatch,
        rejected: &mut Vec<Rejection>,
    ) -> Result<()> {
        for column in &self.columns {
            for expectation in errors(&column.expectations) {
                let Some(series) = Series::of(&column.name, expectation) else {
                    continue;
                };
                let mut names = vec![column.name.as_str()];
                names.extend(series.by.iter().map(String::as_str));
                if self.present(batch, &names)?.is_none() {
                    continue;
                }
                let stands = standing(batch.num_rows(), rejected);
                series.turn_away(
                    batch,
                    |row| stands[row],
                    |row| {
                        rejected.push(Rejection {
                            row,
                            column: column.name.clone(),
                            reason: format!("is not {expectation}"),
                        });
                    },
                )?;
            }
        }
        Ok(())
    }

    /// Where the columns `names` stand in `batch`; `None` if one is absent, which only those may be that scoring does not
    /// need.
    fn present(&self, batch: &RecordBatch, names: &[&str]) -> Result<Option<Vec<usize>>> {
        let mut indices = Vec::with_capacity(names.len());
        for name in names {
            match index_of(batch.schema_ref(), name) {
                Ok(index) => indices.push(index),
                Err(Error::ColumnNotFound { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(indices))
    }

    fn reason(&self, cell: &str, expected: impl Display) -> String {
        let cell = if self.masked {
            MASK.to_owned()
        } else {
            shorten(cell)
        };
        format!("{cell:?} is not {expected}")
    }
}

/// The expectations whose miss is an error.
fn errors<E>(rules: &[Rule<E>]) -> impl Iterator<Item = &E> {
    let errors = rules.iter().filter(|rule| rule.severity == Severity::Error);
    errors.map(|rule| &rule.expectation)
}

/// Which rows nothing speaks against so far.
pub(super) fn standing(rows: usize, rejected: &[Rejection]) -> Vec<bool> {
    let mut standing = vec![true; rows];
    rejected
        .iter()
        .for_each(|rejection| standing[rejection.row] = false);
    standing
}

//! Rows that may be scored, and rows that are turned away with reasons.

use std::fmt::Display;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Schema;
use arrow::util::display::FormatOptions;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cells::Cells;
use super::examples::CellTexts;
use super::sequence::Series;
use super::unique::{keys, repeated};
use super::{
    ColumnContract, Contract, Converted, Expectation, Rule, TableExpectation, compare, convert,
};
use crate::column::{by_name, index_of};
use crate::error::MASK;
use crate::parallel::try_collect;
use crate::{Error, Result, Severity, shorten};

/// A row that was turned away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The zero-based row of the input.
    pub row: usize,
    /// The column at fault.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// The outcome of [`Contract::admit`].
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    /// The rows that meet the contract, in its types, in the order of the input.
    pub batch: RecordBatch,
    /// The row of the input that each of them was.
    pub rows: Vec<usize>,
    /// The other rows, each with every reason against it, in order.
    pub rejected: Vec<Rejection>,
}

/// Rows of one column that are turned away, with the reason.
type Reasons = Vec<(usize, String)>;

impl Contract {
    /// Splits `batch` into rows that meet the contract and rows that do not. Columns may be given as text.
    ///
    /// A row is held against the types of the columns and every expectation of severity
    /// [`Error`](Severity::Error) that is about single rows; those about a column or the table as a whole are for
    /// [`check`](Self::check), as are columns that are absent and may be. A repeated key is turned away at its second
    /// row. An order is held against the rows that meet all else, each against the last that was let through: what is
    /// admitted is in order.
    ///
    /// # Errors
    ///
    /// What concerns no single row: [`Error::ColumnNotFound`], [`Error::DuplicateColumn`], [`Error::ColumnType`].
    pub fn admit(&self, batch: &RecordBatch) -> Result<Admitted> {
        self.masking(self.split(batch, &[]))
    }

    /// As [`admit`](Self::admit), for rows given as JSON objects: a column may be missing from single rows.
    ///
    /// A JSON null is a missing value, which a contract may accept; an absent key is not.
    ///
    /// # Errors
    ///
    /// An Arrow error when a column cannot be built.
    pub fn admit_rows(&self, rows: &[Map<String, Value>]) -> Result<Admitted> {
        let mut absent = vec![Reasons::new(); self.columns.len()];
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        for (column, absent) in self.columns.iter().zip(&mut absent) {
            let is_given = rows.iter().any(|row| row.contains_key(&column.name));
            if !column.is_needed_for_scoring() && !is_given {
                continue;
            }
            let cell = |(row, cells): (usize, &Map<String, Value>)| {
                read_cell(cells.get(&column.name)).unwrap_or_else(|reason| {
                    absent.push((row, reason));
                    None
                })
            };
            let cells: StringArray = rows.iter().enumerate().map(cell).collect();
            columns.push((&column.name, Arc::new(cells)));
        }
        if columns.is_empty() {
            return Err(Error::Empty {
                what: "the contract's list of columns".into(),
            });
        }
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(n, c)| (n, c, true)),
        )?;
        self.masking(self.split(&batch, &absent))
    }

    /// Splits `batch`; `absent` are rows that are turned away already, of each column.
    fn split(&self, batch: &RecordBatch, absent: &[Reasons]) -> Result<Admitted> {
        let columns = self.columns.par_iter().enumerate().map(|(index, column)| {
            let absent = absent.get(index).cloned().unwrap_or_default();
            self.judge(column, batch, absent)
        });
        let mut rejected = Vec::new();
        let mut arrays = batch.columns().to_vec();
        let mut fields = batch.schema_ref().fields().to_vec();
        for (column, judged) in self.columns.iter().zip(try_collect(columns)?) {
            let Some((index, array, reasons)) = judged else {
                continue;
            };
            let field = fields[index].as_ref().clone();
            fields[index] = Arc::new(field.with_data_type(array.data_type().clone()));
            arrays[index] = array;
            rejected.extend(reasons.into_iter().map(|(row, reason)| Rejection {
                row,
                column: column.name.clone(),
                reason,
            }));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        self.judge_keys(&batch, &mut rejected)?;
        self.judge_pairs(&batch, &mut rejected)?;
        self.judge_order(&batch, &mut rejected)?;
        // Stable: the reasons against a row stay in the order of the contract.
        rejected.sort_by_key(|rejection| rejection.row);
        let keep = standing(batch.num_rows(), &rejected);
        let rows = (0..keep.len()).filter(|row| keep[*row]).collect();
        let batch = filter_record_batch(&batch, &BooleanArray::from(keep))?;
        Ok(Admitted {
            batch,
            rows,
            rejected,
        })
    }

    /// Where `column` stands in `batch`, its cells in the contract's type, and what speaks against single cells.
    fn judge(
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

    fn judge_keys(&self, batch: &RecordBatch, rejected: &mut Vec<Rejection>) -> Result<()> {
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

    fn judge_pairs(&self, batch: &RecordBatch, rejected: &mut Vec<Rejection>) -> Result<()> {
        for expectation in errors(&self.table) {
            let TableExpectation::Compare { left, is, right } = expectation else {
                continue;
            };
            if self.present(batch, &expectation.columns())?.is_none() {
                continue;
            }
            let (a, b) = (by_name(batch, left)?, by_name(batch, right)?);
            compare::each_failure((left, a), *is, (right, b), &mut |row| {
                rejected.push(Rejection {
                    row,
                    column: left.clone(),
                    reason: format!("is not {expectation}"),
                });
            })?;
        }
        Ok(())
    }

    fn judge_order(&self, batch: &RecordBatch, rejected: &mut Vec<Rejection>) -> Result<()> {
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
fn standing(rows: usize, rejected: &[Rejection]) -> Vec<bool> {
    let mut standing = vec![true; rows];
    rejected
        .iter()
        .for_each(|rejection| standing[rejection.row] = false);
    standing
}

/// A JSON value as the text of a cell.
fn read_cell(value: Option<&Value>) -> Result<Option<String>, String> {
    match value {
        None => Err("is missing from the row".into()),
        Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Array(_)) => Err("is a list".into()),
        Some(Value::Object(_)) => Err("is an object".into()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::{DataType, Field, Int64Type, Schema};

    use super::*;

    fn contract() -> Contract {
        let schema = Schema::new(vec![
            Field::new("n", DataType::Int64, true),
            Field::new("total", DataType::Utf8, true),
        ]);
        Contract::of(&schema)
            .with_expectation("total", Expectation::NumberText)
            .unwrap()
    }

    #[test]
    fn bad_cells_and_missing_keys_come_back_with_reasons() {
        let rows = [
            r#"{"n": 1, "total": " "}"#,
            r#"{"n": "x", "total": "1.5"}"#,
            r#"{"total": 2}"#,
            r#"{"n": null, "total": "abc", "more": 1}"#,
            r#"{"n": [1], "total": null}"#,
            r#"{"n": 5, "total": null}"#,
        ]
        .map(|row| serde_json::from_str(row).unwrap());
        let admitted = contract().admit_rows(&rows).unwrap();
        assert_eq!(admitted.rows, [0, 5]);
        let n: &Int64Array = admitted.batch["n"].as_primitive::<Int64Type>();
        assert_eq!(n.values(), &[1, 5]);
        let reasons: Vec<String> = admitted
            .rejected
            .iter()
            .map(|r| format!("{} {} {}", r.row, r.column, r.reason))
            .collect();
        assert_eq!(
            reasons,
            [
                "1 n \"x\" is not an integer",
                "2 n is missing from the row",
                "3 total \"abc\" is not a number",
                "4 n is a list"
            ]
        );
    }

    #[test]
    fn a_batch_without_a_column_is_an_error() {
        let n = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("n", n)]).unwrap();
        assert_eq!(
            contract().admit(&batch).unwrap_err().to_string(),
            "no column \"total\""
        );
    }

    #[test]
    fn a_missing_value_is_rejected_where_one_is_needed() {
        let contract = contract()
            .with_expectation("n", Expectation::NotNull)
            .unwrap();
        let rows = [r#"{"n": null, "total": null}"#].map(|row| serde_json::from_str(row).unwrap());
        let admitted = contract.admit_rows(&rows).unwrap();
        assert_eq!(admitted.rejected[0].reason, "is missing");
    }
}

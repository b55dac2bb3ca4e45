//! Rows that may be scored, and rows that are turned away with reasons.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Schema;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Contract;
use super::judge::standing;
use crate::parallel::try_collect;
use crate::{Error, Result};

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
pub(super) type Reasons = Vec<(usize, String)>;

impl Contract {
    /// Splits `batch` into rows that meet the contract and rows that do not. Columns may be given as text.
    ///
    /// A row is held against the types of the columns and every expectation of severity
    /// [`Error`](crate::Severity::Error) that is about single rows; those about a column or the table as a whole are for
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
            let field = field.with_data_type(array.data_type().clone());
            fields[index] = Arc::new(field.with_nullable(true));
            arrays[index] = array;
            rejected.extend(reasons.into_iter().map(|(row, reason)| Rejection {
                row,
                column: column.name.clone(),
                reason,
            }));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new_with_options(schema, arrays, &options)?;
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
    use crate::Expectation;

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

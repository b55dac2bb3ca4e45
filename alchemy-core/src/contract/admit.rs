//! Rows that may be scored, and rows that are turned away with reasons.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ColumnContract, Contract, Converted, Expectation, convert};
use crate::column::{NumericColumn, TextColumn, is_numeric};
use crate::{Error, Result, parse_number, shorten};

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

impl Contract {
    /// Splits `batch` into rows that meet the contract and rows that do not. Columns may be given as text.
    ///
    /// # Errors
    ///
    /// What concerns no single row: [`Error::ColumnNotFound`], [`Error::DuplicateColumn`], [`Error::ColumnType`].
    pub fn admit(&self, batch: &RecordBatch) -> Result<Admitted> {
        let mut rejected = BTreeMap::new();
        let batch = self.judge(batch, &mut rejected)?;
        split(&batch, rejected)
    }

    /// As [`admit`](Self::admit), for rows given as JSON objects: a column may be missing from single rows.
    ///
    /// A JSON null is a missing value, which a contract may accept; an absent key is not.
    ///
    /// # Errors
    ///
    /// An Arrow error when a column cannot be built.
    pub fn admit_rows(&self, rows: &[Map<String, Value>]) -> Result<Admitted> {
        let mut rejected = BTreeMap::new();
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        let given = |column: &&ColumnContract| {
            column.is_needed_for_scoring() || rows.iter().any(|row| row.contains_key(&column.name))
        };
        for column in self.columns.iter().filter(given) {
            let cell = |(row, cells): (usize, &Map<String, Value>)| match read_cell(
                cells.get(&column.name),
            ) {
                Ok(cell) => cell,
                Err(reason) => {
                    reject(&mut rejected, row, column, reason);
                    None
                }
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
        let batch = self.judge(&batch, &mut rejected)?;
        split(&batch, rejected)
    }

    /// The columns of `batch` in the contract's types; notes the rows that do not meet it.
    fn judge(&self, batch: &RecordBatch, rejected: &mut Rejections) -> Result<RecordBatch> {
        let mut columns = batch.columns().to_vec();
        let mut fields: Vec<_> = batch.schema_ref().fields().to_vec();
        for column in &self.columns {
            let Some(index) = column.find(batch.schema_ref(), column.is_needed_for_scoring())?
            else {
                continue;
            };
            let Converted { array, failed } =
                convert::to_type(&column.name, &columns[index], &column.data_type)?;
            for (row, value) in failed {
                let reason = format!(
                    "{:?} is not {}",
                    shorten(&value),
                    convert::in_words(&column.data_type)
                );
                reject(rejected, row, column, reason);
            }
            for expectation in &column.expectations {
                expect(*expectation, column, &array, rejected)?;
            }
            fields[index] = Arc::new(
                fields[index]
                    .as_ref()
                    .clone()
                    .with_data_type(array.data_type().clone()),
            );
            columns[index] = array;
        }
        let schema = Arc::new(arrow::datatypes::Schema::new(fields));
        Ok(RecordBatch::try_new(schema, columns)?)
    }
}

type Rejections = BTreeMap<(usize, String), String>;

/// Notes the first reason against a cell.
fn reject(rejected: &mut Rejections, row: usize, column: &ColumnContract, reason: String) {
    rejected.entry((row, column.name.clone())).or_insert(reason);
}

fn expect(
    expectation: Expectation,
    column: &ColumnContract,
    array: &ArrayRef,
    rejected: &mut Rejections,
) -> Result<()> {
    match expectation {
        Expectation::NotNull if is_numeric(array.data_type()) => {
            let values = NumericColumn::new(&column.name, array)?;
            let missing = (0..array.len()).filter(|row| values.view().get(*row).is_none());
            missing.for_each(|row| reject(rejected, row, column, "is missing".into()));
        }
        Expectation::NotNull => {
            let nulls = array.logical_nulls();
            let missing = (0..array.len())
                .filter(|row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(*row)));
            missing.for_each(|row| reject(rejected, row, column, "is missing".into()));
        }
        Expectation::NumberText => {
            let text = TextColumn::new(&column.name, array)?;
            let mut row = 0;
            text.for_each(|cell| {
                if let Some(cell) =
                    cell.filter(|cell| !cell.trim().is_empty() && parse_number(cell).is_none())
                {
                    reject(
                        rejected,
                        row,
                        column,
                        format!("{:?} is not a number", shorten(cell)),
                    );
                }
                row += 1;
            });
        }
    }
    Ok(())
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

fn split(batch: &RecordBatch, rejected: Rejections) -> Result<Admitted> {
    let mut keep = vec![true; batch.num_rows()];
    rejected.keys().for_each(|(row, _)| keep[*row] = false);
    let rows = (0..keep.len()).filter(|row| keep[*row]).collect();
    let batch = filter_record_batch(batch, &BooleanArray::from(keep))?;
    let rejected = rejected
        .into_iter()
        .map(|((row, column), reason)| Rejection {
            row,
            column,
            reason,
        })
        .collect();
    Ok(Admitted {
        batch,
        rows,
        rejected,
    })
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

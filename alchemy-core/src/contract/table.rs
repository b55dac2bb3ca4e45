//! A batch as far as it can be read, and what is expected of several of its columns.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema};

use super::tally::Tally;
use super::{Contract, Converted, TableExpectation, compare};
use crate::Result;
use crate::column::by_name;

/// The columns of a batch in the types of the contract, as far as they can be read.
pub(super) struct Table<'a> {
    pub(super) batch: RecordBatch,
    contract: &'a Contract,
    readings: &'a [Result<Converted, String>],
}

impl<'a> Table<'a> {
    pub(super) fn new(
        contract: &'a Contract,
        rows: usize,
        readings: &'a [Result<Converted, String>],
    ) -> Result<Self, String> {
        let readable = contract
            .columns
            .iter()
            .zip(readings)
            .filter_map(|(column, reading)| {
                let array = reading.as_ref().ok()?.array.clone();
                Some((
                    Field::new(&column.name, array.data_type().clone(), true),
                    array,
                ))
            });
        let (fields, arrays): (Vec<_>, Vec<_>) = readable.unzip();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::new(Schema::new(fields));
        match RecordBatch::try_new_with_options(schema, arrays, &options) {
            Ok(batch) => Ok(Self {
                batch,
                contract,
                readings,
            }),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Why one of the columns `names` cannot be read, if one cannot.
    pub(super) fn readable<S: AsRef<str>>(&self, names: &[S]) -> Result<(), String> {
        let columns = || self.contract.columns.iter().zip(self.readings);
        names.iter().try_for_each(|name| {
            let mut named = columns().filter(|(column, _)| column.name == name.as_ref());
            named.try_for_each(|(_, reading)| reading.as_ref().map(drop).map_err(String::clone))
        })
    }

    /// Holds a table's `expectation` against the columns that it names.
    pub(super) fn hold(
        &self,
        expectation: &TableExpectation,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let names = expectation.columns();
        self.readable(&names)?;
        let held = self.held(expectation, &names, tally);
        held.map_err(|error| error.to_string())
    }

    fn held(
        &self,
        expectation: &TableExpectation,
        names: &[&str],
        tally: &mut Tally,
    ) -> Result<()> {
        match expectation {
            TableExpectation::RowCount(_) => {}
            TableExpectation::Unique(_) => {
                let schema = self.batch.schema_ref();
                let columns = names.iter().map(|name| Ok(schema.index_of(name)?));
                let columns = columns.collect::<Result<Vec<_>>>()?;
                tally.update_keys(&self.batch.project(&columns)?)?;
            }
            TableExpectation::Compare { left, is, right } => {
                let mut failed = 0;
                let (a, b) = (by_name(&self.batch, left)?, by_name(&self.batch, right)?);
                let checked =
                    compare::each_failure((left, a), *is, (right, b), &mut |_| failed += 1)?;
                tally.count(checked, failed);
            }
            TableExpectation::Holds(condition) => {
                let holds = condition.mask(&self.batch)?;
                let checked = holds.len() - holds.null_count();
                tally.count(checked, checked - holds.true_count());
            }
        }
        Ok(())
    }
}

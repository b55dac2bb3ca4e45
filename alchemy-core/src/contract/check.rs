//! All expectations held against a table, in one pass.

use arrow::array::{RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow::datatypes::{Field, Schema};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::cells::Cells;
use super::report::CheckOutcome;
use super::sequence::Series;
use super::tally::Tally;
use super::{ColumnContract, Contract, ContractReport, Converted, TableExpectation, compare};
use crate::column::by_name;
use crate::{Accumulate, Error, Result, Severity};

/// Cells shown of an expectation unless told otherwise.
const EXAMPLES: usize = 3;

impl Contract {
    /// Holds every expectation against `batch`, columns in parallel. Every column must be there, the target too; columns
    /// may be given as text.
    ///
    /// Nothing is skipped: a column that is not there or of another type is reported as a problem of each of its
    /// expectations, which are then not met.
    #[must_use]
    pub fn check(&self, batch: &RecordBatch) -> ContractReport {
        let mut accumulator = self.accumulator();
        accumulator.take(batch);
        accumulator.report()
    }

    /// As [`check`](Self::check), over a stream of batches.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn check_reader(&self, reader: impl RecordBatchReader) -> Result<ContractReport> {
        let mut accumulator = self.accumulator();
        for batch in reader {
            accumulator.take(&batch?);
        }
        Ok(accumulator.report())
    }

    /// Gathers a report from batches that come in pieces.
    #[must_use]
    pub fn accumulator(&self) -> ContractAccumulator {
        let column = |column: &ColumnContract| ColumnTally {
            readable: Tally::default(),
            rules: column
                .expectations
                .iter()
                .map(|rule| Tally::new(&rule.expectation))
                .collect(),
        };
        let table = self.table.iter().map(|rule| match rule.expectation {
            TableExpectation::Unique(_) => Tally::of_keys(),
            _ => Tally::default(),
        });
        ContractAccumulator {
            examples: if self.masked { 0 } else { EXAMPLES },
            rows: 0,
            columns: self.columns.iter().map(column).collect(),
            table: table.collect(),
            contract: self.clone(),
        }
    }
}

/// The makings of a [`ContractReport`]; see [`Contract::accumulator`].
///
/// Updates and merges commute bit for bit, so cuts and threads do not show. The one exception is
/// [`Expectation::Increasing`](super::Expectation::Increasing), which is about the order of rows: an update or merge takes
/// its rows to follow those that are there, so pieces must be merged in their order, in any grouping.
///
/// A quantile holds 8 bytes for each value, a key 16 for each row; all else is small.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContractAccumulator {
    contract: Contract,
    examples: usize,
    rows: u64,
    columns: Vec<ColumnTally>,
    table: Vec<Tally>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ColumnTally {
    readable: Tally,
    rules: Vec<Tally>,
}

/// The columns of a batch in the types of the contract, as far as they can be read.
struct Table<'a> {
    batch: RecordBatch,
    readings: &'a [Result<Converted, String>],
}

impl ContractAccumulator {
    /// Shows at most `examples` cells of each expectation; 3 by default, 0 shows none. A contract that
    /// [masks values](Contract::with_masked_values) shows none.
    #[must_use]
    pub fn with_examples(mut self, examples: usize) -> Self {
        self.examples = if self.contract.masked { 0 } else { examples };
        self
    }

    fn take(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        let contract = &self.contract;
        let read = |column: &ColumnContract| match contract.masking(column.read(batch, true)) {
            Ok(Some((_, converted))) => Ok(converted),
            Ok(None) => Err("is not there".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let readings: Vec<Result<Converted, String>> =
            contract.columns.par_iter().map(read).collect();
        let table = Table::new(contract, batch.num_rows(), &readings);
        let most = self.examples;
        let columns = self.columns.par_iter_mut().zip(&contract.columns);
        columns
            .zip(&readings)
            .for_each(|((tally, column), reading)| tally.update(column, reading, &table, most));
        for (tally, rule) in self.table.iter_mut().zip(&contract.table) {
            let updated = match &table {
                Ok(table) => table.hold(contract, &rule.expectation, tally),
                Err(problem) => Err(problem.clone()),
            };
            if let Err(problem) = updated {
                tally.problem(problem);
            }
        }
    }

    fn report(self) -> ContractReport {
        let mut checks = Vec::new();
        for (column, tally) in self.contract.columns.iter().zip(self.columns) {
            let of = |expectation, severity| {
                CheckOutcome::new(Some(column.name.clone()), expectation, severity)
            };
            let mut outcome = of(column.data_type.to_string(), Severity::Error);
            tally.readable.finish(None, &mut outcome);
            checks.push(outcome);
            for (rule, tally) in column.expectations.iter().zip(tally.rules) {
                let mut outcome = of(rule.expectation.to_string(), rule.severity);
                tally.finish(Some(&rule.expectation), &mut outcome);
                checks.push(outcome);
            }
        }
        for (rule, tally) in self.contract.table.iter().zip(self.table) {
            let mut outcome = CheckOutcome::new(None, rule.expectation.to_string(), rule.severity);
            tally.finish(None, &mut outcome);
            if let TableExpectation::RowCount(within) = &rule.expectation {
                outcome.checked = self.rows;
                outcome.measured = Some(self.rows as f64);
                outcome.passed = within.contains(self.rows as f64);
            }
            checks.push(outcome);
        }
        ContractReport {
            rows: self.rows,
            checks,
        }
    }
}

impl Accumulate for ContractAccumulator {
    type Output = ContractReport;

    /// Never fails: what cannot be checked is part of the report.
    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.take(batch);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        if self.contract != other.contract || self.examples != other.examples {
            return Err(Error::parameter(
                "contract",
                "the two were made for different contracts, or show other numbers of examples",
            ));
        }
        self.rows += other.rows;
        let most = self.examples;
        let columns = self.columns.iter_mut().zip(&self.contract.columns);
        for ((tally, column), other) in columns.zip(other.columns) {
            tally.readable.merge(other.readable, None, most);
            let rules = tally.rules.iter_mut().zip(&column.expectations);
            for ((tally, rule), other) in rules.zip(other.rules) {
                let series = Series::of(&column.name, &rule.expectation);
                tally.merge(other, series, most);
            }
        }
        for (tally, other) in self.table.iter_mut().zip(other.table) {
            tally.merge(other, None, most);
        }
        Ok(())
    }

    fn finish(self) -> Result<ContractReport> {
        Ok(self.report())
    }
}

impl ColumnTally {
    fn update(
        &mut self,
        column: &ColumnContract,
        reading: &Result<Converted, String>,
        table: &Result<Table<'_>, String>,
        most: usize,
    ) {
        let (reading, table) = match (reading, table) {
            (Ok(reading), Ok(table)) => (reading, table),
            (Err(problem), _) | (_, Err(problem)) => {
                let all = [&mut self.readable].into_iter().chain(&mut self.rules);
                return all.for_each(|tally| tally.problem(problem.clone()));
            }
        };
        self.readable
            .count(reading.array.len(), reading.failed.len());
        let unread: Vec<usize> = reading.failed.iter().map(|(row, _)| *row).collect();
        for (_, cell) in &reading.failed {
            self.readable.example(cell, most);
        }
        let cells = Cells {
            name: &column.name,
            array: &reading.array,
            unread: &unread,
        };
        for (tally, rule) in self.rules.iter_mut().zip(&column.expectations) {
            let updated = tally.update(&rule.expectation, cells, &table.batch, most);
            if let Err(error) = updated {
                tally.problem(error.to_string());
            }
        }
    }
}

impl<'a> Table<'a> {
    fn new(
        contract: &Contract,
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
            Ok(batch) => Ok(Self { batch, readings }),
            Err(error) => Err(error.to_string()),
        }
    }

    fn hold(
        &self,
        contract: &Contract,
        expectation: &TableExpectation,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let names = expectation.columns();
        for name in &names {
            let of = contract.columns.iter().zip(self.readings);
            for (_, reading) in of.filter(|(column, _)| column.name == *name) {
                reading.as_ref().map_err(String::clone)?;
            }
        }
        self.held(expectation, &names, tally)
            .map_err(|error| error.to_string())
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
        }
        Ok(())
    }
}

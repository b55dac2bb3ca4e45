//! Batches in the columns, types and roles of a contract.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};

use super::{ColumnContract, Contract, Converted, convert};
use crate::{Error, Result};

impl Contract {
    /// The schema of a batch that entered for scoring.
    #[must_use]
    pub fn scoring_schema(&self) -> SchemaRef {
        let needed = self
            .columns
            .iter()
            .filter(|column| column.is_needed_for_scoring());
        Arc::new(Schema::new(
            needed.map(ColumnContract::field).collect::<Vec<_>>(),
        ))
    }

    /// `batch` as the contract orders it, roles stamped. Columns not needed for scoring are kept where they are there.
    /// Field metadata is kept. Expectations are for [`admit`](Self::admit), which rejects single rows.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`], [`Error::DuplicateColumn`], [`Error::ColumnType`], or [`Error::InvalidValue`] for a cell
    /// that cannot be read as the column's type.
    pub fn enter(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.enter_columns(batch, ColumnContract::is_needed_for_scoring)
    }

    /// As [`enter`](Self::enter), and every column must be there.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    pub fn enter_training(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.enter_columns(batch, |_| true)
    }

    fn enter_columns(
        &self,
        batch: &RecordBatch,
        needed: impl Fn(&ColumnContract) -> bool,
    ) -> Result<RecordBatch> {
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let Some((index, Converted { array, failed })) =
                self.masking(column.read(batch, needed(column)))?
            else {
                continue;
            };
            if let Some((row, value)) = failed.into_iter().next() {
                let expected = convert::in_words(&column.data_type);
                return self.masking(Err(Error::value(
                    &column.name,
                    row as u64,
                    &value,
                    expected,
                )));
            }
            let found = batch.schema_ref().field(index);
            fields.push(
                column
                    .field()
                    .with_metadata(column.role.stamp(found).metadata().clone()),
            );
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            Arc::new(Schema::new(fields)),
            arrays,
            &options,
        )?)
    }
}

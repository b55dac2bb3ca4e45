//! Text columns to columns of another type, each for itself.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use alchemy_core::arrow::compute::{cast, concat};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{TextColumn, index_of, is_text};
use alchemy_core::parallel::by_rows;
use alchemy_core::{ColumnSelector, Ledger, Result};

use crate::failure::{OnFailure, Reading, unread};
use crate::plain::require;
use crate::rebuilt::rebuilt;

/// What cells are read as.
pub(crate) trait Coercion: Sync {
    /// The type of what was read.
    fn output_type(&self) -> DataType;

    /// Whether a column of this type is left as it is.
    fn passes(&self, data_type: &DataType) -> bool;

    /// Whether a column of this type, which is no text, is read by the digits it prints.
    fn reads_digits(&self, _data_type: &DataType) -> bool {
        false
    }

    /// What a column should be, in words.
    fn accepts(&self) -> &'static str;

    /// What a cell should be, in words.
    fn expected(&self) -> &'static str;

    /// Reads the cells; null where one cannot be read.
    fn read(&self, cells: &TextColumn) -> Result<ArrayRef>;
}

/// The selected columns of a batch, and what becomes of cells that cannot be read.
pub(crate) struct Coerced<'a, C> {
    pub(crate) columns: &'a ColumnSelector,
    pub(crate) on_failure: OnFailure,
    pub(crate) coercion: &'a C,
}

impl<C: Coercion> Coerced<'_, C> {
    /// `input` with selected columns of the other type; reading can lose cells, so they are nullable.
    pub(crate) fn schema(&self, input: &Schema) -> Result<SchemaRef> {
        let mut fields = input.fields().to_vec();
        for name in self.columns.resolve(input)? {
            let place = index_of(input, &name)?;
            let found = input.field(place).data_type();
            let readable = is_text(found) || self.coercion.reads_digits(found);
            let passes = self.coercion.passes(found);
            require(readable || passes, &name, found, self.coercion.accepts())?;
            if !passes {
                let field = input.field(place).clone();
                let field = field.with_data_type(self.coercion.output_type());
                fields[place] = Arc::new(field.with_nullable(true));
            }
            self.on_failure
                .append_field(&name, text_type(found), &mut fields)?;
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    pub(crate) fn transform(
        &self,
        batch: &RecordBatch,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let schema = self.schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for name in self.columns.resolve(batch.schema_ref())? {
            let place = index_of(batch.schema_ref(), &name)?;
            let found = columns[place].data_type();
            if self.coercion.passes(found) {
                let nothing = self
                    .on_failure
                    .nothing_unread(&text_type(found), batch.num_rows());
                columns.extend(nothing);
                continue;
            }
            let text = as_text(&columns[place])?;
            columns[place] = self.coerce(&name, &text, &mut columns, ledger)?;
        }
        rebuilt(batch, schema, columns)
    }

    /// What was read of `text`; appends to `columns` what was not.
    fn coerce(
        &self,
        name: &str,
        text: &ArrayRef,
        columns: &mut Vec<ArrayRef>,
        ledger: &mut Ledger,
    ) -> Result<ArrayRef> {
        let output = in_chunks(text.len(), &self.coercion.output_type(), |start, rows| {
            let cells = TextColumn::new(name, &text.slice(start, rows))?;
            self.coercion.read(&cells)
        })?;
        let cells = TextColumn::new(name, text)?;
        let reading = Reading {
            column: name,
            cell: |row| cells.get(row),
            output: &output,
            expected: |_| self.coercion.expected(),
        };
        reading.settle(self.on_failure, ledger)?;
        if self.on_failure == OnFailure::Keep {
            columns.push(unread(text, reading.failed().map(|(row, _)| row))?);
        }
        Ok(output)
    }
}

/// One column of `rows` rows, made of what `read` gives for `(start, rows)` of each range of rows, in parallel.
pub(crate) fn in_chunks(
    rows: usize,
    data_type: &DataType,
    read: impl Fn(usize, usize) -> Result<ArrayRef> + Sync,
) -> Result<ArrayRef> {
    let mut chunks = by_rows(rows, |rows| read(rows.start, rows.len()))?;
    if chunks.len() == 1 {
        return Ok(chunks.remove(0));
    }
    let chunks: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
    Ok(match chunks.as_slice() {
        [] => new_empty_array(data_type),
        chunks => concat(chunks)?,
    })
}

/// The type of the text that a column of this type is read by.
pub(crate) fn text_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => text_type(value),
        text if is_text(text) => text.clone(),
        _ => DataType::Utf8,
    }
}

/// `array` as the text that it prints.
pub(crate) fn as_text(array: &ArrayRef) -> Result<ArrayRef> {
    let text = text_type(array.data_type());
    if *array.data_type() == text {
        return Ok(array.clone());
    }
    Ok(cast(array, &text)?)
}

//! The cells of a block, column by column, as text.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use super::blocks::{Block, Cut};
use super::reader::OuterSpaces;
use super::records::{Dialect, Record, line_breaks};
use crate::ingest::failure::Origin;
use crate::{Error, Result};

/// How bytes become cells.
#[derive(Debug, Clone)]
pub(super) struct CellRules {
    pub(super) dialect: Dialect,
    pub(super) null_values: Vec<String>,
    pub(super) outer_spaces: OuterSpaces,
}

/// The cells of one block; an empty cell or a null token is null.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) columns: Vec<StringArray>,
    pub(super) num_rows: usize,
    pub(super) lines: Lines,
}

/// The one-based line on which each record begins.
#[derive(Debug)]
pub(super) enum Lines {
    /// One line per record.
    Consecutive { first: u64 },
    /// Blank lines or line breaks inside quotes are about.
    Listed(Vec<u64>),
}

impl CellRules {
    /// The cells of a block of records with `num_fields` fields each, those of `columns` only; `None` if
    /// the block ends inside a record.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] naming the line of a record with too few or too many fields, or of bytes
    /// that are not UTF-8.
    pub(super) fn decode(
        &self,
        block: &Block,
        num_fields: usize,
        columns: &[usize],
        origin: &Origin,
    ) -> Result<Option<Cells>> {
        let decoded = decode(block, num_fields, columns, self.dialect)
            .map_err(|error| explain(error, block, num_fields, self.dialect, origin))?;
        let Some(batch) = decoded else {
            return Ok(None);
        };
        let columns = batch
            .columns()
            .iter()
            .map(|column| self.clean(column.as_string()))
            .collect();
        let lines = Lines::of(block, batch.num_rows(), self.dialect);
        Ok(Some(Cells {
            columns,
            lines,
            num_rows: batch.num_rows(),
        }))
    }

    /// How many fields one record has.
    pub(super) fn num_fields(&self, record: &Block) -> usize {
        let records = self.dialect.records(&record.bytes);
        records.map(|record| record.num_fields).sum()
    }

    /// The names in a header record; a column without one becomes `column_{k}`, counted from 1.
    pub(super) fn header(&self, record: &Block, origin: &Origin) -> Result<Vec<String>> {
        let num_fields = self.num_fields(record);
        let columns: Vec<usize> = (0..num_fields).collect();
        let cells = self.decode(record, num_fields, &columns, origin)?;
        let columns = cells.map_or_else(Vec::new, |cells| cells.columns);
        let name = |(i, column): (usize, &StringArray)| match column.iter().flatten().next() {
            Some(name) => name.to_owned(),
            None => format!("column_{}", i + 1),
        };
        Ok(columns.iter().enumerate().map(name).collect())
    }

    fn clean(&self, cells: &StringArray) -> StringArray {
        let cells = match self.outer_spaces {
            OuterSpaces::Keep => cells.clone(),
            OuterSpaces::Trim => cells
                .iter()
                .map(|cell| cell.map(str::trim).filter(|text| !text.is_empty()))
                .collect(),
        };
        if self.null_values.is_empty() {
            return cells;
        }
        let is_value = |row| {
            cells.is_valid(row)
                && !self
                    .null_values
                    .iter()
                    .any(|token| token == cells.value(row))
        };
        let nulls = NullBuffer::new(BooleanBuffer::collect_bool(cells.len(), is_value));
        StringArray::new(cells.offsets().clone(), cells.values().clone(), Some(nulls))
    }
}

impl Lines {
    fn of(block: &Block, num_rows: usize, dialect: Dialect) -> Self {
        let first = block.first_line;
        let unended = u64::from(!block.bytes.ends_with(b"\n") && !block.bytes.ends_with(b"\r"));
        if block.line_breaks + unended == num_rows as u64 {
            return Self::Consecutive { first };
        }
        Self::Listed(starts(block, dialect).map(|(line, _)| line).collect())
    }

    /// The line of the record at `row` of the block.
    pub(super) fn line(&self, row: usize) -> u64 {
        match self {
            Self::Consecutive { first } => first + row as u64,
            Self::Listed(lines) => lines.get(row).copied().unwrap_or_default(),
        }
    }
}

/// The records of a block, each with its line.
fn starts(block: &Block, dialect: Dialect) -> impl Iterator<Item = (u64, Record)> {
    let mut line = block.first_line;
    let mut counted = 0;
    dialect.records(&block.bytes).map(move |record| {
        line += line_breaks(&block.bytes[counted..record.start]);
        counted = record.start;
        (line, record)
    })
}

fn decode(
    block: &Block,
    num_fields: usize,
    columns: &[usize],
    dialect: Dialect,
) -> Result<Option<RecordBatch>, ArrowError> {
    let fields: Vec<Field> = (0..num_fields)
        .map(|i| Field::new(i.to_string(), DataType::Utf8, true))
        .collect();
    let schema = Schema::new(fields);
    let bytes = &block.bytes;
    // One batch takes all records: each has a line, and a byte or more for every field. Both bounds
    // are needed, since the decoder allocates for as many records as it is told.
    let lines = usize::try_from(block.line_breaks).unwrap_or(bytes.len());
    let most_records = lines.min(bytes.len() / num_fields.max(1)) + 1;
    let mut decoder = ReaderBuilder::new(schema.clone().into())
        .with_delimiter(dialect.delimiter)
        .with_quote(dialect.quote)
        .with_projection(columns.to_vec())
        .with_batch_size(most_records)
        .build_decoder();
    let mut position = 0;
    while position < bytes.len() {
        position += decoder.decode(&bytes[position..])?;
    }
    let open = decoder.capacity();
    // No more input ends the last record, if it has not ended yet.
    let ended = decoder.decode(&[]);
    if block.cut == Cut::Likely && (ended.is_err() || decoder.capacity() != open) {
        return Ok(None);
    }
    ended?;
    match decoder.flush()? {
        Some(batch) => Ok(Some(batch)),
        None => Ok(Some(RecordBatch::new_empty(
            schema.project(columns)?.into(),
        ))),
    }
}

/// Says where and why a block could not be decoded.
fn explain(
    error: ArrowError,
    block: &Block,
    expected: usize,
    dialect: Dialect,
    origin: &Origin,
) -> Error {
    for (line, record) in starts(block, dialect) {
        if record.num_fields != expected {
            let message = format!(
                "has {} fields where {expected} are expected",
                record.num_fields
            );
            return origin.at(line, None, message);
        }
        if std::str::from_utf8(&block.bytes[record.start..record.end]).is_err() {
            return origin.at(line, None, "is not UTF-8 text");
        }
    }
    Error::Arrow(error)
}

//! The cells of a block, column by column, as text.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use super::blocks::{Block, Cut};
use super::ragged::{EndsInside, Ragged, RaggedRows, mend};
use super::reader::OuterSpaces;
use super::records::Dialect;
use super::regular;
use crate::ingest::failure::Origin;
use crate::{Error, Result};

/// How bytes become cells.
#[derive(Debug, Clone)]
pub(super) struct CellRules {
    pub(super) dialect: Dialect,
    pub(super) null_values: Vec<String>,
    pub(super) outer_spaces: OuterSpaces,
    pub(super) ragged_rows: RaggedRows,
    /// The longest record accepted, in bytes.
    pub(super) max_record_bytes: usize,
}

/// The cells of one block; an empty cell or a null token is null.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) columns: Vec<StringArray>,
    pub(super) num_rows: usize,
    pub(super) place: Place,
    pub(super) ragged: Ragged,
}

/// The columns of a block and its number of records; `None` if it ends inside a record.
pub(super) type Split = Option<(Vec<StringArray>, usize)>;

/// Where the records of a block stand.
#[derive(Debug)]
pub(super) struct Place {
    origin: Origin,
    lines: Lines,
}

/// The one-based line on which each record begins.
#[derive(Debug)]
enum Lines {
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
        self.check_records(block, origin)?;
        let explain =
            |error, block: &Block, expected| explain(error, block, expected, self.dialect, origin);
        let decoded = self.split(block, num_fields, columns, origin)?;
        let (decoded, lines, ragged) = match decoded {
            Ok(decoded) => (decoded, None, Ragged::default()),
            Err(error) if self.ragged_rows == RaggedRows::Fail => {
                return Err(explain(error, block, Some(num_fields)));
            }
            Err(error) => match mend(block, num_fields, self.ragged_rows, self.dialect) {
                Err(EndsInside) => return Ok(None),
                Ok(None) => return Err(explain(error, block, None)),
                Ok(Some(mended)) => {
                    let decoded = self
                        .split(&mended.block, num_fields, columns, origin)?
                        .map_err(|error| explain(error, block, None))?;
                    (decoded, Some(mended.lines), mended.ragged)
                }
            },
        };
        let Some((columns, num_rows)) = decoded else {
            return Ok(None);
        };
        let columns = columns.iter().map(|column| self.clean(column)).collect();
        let lines = match lines {
            Some(lines) => Lines::Listed(lines),
            None => Lines::of(block, num_rows, self.dialect),
        };
        let place = Place {
            origin: origin.clone(),
            lines,
        };
        Ok(Some(Cells {
            columns,
            place,
            num_rows,
            ragged,
        }))
    }

    /// The columns of a block and its number of records, in one pass where the block is regular.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] for a quote that is never closed.
    fn split(
        &self,
        block: &Block,
        num_fields: usize,
        columns: &[usize],
        origin: &Origin,
    ) -> Result<Result<Split, ArrowError>> {
        let dialect = self.dialect;
        if let Some(regular) = regular::cells(&block.bytes, num_fields, columns, dialect) {
            return Ok(Ok(Some(regular)));
        }
        if block.cut == Cut::End {
            block.check_quotes(dialect, origin)?;
        }
        Ok(decode(block, num_fields, columns, dialect))
    }

    /// Looks for records beyond the limit, where a block is large enough to hold one.
    fn check_records(&self, block: &Block, origin: &Origin) -> Result<()> {
        let limit = self.max_record_bytes;
        if block.bytes.len() <= limit {
            return Ok(());
        }
        let mut records = block.records(self.dialect);
        match records.find(|(_, record)| record.end - record.start > limit) {
            None => Ok(()),
            Some((line, _)) => Err(origin.at(
                line,
                None,
                format!("the record is longer than the limit of {limit} bytes"),
            )),
        }
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

impl Place {
    /// An [`Error::Read`] about a cell of the record at `row` of the block.
    pub(super) fn error(&self, row: usize, column: &str, message: impl Into<String>) -> Error {
        self.origin.at(self.lines.line(row), Some(column), message)
    }
}

impl Lines {
    fn of(block: &Block, num_rows: usize, dialect: Dialect) -> Self {
        let first = block.first_line;
        let unended = u64::from(!block.bytes.ends_with(b"\n") && !block.bytes.ends_with(b"\r"));
        if block.line_breaks + unended == num_rows as u64 {
            return Self::Consecutive { first };
        }
        Self::Listed(block.records(dialect).map(|(line, _)| line).collect())
    }

    /// The line of the record at `row` of the block.
    fn line(&self, row: usize) -> u64 {
        match self {
            Self::Consecutive { first } => first + row as u64,
            Self::Listed(lines) => lines.get(row).copied().unwrap_or_default(),
        }
    }
}

/// The columns of a block and its number of records, by the decoder that knows every rule; `None` if the block ends
/// inside a record.
pub(super) fn decode(
    block: &Block,
    num_fields: usize,
    columns: &[usize],
    dialect: Dialect,
) -> Result<Split, ArrowError> {
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
    let batch = match decoder.flush()? {
        Some(batch) => batch,
        None => RecordBatch::new_empty(schema.project(columns)?.into()),
    };
    let text = batch.columns().iter().map(AsArray::as_string::<i32>);
    Ok(Some((text.cloned().collect(), batch.num_rows())))
}

/// Says where and why a block could not be decoded. `expected` is the number of fields of every record.
fn explain(
    error: ArrowError,
    block: &Block,
    expected: Option<usize>,
    dialect: Dialect,
    origin: &Origin,
) -> Error {
    for (line, record) in block.records(dialect) {
        if let Some(expected) = expected
            && record.num_fields != expected
        {
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

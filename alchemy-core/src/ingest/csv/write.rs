//! Record batches to CSV text.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use arrow::array::{RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow::compute::cast;
use arrow::csv::{Writer, WriterBuilder};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use crate::column::with_offset;
use crate::ingest::failure::Origin;
use crate::ingest::replace::Replacement;
use crate::{Error, Result};

/// Writes `batch` as a CSV file, in place of any file there: comma-separated, a header line first, a line feed after each
/// record, fields quoted where they must be.
///
/// A missing value is an empty field, and so is an empty text, so these two read back as missing. Numbers are written
/// with the digits that read back to the same number, dates and times as ISO 8601. The file appears under its name once
/// it is complete.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be written, [`Error::ColumnType`] for a column of lists, structs or maps.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("people.csv");
/// use alchemy_core::{CsvReader, write_csv};
///
/// let batch = CsvReader::new().read_from("name,age\n\"Ada, Countess\",36\nAlan,\n".as_bytes())?;
/// write_csv(&path, &batch)?;
/// assert_eq!(std::fs::read_to_string(&path)?, "name,age\n\"Ada, Countess\",36\nAlan,\n");
/// assert_eq!(CsvReader::new().read(&path)?, batch);
/// # Ok(())
/// # }
/// ```
pub fn write_csv(path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
    CsvWriter::new().write(path, batch)
}

/// Writes CSV files; [`write_csv`] says how.
#[derive(Debug, Clone)]
pub struct CsvWriter {
    delimiter: u8,
}

impl Default for CsvWriter {
    fn default() -> Self {
        Self { delimiter: b',' }
    }
}

impl CsvWriter {
    /// A writer of comma-separated text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The byte between fields; a comma by default.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Writes one batch.
    ///
    /// # Errors
    ///
    /// Those of [`write_csv`], and [`Error::InvalidParameter`] for an impossible delimiter.
    pub fn write(&self, path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
        let batches = std::iter::once(Ok(batch.clone()));
        self.write_all(path.as_ref(), batch.schema_ref(), batches)
    }

    /// Writes a stream of batches as one file; memory holds one at a time.
    ///
    /// # Errors
    ///
    /// Those of [`Self::write`] and those of `batches`; then no file is written.
    pub fn write_stream(
        &self,
        path: impl AsRef<Path>,
        batches: impl RecordBatchReader,
    ) -> Result<()> {
        let schema = batches.schema();
        self.write_all(path.as_ref(), &schema, batches)
    }

    fn write_all(
        &self,
        path: &Path,
        schema: &Schema,
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<()> {
        if !self.delimiter.is_ascii() || b"\n\r\"".contains(&self.delimiter) {
            return Err(Error::parameter(
                "delimiter",
                "must be an ASCII byte that is neither a line break nor a quote",
            ));
        }
        if let Some(nested) = schema
            .fields()
            .iter()
            .find(|field| field.data_type().is_nested())
        {
            return Err(Error::ColumnType {
                column: nested.name().clone(),
                found: nested.data_type().clone(),
                expected: "a type that text can stand for".to_owned(),
            });
        }
        let origin = Origin::file(path);
        let failed = |error: ArrowError| match error {
            ArrowError::IoError(_, source) => origin.io(source),
            other => Error::from(other),
        };
        let (replacement, file) = Replacement::begin(path, &origin)?;
        let writer = || WriterBuilder::new().with_delimiter(self.delimiter);
        let mut out: Writer<BufWriter<File>> = writer().build(BufWriter::new(file));
        // The writer puts the header before its first batch: one without rows makes sure of it.
        out.write(&printable(&RecordBatch::new_empty(schema.clone().into()))?)
            .map_err(failed)?;
        for batch in batches {
            out.write(&printable(&batch?)?).map_err(failed)?;
        }
        let file = out
            .into_inner()
            .into_inner()
            .map_err(|error| origin.io(error.into_error()))?;
        replacement.finish(&file, &origin)
    }
}

/// `batch` with times in UTC as Arrow's writer knows them.
fn printable(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    let mut fields = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let data_type = with_offset(field.data_type());
        columns.push(cast(column, &data_type).map_err(Error::Arrow)?);
        fields.push(field.as_ref().clone().with_data_type(data_type));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Schema::new(fields).into(), columns, &options)
        .map_err(Error::Arrow)
}

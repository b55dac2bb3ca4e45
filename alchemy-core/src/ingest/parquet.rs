//! Apache Parquet.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;

use super::failure::{Origin, into_arrow};
use crate::parallel::try_collect;
use crate::{Error, Result, column};

/// Rows decoded at a time: a few MiB for a table of ordinary width.
const BATCH_ROWS: usize = 1 << 16;

/// Reads Parquet files into record batches.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("people.parquet");
/// use alchemy_core::{ParquetReader, write_parquet};
///
/// let batch = RecordBatch::try_from_iter([
///     ("name", Arc::new(StringArray::from(vec!["Ada", "Alan"])) as ArrayRef),
///     ("age", Arc::new(Int64Array::from(vec![36, 41]))),
/// ])?;
/// write_parquet(&path, &batch)?;
///
/// let ages = ParquetReader::new().with_columns(["age"]).read(&path)?;
/// assert_eq!(ages, batch.project(&[1])?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct ParquetReader {
    columns: Option<Vec<String>>,
}

impl ParquetReader {
    /// A reader of all columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns to read, in the order of the result; all by default.
    #[must_use]
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Reads a file into one batch, its row groups in parallel.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be opened.
    /// - [`Error::Read`] if it is not Parquet, or damaged.
    /// - [`Error::ColumnNotFound`] or [`Error::DuplicateColumn`] if a chosen column is not there,
    ///   or there twice.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        let source = self.source(path.as_ref())?;
        let groups = (0..source.metadata.metadata().num_row_groups())
            .into_par_iter()
            .map(|group| {
                source
                    .reader(Some(group))?
                    .map(|batch| source.arrange(batch))
                    .collect::<Result<Vec<_>>>()
            });
        let groups = try_collect(groups)?.concat();
        concat_batches(&source.schema, &groups).map_err(Error::Arrow)
    }

    /// Opens a file as a stream of batches; memory holds one at a time.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]; damage is found as the stream reaches it, and is then inside
    /// [`ArrowError::ExternalError`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<ParquetBatches> {
        let source = self.source(path.as_ref())?;
        let reader = source.reader(None)?;
        Ok(ParquetBatches { source, reader })
    }

    fn source(&self, path: &Path) -> Result<Source> {
        let origin = Origin::file(path);
        let file = File::open(path).map_err(|error| origin.io(error))?;
        let metadata = ArrowReaderMetadata::load(&file, Default::default())
            .map_err(|error| damaged(&origin, &error))?;
        let wanted: Vec<usize> = match &self.columns {
            None => (0..metadata.schema().fields().len()).collect(),
            Some(names) => names
                .iter()
                .map(|name| column::index_of(metadata.schema(), name))
                .collect::<Result<_>>()?,
        };
        let mut columns = wanted.clone();
        columns.sort_unstable();
        columns.dedup();
        let places = wanted
            .iter()
            .map(|index| columns.partition_point(|other| other < index))
            .collect();
        let schema = metadata.schema().project(&wanted)?.into();
        Ok(Source {
            path: path.to_owned(),
            origin,
            metadata,
            columns,
            places,
            schema,
        })
    }
}

/// The batches of a Parquet file, in file order, made by [`ParquetReader::open`].
#[derive(Debug)]
pub struct ParquetBatches {
    source: Source,
    reader: ParquetRecordBatchReader,
}

impl Iterator for ParquetBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(self.source.arrange(batch).map_err(into_arrow))
    }
}

impl RecordBatchReader for ParquetBatches {
    fn schema(&self) -> SchemaRef {
        self.source.schema.clone()
    }
}

/// Writes `batch` as a Parquet file, compressed by Snappy, in place of any file there.
///
/// The file appears under its name once it is complete.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be written, [`Error::Read`] if Parquet has no form for a
/// column.
pub fn write_parquet(path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
    let path = path.as_ref();
    let origin = Origin::file(path);
    let unfinished = path.with_added_extension("unfinished");
    let written = write_to(&unfinished, &origin, batch)
        .and_then(|()| std::fs::rename(&unfinished, path).map_err(|error| origin.io(error)));
    if written.is_err() {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

fn write_to(path: &Path, origin: &Origin, batch: &RecordBatch) -> Result<()> {
    let file = File::create(path).map_err(|error| origin.io(error))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    ArrowWriter::try_new(file, batch.schema(), Some(properties))
        .and_then(|mut writer| {
            writer.write(batch)?;
            writer.close()
        })
        .map(|_| ())
        .map_err(|error| damaged(origin, &error))
}

/// An opened file and the columns wanted of it.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    origin: Origin,
    metadata: ArrowReaderMetadata,
    /// Positions of the wanted columns in the file, in file order.
    columns: Vec<usize>,
    /// For each column of the result, its place among `columns`.
    places: Vec<usize>,
    schema: SchemaRef,
}

impl Source {
    /// Reads one row group, or the whole file.
    fn reader(&self, row_group: Option<usize>) -> Result<ParquetRecordBatchReader> {
        // Opened anew: clones of one handle share its position, and row groups are read at the same
        // time.
        let file = File::open(&self.path).map_err(|error| self.origin.io(error))?;
        let columns =
            ProjectionMask::roots(self.metadata.parquet_schema(), self.columns.iter().copied());
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(columns)
                .with_batch_size(BATCH_ROWS);
        if let Some(group) = row_group {
            builder = builder.with_row_groups(vec![group]);
        }
        builder
            .build()
            .map_err(|error| damaged(&self.origin, &error))
    }

    /// Puts the columns, which come in file order, into the order wanted.
    fn arrange(&self, batch: Result<RecordBatch, ArrowError>) -> Result<RecordBatch> {
        let batch = batch.map_err(|error| self.origin.error(error.to_string()))?;
        let columns = self.places.iter().map(|place| batch.column(*place).clone());
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns.collect(), &options)
            .map_err(Error::Arrow)
    }
}

fn damaged(origin: &Origin, error: &ParquetError) -> Error {
    origin.error(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int32Array, StringArray};

    use super::*;

    fn batch() -> RecordBatch {
        let numbers = Int32Array::from_iter((0..200_000).map(|i| (i % 7 != 0).then_some(i)));
        let text = StringArray::from_iter_values((0..200_000).map(|i| format!("row {}", i % 100)));
        let floats = Float64Array::from_iter_values((0..200_000).map(f64::from));
        RecordBatch::try_from_iter([
            ("n", Arc::new(numbers) as ArrayRef),
            ("t", Arc::new(text)),
            ("f", Arc::new(floats)),
        ])
        .unwrap()
    }

    #[test]
    fn a_batch_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let written = batch();
        write_parquet(&path, &written).unwrap();
        assert_eq!(ParquetReader::new().read(&path).unwrap(), written);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let empty = written.slice(0, 0);
        write_parquet(&path, &empty).unwrap();
        assert_eq!(ParquetReader::new().read(&path).unwrap(), empty);
    }

    #[test]
    fn columns_come_in_the_order_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let written = batch();
        write_parquet(&path, &written).unwrap();
        let reader = ParquetReader::new().with_columns(["f", "n"]);
        assert_eq!(
            reader.read(&path).unwrap(),
            written.project(&[2, 0]).unwrap()
        );
        let stream = reader.open(&path).unwrap();
        let schema = stream.schema();
        let batches: Vec<RecordBatch> = stream.map(|batch| batch.unwrap()).collect();
        assert!(batches.len() > 1);
        assert_eq!(
            concat_batches(&schema, &batches).unwrap(),
            written.project(&[2, 0]).unwrap()
        );
        let error = ParquetReader::new()
            .with_columns(["T"])
            .read(&path)
            .unwrap_err();
        assert_eq!(error.to_string(), "no column \"T\"; did you mean \"t\"?");
    }

    #[test]
    fn damage_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        assert!(matches!(
            ParquetReader::new().read(&path),
            Err(Error::Io { .. })
        ));
        std::fs::write(&path, b"not parquet at all").unwrap();
        let error = ParquetReader::new().read(&path).unwrap_err();
        assert!(error.to_string().contains("a.parquet: "), "{error}");
        write_parquet(&path, &batch()).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4..40].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let error = ParquetReader::new().read(&path).unwrap_err();
        assert!(error.to_string().contains("a.parquet: "), "{error}");
    }
}

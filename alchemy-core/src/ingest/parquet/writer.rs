//! Record batches to Parquet files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::{RecordBatch, RecordBatchReader, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::partition;
use crate::column::{self, Groups, Key};
use crate::ingest::failure::{Origin, contain};
use crate::ingest::replace::Replacement;
use crate::{Error, Result};

/// Bytes of encoded rows that are held until a row group is written, over all open files.
const HELD_BYTES: usize = 256 << 20;
/// Files open at one time in a partitioned write. Each holds buffers of its own; systems allow about as many.
const MAX_PARTITIONS: usize = 1000;

/// How pages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ParquetCompression {
    /// Not at all.
    Uncompressed,
    /// Snappy: fast, and read by every program.
    #[default]
    Snappy,
    /// Zstandard at its level 3: smaller files.
    Zstd,
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
    ParquetWriter::new().write(path, batch)
}

/// Writes Parquet files.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let lake = folder.path().join("sales");
/// use alchemy_core::{CsvReader, ParquetCompression, ParquetReader, ParquetWriter};
///
/// let sales = "shop,price,ds\n1,2.5,2024-01-31\n2,3.5,2024-02-01\n";
/// let sales = CsvReader::new().with_dates("ds", "%Y-%m-%d").read_from(sales.as_bytes())?;
/// let writer = ParquetWriter::new().with_compression(ParquetCompression::Zstd).partition_by("ds");
/// writer.write(&lake, &sales)?;
/// assert!(lake.join("ds=2024-01-31/part-0.parquet").exists());
///
/// assert_eq!(ParquetReader::new().read(&lake)?, sales);
/// let february = ParquetReader::new().with_range("ds", "2024-02-01"..);
/// assert_eq!(february.read(&lake)?, sales.slice(1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct ParquetWriter {
    compression: ParquetCompression,
    partition_by: Vec<String>,
}

impl ParquetWriter {
    /// A writer of single files, compressed by Snappy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How pages are compressed; [`ParquetCompression::Snappy`] by default.
    #[must_use]
    pub fn with_compression(mut self, compression: ParquetCompression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes a folder with one file for each value of `column`, as in `ds=2024-01-31/part-0.parquet`; a second call
    /// adds a level of folders. By default one file is written.
    ///
    /// The column stands in the path only. Its values are written as Arrow prints them, special characters escaped, a
    /// missing value as `__HIVE_DEFAULT_PARTITION__`. [`ParquetReader::read`](super::ParquetReader::read) puts the rows
    /// together again, ordered by path.
    #[must_use]
    pub fn partition_by(mut self, column: impl Into<String>) -> Self {
        self.partition_by.push(column.into());
        self
    }

    /// Writes `batch` as the file `path`, in place of any file there, or into the folder `path` if it is partitioned:
    /// in place of the files of the same partitions, those of others stay.
    ///
    /// Files appear under their names once all of them are complete; until then, and after an error, what was there
    /// before is untouched.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if a file cannot be written.
    /// - [`Error::Read`] if Parquet has no form for a column.
    /// - [`Error::ColumnNotFound`] if a partition column is not there, [`Error::ColumnType`] if it holds floating-point
    ///   numbers or nested values.
    /// - [`Error::InvalidParameter`] if there are more than 1,000 partitions, or no other column.
    pub fn write(&self, path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
        let batches = std::iter::once(Ok(batch.clone()));
        self.write_all(path.as_ref(), &batch.schema(), batches)
    }

    /// Writes a stream of batches as [`Self::write`] does. Memory holds one batch and about 256 MiB of encoded rows at
    /// most.
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
        schema: &SchemaRef,
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<()> {
        let mut out = Out::new(self, path, schema)?;
        if self.partition_by.is_empty() {
            // A table without rows is a file all the same.
            out.open(&Key::new())?;
        }
        for batch in batches {
            out.write(&batch?)?;
        }
        out.finish()
    }

    fn properties(&self) -> WriterProperties {
        let compression = match self.compression {
            ParquetCompression::Uncompressed => Compression::UNCOMPRESSED,
            ParquetCompression::Snappy => Compression::SNAPPY,
            ParquetCompression::Zstd => {
                Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default())
            }
        };
        WriterProperties::builder()
            .set_compression(compression)
            .build()
    }
}

/// Files that are being written.
struct Out<'a> {
    writer: &'a ParquetWriter,
    path: &'a Path,
    /// The columns of the files.
    schema: SchemaRef,
    /// Their positions in a batch.
    positions: Vec<usize>,
    files: BTreeMap<Key, Part>,
}

/// One of the files.
struct Part {
    origin: Origin,
    replacement: Replacement,
    writer: ArrowWriter<File>,
}

impl<'a> Out<'a> {
    fn new(writer: &'a ParquetWriter, path: &'a Path, schema: &Schema) -> Result<Self> {
        for name in &writer.partition_by {
            let found = schema.field(column::index_of(schema, name)?).data_type();
            if found.is_floating() || found.is_nested() {
                return Err(Error::ColumnType {
                    column: name.clone(),
                    found: found.clone(),
                    expected: "text, whole numbers or dates, to name folders after".to_owned(),
                });
            }
        }
        let is_kept = |at: &usize| !writer.partition_by.contains(schema.field(*at).name());
        let positions: Vec<usize> = (0..schema.fields().len()).filter(is_kept).collect();
        if positions.is_empty() && !writer.partition_by.is_empty() {
            return Err(Error::parameter(
                "partition_by",
                "leaves no column for the files",
            ));
        }
        Ok(Self {
            writer,
            path,
            schema: schema.project(&positions)?.into(),
            positions,
            files: BTreeMap::new(),
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.writer.partition_by.is_empty() {
            return self.open(&Key::new())?.write(batch);
        }
        let groups = Groups::of(batch, &self.writer.partition_by)?;
        let keys = groups.keys()?;
        let mut rows = vec![Vec::new(); keys.len()];
        for (row, group) in (0..).zip(groups.ids()) {
            rows[*group as usize].push(row);
        }
        let kept = batch.project(&self.positions)?;
        for (key, rows) in keys.iter().zip(rows) {
            let part = take_record_batch(&kept, &UInt32Array::from(rows))?;
            self.open(key)?.write(&part)?;
        }
        let held: usize = self
            .files
            .values()
            .map(|part| part.writer.memory_size())
            .sum();
        if held > HELD_BYTES {
            for part in self.files.values_mut() {
                part.flush()?;
            }
        }
        Ok(())
    }

    /// The file of the rows with these values in the partition columns.
    fn open(&mut self, key: &Key) -> Result<&mut Part> {
        if !self.files.contains_key(key) {
            if self.files.len() == MAX_PARTITIONS {
                let message = format!("gives more than {MAX_PARTITIONS} partitions");
                return Err(Error::parameter("partition_by", message));
            }
            let path = self.path_of(key)?;
            let part = Part::begin(&path, self.schema.clone(), self.writer.properties())?;
            self.files.insert(key.clone(), part);
        }
        self.files
            .get_mut(key)
            .ok_or_else(|| Error::parameter("partition_by", "lost a file"))
    }

    fn path_of(&self, key: &Key) -> Result<PathBuf> {
        if key.is_empty() {
            return Ok(self.path.to_owned());
        }
        let mut path = self.path.to_owned();
        for (column, value) in self.writer.partition_by.iter().zip(key) {
            path.push(partition::folder(column, value.as_deref()));
        }
        fs::create_dir_all(&path).map_err(|error| Origin::file(&path).io(error))?;
        Ok(path.join("part-0.parquet"))
    }

    /// Completes every file before the first gets its name.
    fn finish(self) -> Result<()> {
        let complete = self.files.into_values().map(Part::complete);
        let complete = complete.collect::<Result<Vec<_>>>()?;
        for (origin, replacement, file) in complete {
            replacement.finish(&file, &origin)?;
        }
        Ok(())
    }
}

impl Part {
    fn begin(path: &Path, schema: SchemaRef, properties: WriterProperties) -> Result<Self> {
        let origin = Origin::file(path);
        let (replacement, file) = Replacement::begin(path, &origin)?;
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|error| failed(&origin, error))?;
        Ok(Self {
            origin,
            replacement,
            writer,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let Self { origin, writer, .. } = self;
        contain(origin, || {
            writer.write(batch).map_err(|error| failed(origin, error))
        })?;
        if self.writer.memory_size() > HELD_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let origin = &self.origin;
        self.writer.flush().map_err(|error| failed(origin, error))
    }

    fn complete(self) -> Result<(Origin, Replacement, File)> {
        let file = self
            .writer
            .into_inner()
            .map_err(|error| failed(&self.origin, error))?;
        Ok((self.origin, self.replacement, file))
    }
}

fn failed(origin: &Origin, error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => origin.io(*source),
            Err(source) => origin.error(source.to_string()),
        },
        other => origin.error(other.to_string()),
    }
}

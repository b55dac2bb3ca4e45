//! The calls that read Parquet.

use std::ops::RangeBounds;
use std::path::{Path, PathBuf};

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use rayon::prelude::*;

use super::range::{Range, RangeValue};
use super::source::Source;
use super::table::{Table, Wanted};
use crate::ingest::failure::{Origin, contain, into_arrow};
use crate::ingest::files::files_of;
use crate::ingest::limits::Limits;
use crate::parallel::try_collect;
use crate::{Error, Result};

/// Rows decoded at a time: a few MiB for a table of ordinary width.
const BATCH_ROWS: usize = 1 << 16;

/// How the files of a folder that are read are named.
const ENDINGS: [&str; 1] = [".parquet"];

/// Reads Parquet files into record batches.
///
/// A file may come from anywhere: the sizes it claims are checked before memory is reserved for them, and a fault of the
/// decoder is an error.
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
///
/// let over_40 = ParquetReader::new().with_range("age", 41..).read(&path)?;
/// assert_eq!(over_40, batch.slice(1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ParquetReader {
    wanted: Wanted,
    batch_rows: usize,
}

impl Default for ParquetReader {
    fn default() -> Self {
        Self {
            wanted: Wanted::default(),
            batch_rows: BATCH_ROWS,
        }
    }
}

impl ParquetReader {
    /// A reader of all columns and rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns to read, in the order of the result; all by default.
    #[must_use]
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.wanted.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Reads only rows whose `column` is in `range`; with several ranges, rows that are in all of them.
    ///
    /// Ends are numbers for a column of numbers, text for a column of text, and text in ISO 8601 for one of dates or
    /// times: `"2024-01-01".."2024-02-01"`. A missing value is in no range. Row groups whose statistics rule out the
    /// range are not read, nor are files whose path does. The column need not be among those read.
    #[must_use]
    pub fn with_range<V: Clone + Into<RangeValue>>(
        mut self,
        column: impl Into<String>,
        range: impl RangeBounds<V>,
    ) -> Self {
        self.wanted.ranges.push(Range {
            column: column.into(),
            low: range.start_bound().cloned().map(Into::into),
            high: range.end_bound().cloned().map(Into::into),
        });
        self
    }

    /// The most rows of one batch of a stream; 65,536 by default.
    #[must_use]
    pub fn with_batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = rows;
        self
    }

    /// What a file may ask for; the defaults of [`Limits`] by default.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.wanted.limits = limits;
        self
    }

    /// Reads a file into one batch, its row groups in parallel; or a folder: all files in it and in its folders named
    /// `*.parquet`, in the order of their paths.
    ///
    /// All files must have the columns of the first, of the same types. Folders named `column=value` are columns too, as
    /// in `sales/ds=2024-01-31/part-0.parquet`: `Date32` if all values are dates in ISO 8601, else text, after the
    /// columns of the files. `__HIVE_DEFAULT_PARTITION__` is a missing value, and `%2F` and the like are unescaped.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if a file cannot be opened.
    /// - [`Error::Read`] if one is not Parquet, is damaged, passes a limit, or differs from the first in a column, which
    ///   is named.
    /// - [`Error::ColumnNotFound`] or [`Error::DuplicateColumn`] if a chosen column is not there,
    ///   or there twice.
    /// - [`Error::ColumnType`] or [`Error::InvalidParameter`] if a range does not suit its column.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        let root = path.as_ref();
        self.read_table(&Table::open(
            &files_of(root, &ENDINGS)?,
            root,
            &self.wanted,
        )?)
    }

    /// Reads files of the same columns into one batch, one after another.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], and [`Error::InvalidParameter`] if `paths` is empty.
    pub fn read_files(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<RecordBatch> {
        self.read_table(&self.table_of(paths)?)
    }

    /// Opens a file, or a folder as [`Self::read`] does, as a stream of batches; memory holds one at a time, and the
    /// footers of all files.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]; damage beyond a footer is found as the stream reaches it, and is then inside
    /// [`ArrowError::ExternalError`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<ParquetBatches> {
        let root = path.as_ref();
        let table = Table::open(&files_of(root, &ENDINGS)?, root, &self.wanted)?;
        self.stream(table)
    }

    /// Opens files of the same columns as one stream of batches, one after another.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`], and [`Error::InvalidParameter`] if `paths` is empty.
    pub fn open_files(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<ParquetBatches> {
        self.stream(self.table_of(paths)?)
    }

    fn table_of(&self, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Result<Table> {
        let paths: Vec<PathBuf> = paths
            .into_iter()
            .map(|path| path.as_ref().to_owned())
            .collect();
        // No path lies below this one, so none has columns in it.
        Table::open(&paths, Path::new("\0"), &self.wanted)
    }

    fn read_table(&self, table: &Table) -> Result<RecordBatch> {
        let limit = self.wanted.limits.max_batch_rows;
        let check = |source: &Source, num_rows: usize| {
            if num_rows <= limit {
                return Ok(());
            }
            let message = format!("has more rows than the limit of {limit} for one batch");
            Err(source.origin.error(message))
        };
        let mut num_rows = 0_usize;
        for source in table
            .sources
            .iter()
            .filter(|source| !source.is_restricted())
        {
            num_rows = num_rows.saturating_add(source.num_rows()?);
            check(source, num_rows)?;
        }
        let jobs: Vec<(&Source, usize)> = table
            .sources
            .iter()
            .flat_map(|source| source.row_groups.iter().map(move |group| (source, *group)))
            .collect();
        let batches = jobs.par_iter().map(|(source, group)| {
            let mut reader = source.reader(vec![*group], BATCH_ROWS)?;
            let mut batches = Vec::new();
            let mut num_rows = 0;
            while let Some(batch) = source.next(&mut reader, &table.schema)? {
                num_rows += batch.num_rows();
                check(source, num_rows)?;
                batches.push(batch);
            }
            Ok(batches)
        });
        let batches = try_collect(batches)?.concat();
        contain(&Origin::default(), || {
            concat_batches(&table.schema, &batches).map_err(Error::Arrow)
        })
    }

    fn stream(&self, table: Table) -> Result<ParquetBatches> {
        if self.batch_rows == 0 {
            return Err(Error::parameter("batch_rows", "must be at least 1"));
        }
        Ok(ParquetBatches {
            schema: table.schema,
            sources: table.sources.into_iter(),
            batch_rows: self
                .batch_rows
                .min(self.wanted.limits.max_batch_rows.max(1)),
            reading: None,
        })
    }
}

/// The batches of Parquet files, in file order, made by [`ParquetReader::open`]. After an error the stream ends.
#[derive(Debug)]
pub struct ParquetBatches {
    schema: SchemaRef,
    /// Files to come.
    sources: std::vec::IntoIter<Source>,
    reading: Option<(Source, ParquetRecordBatchReader)>,
    batch_rows: usize,
}

impl ParquetBatches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some((source, reader)) = &mut self.reading {
                match source.next(reader, &self.schema)? {
                    Some(batch) if batch.num_rows() == 0 => continue,
                    Some(batch) => return Ok(Some(batch)),
                    None => self.reading = None,
                }
            }
            let Some(source) = self.sources.next() else {
                return Ok(None);
            };
            let reader = source.reader(source.row_groups.clone(), self.batch_rows)?;
            self.reading = Some((source, reader));
        }
    }
}

impl Iterator for ParquetBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.next_batch().transpose()?;
        if batch.is_err() {
            self.reading = None;
            self.sources = Vec::new().into_iter();
        }
        Some(batch.map_err(into_arrow))
    }
}

impl RecordBatchReader for ParquetBatches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

//! The options of an IPC file, and the calls that read it.

use std::path::Path;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;

use super::batches::IpcBatches;
use crate::ingest::limits::Limits;
use crate::{Error, Result};

/// Reads Arrow IPC into record batches: the file format, also known as Feather 2, and the stream format, told apart by
/// the first bytes.
///
/// Arrays are checked as they are read: offsets, lengths, UTF-8 and dictionary keys that are wrong are an error. Compressed
/// buffers cannot be read.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("people.arrow");
/// use alchemy_core::{IpcReader, write_ipc};
///
/// let batch = RecordBatch::try_from_iter([
///     ("name", Arc::new(StringArray::from(vec!["Ada", "Alan"])) as ArrayRef),
///     ("age", Arc::new(Int64Array::from(vec![36, 41]))),
/// ])?;
/// write_ipc(&path, &batch)?;
///
/// let ages = IpcReader::new().with_columns(["age"]).read(&path)?;
/// assert_eq!(ages, batch.project(&[1])?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[doc(alias = "feather")]
pub struct IpcReader {
    columns: Option<Vec<String>>,
    limits: Limits,
}

impl IpcReader {
    /// A reader of all columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns to read, in the order of the result; all by default. A file in the file format is not read beyond
    /// them, a stream is.
    #[must_use]
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// What a file may ask for; the defaults of [`Limits`] by default. Of them the most columns and the most rows of a
    /// batch matter here.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads a file into one batch.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be opened or read.
    /// - [`Error::Read`] if it is not Arrow IPC, is damaged, or passes a limit.
    /// - [`Error::ColumnNotFound`] or [`Error::DuplicateColumn`] if a chosen column is not there, or there twice.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        let mut stream = self.open(path)?;
        let mut batches = Vec::new();
        let mut num_rows = 0_usize;
        while let Some(batch) = stream.next_batch()? {
            num_rows = num_rows.saturating_add(batch.num_rows());
            stream.check_rows(num_rows)?;
            batches.push(batch);
        }
        match <[RecordBatch; 1]>::try_from(batches) {
            Ok([only]) => Ok(only),
            Err(batches) => concat_batches(&stream.schema(), &batches).map_err(Error::Arrow),
        }
    }

    /// Opens a file as a stream of batches; memory holds one at a time, as large as the file made it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]; damage is found as the stream reaches it, and is then inside
    /// [`ArrowError::ExternalError`](arrow::error::ArrowError::ExternalError).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<IpcBatches> {
        IpcBatches::open(path.as_ref(), self.columns.as_deref(), self.limits)
    }
}

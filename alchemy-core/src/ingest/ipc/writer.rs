//! Record batches as Arrow IPC.

use std::io::{BufWriter, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;

use crate::Result;
use crate::ingest::failure::Origin;
use crate::ingest::replace::Replacement;

/// Writes `batch` as Arrow IPC in the file format, uncompressed, in place of any file there. Types, metadata and every
/// value come back as they were, which makes it the format to hand a table from one process to the next.
///
/// The file appears under its name once it is complete.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) if the file cannot be written, [`Error::Read`](crate::Error::Read) if IPC has no form for a
/// column.
#[doc(alias = "feather")]
pub fn write_ipc(path: impl AsRef<Path>, batch: &RecordBatch) -> Result<()> {
    let path = path.as_ref();
    let origin = Origin::file(path);
    let (replacement, file) = Replacement::begin(path, &origin)?;
    let mut bytes = BufWriter::new(&file);
    FileWriter::try_new(&mut bytes, batch.schema_ref())
        .and_then(|mut writer| {
            writer.write(batch)?;
            writer.finish()
        })
        .map_err(|error| match error {
            ArrowError::IoError(_, source) => origin.io(source),
            other => origin.error(other.to_string()),
        })?;
    bytes.flush().map_err(|error| origin.io(error))?;
    drop(bytes);
    replacement.finish(&file, &origin)
}

//! An IPC file as a stream of batches.

use std::fs::File;
use std::path::Path;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;

use super::frames::Frames;
use crate::ingest::failure::{Origin, contained, into_arrow};
use crate::ingest::limits::Limits;
use crate::{Error, Result, column};

/// The batches of an IPC file, in file order, made by [`IpcReader::open`](crate::IpcReader::open). After an error the
/// stream ends.
#[derive(Debug)]
pub struct IpcBatches {
    origin: Origin,
    frames: Frames,
    /// For each column of the result, its place in the batches that come out of the frames.
    places: Vec<usize>,
    schema: SchemaRef,
    limits: Limits,
    ended: bool,
}

impl IpcBatches {
    pub(super) fn open(path: &Path, columns: Option<&[String]>, limits: Limits) -> Result<Self> {
        let origin = Origin::file(path);
        let file = File::open(path).map_err(|error| origin.io(error))?;
        let mut frames = contained(|| Frames::open(file)).map_err(|error| fault(&origin, error))?;
        let found = frames.schema();
        if found.fields().len() > limits.max_columns {
            let (count, most) = (found.fields().len(), limits.max_columns);
            return Err(origin.error(format!(
                "has {count} columns, more than the limit of {most}"
            )));
        }
        let wanted = wanted(&found, columns)?;
        let schema = found.project(&wanted)?.into();
        let places = frames.choose(&wanted);
        Ok(Self {
            origin,
            frames,
            places,
            schema,
            limits,
            ended: false,
        })
    }

    /// The next batch, or `None` at the end.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let frames = &mut self.frames;
        let batch =
            contained(|| frames.next_batch()).map_err(|error| fault(&self.origin, error))?;
        let Some(batch) = batch else {
            return Ok(None);
        };
        self.check_rows(batch.num_rows())?;
        let batch = batch
            .project(&self.places)
            .and_then(|batch| batch.with_schema(self.schema.clone()));
        batch.map(Some).map_err(|error| fault(&self.origin, error))
    }

    /// Whether one batch may hold so many rows.
    pub(super) fn check_rows(&self, num_rows: usize) -> Result<()> {
        let most = self.limits.max_batch_rows;
        if num_rows > most {
            return Err(self.origin.error(format!(
                "has more rows than the limit of {most} for one batch"
            )));
        }
        Ok(())
    }
}

impl Iterator for IpcBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.next_batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch.map(|batch| batch.map_err(into_arrow))
    }
}

impl RecordBatchReader for IpcBatches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

fn wanted(schema: &Schema, columns: Option<&[String]>) -> Result<Vec<usize>> {
    match columns {
        None => Ok((0..schema.fields().len()).collect()),
        Some(names) => names
            .iter()
            .map(|name| column::index_of(schema, name))
            .collect(),
    }
}

fn fault(origin: &Origin, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            origin.io(source)
        }
        ArrowError::IoError(..) => origin.error("ends before it is complete"),
        other => origin.error(other.to_string()),
    }
}

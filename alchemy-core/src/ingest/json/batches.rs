//! A JSON file as a stream of batches.

use std::collections::VecDeque;
use std::fs::File;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::decode::{Decoded, Decoding};
use super::source::Source;
use crate::ingest::failure::into_arrow;
use crate::ingest::input::Input;
use crate::{Ledger, Result};

/// The batches of a JSON file, in file order, made by [`JsonReader::open`](crate::JsonReader::open).
///
/// Memory holds about 1 MiB of text and its arrays for each thread of the rayon pool, however long the file is. How rows
/// are cut into batches means nothing. After an error the stream ends.
#[derive(Debug)]
pub struct JsonBatches {
    source: Source<Input<File>>,
    decoding: Decoding,
    schema: SchemaRef,
    ready: VecDeque<Result<Decoded>>,
    batches: VecDeque<RecordBatch>,
    ledger: Ledger,
    ended: bool,
}

impl JsonBatches {
    pub(super) fn new(
        source: Source<Input<File>>,
        decoding: Decoding,
        ledger: Ledger,
    ) -> Result<Self> {
        let schema = decoding.plan().schema()?;
        let (ready, batches) = (VecDeque::new(), VecDeque::new());
        Ok(Self {
            source,
            decoding,
            schema,
            ready,
            batches,
            ledger,
            ended: false,
        })
    }

    /// The columns that were widened to text, and the lines rejected in what the stream has given so far, as
    /// [`JsonReader::read_with`](crate::JsonReader::read_with) records them.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Makes the next block's batches ready; `None` at the end.
    fn advance(&mut self) -> Option<Result<()>> {
        if self.ready.is_empty() {
            match self.source.decode_group(&self.decoding) {
                Ok(group) => self.ready.extend(group),
                Err(error) => return Some(Err(error)),
            }
        }
        let decoded = self.ready.pop_front()?;
        Some(decoded.map(|decoded| {
            decoded.record(&mut self.ledger);
            self.batches.extend(decoded.batches);
        }))
    }
}

impl Iterator for JsonBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.batches.is_empty() && !self.ended {
            match self.advance() {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(into_arrow(error)));
                }
                None => self.ended = true,
            }
        }
        self.batches.pop_front().map(Ok)
    }
}

impl RecordBatchReader for JsonBatches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

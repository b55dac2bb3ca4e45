//! A CSV file as a stream of batches.

use std::collections::VecDeque;
use std::fs::File;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use rayon::prelude::*;

use super::cells::Cells;
use super::convert::convert;
use super::plan::Plan;
use super::source::Source;
use crate::ingest::failure::{Origin, into_arrow};
use crate::ingest::input::Input;
use crate::{Error, Result};

/// The batches of a CSV file, in file order, made by [`CsvReader::open`](crate::CsvReader::open).
///
/// Memory holds about 1 MiB of text and its arrays for each thread of the rayon pool, however long
/// the file is. How rows are cut into batches means nothing. After an error the stream ends.
#[derive(Debug)]
pub struct CsvBatches {
    source: Source<Input<File>>,
    columns: Vec<usize>,
    schema: SchemaRef,
    ready: VecDeque<Result<RecordBatch>>,
    ended: bool,
}

impl CsvBatches {
    pub(super) fn new(source: Source<Input<File>>, plan: &Plan) -> Self {
        let ready = VecDeque::new();
        Self {
            source,
            columns: plan.sources(),
            schema: plan.schema(),
            ready,
            ended: false,
        }
    }

    fn fill(&mut self) {
        match self.source.next_group(&self.columns) {
            Ok(group) => {
                self.ended = group.is_empty();
                let (schema, origin) = (&self.schema, self.source.origin());
                let batches: Vec<_> = group
                    .par_iter()
                    .map(|cells| batch(cells, schema, origin))
                    .collect();
                self.ready.extend(batches);
            }
            Err(error) => self.ready.push_back(Err(error)),
        }
    }
}

impl Iterator for CsvBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && !self.ended {
            self.fill();
        }
        let batch = self.ready.pop_front()?;
        if batch.is_err() {
            self.ended = true;
            self.ready.clear();
        }
        Some(batch.map_err(into_arrow))
    }
}

impl RecordBatchReader for CsvBatches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

fn batch(cells: &Cells, schema: &SchemaRef, origin: &Origin) -> Result<RecordBatch> {
    let columns = schema.fields().iter().zip(&cells.columns);
    let arrays = columns
        .map(|(field, column)| convert(column, field, &cells.lines, origin))
        .collect::<Result<_>>()?;
    RecordBatch::try_new(schema.clone(), arrays).map_err(Error::Arrow)
}

//! CSV files as a stream of batches.

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use rayon::prelude::*;

use super::cells::Cells;
use super::convert::{check_cells, convert};
use super::plan::{Column, Plan, schema};
use super::reader::CsvReader;
use super::source::Source;
use crate::ingest::failure::into_arrow;
use crate::ingest::input::Input;
use crate::{Error, Ledger, Result};

/// The batches of CSV files, in file order, made by [`CsvReader::open`].
///
/// Memory holds about 2 MiB of text and its arrays for each thread of the rayon pool, however long
/// the files are. How rows are cut into batches means nothing. After an error the stream ends.
#[derive(Debug)]
pub struct CsvBatches {
    reader: CsvReader,
    source: Source<Input<File>>,
    /// Files to come.
    paths: VecDeque<PathBuf>,
    positions: Vec<usize>,
    columns: Vec<Column>,
    schema: SchemaRef,
    ledger: Ledger,
    ready: VecDeque<Result<RecordBatch>>,
    ended: bool,
}

impl CsvBatches {
    pub(super) fn new(
        reader: CsvReader,
        source: Source<Input<File>>,
        paths: VecDeque<PathBuf>,
        plan: &Plan,
    ) -> Self {
        let columns = plan.columns();
        Self {
            reader,
            source,
            paths,
            positions: plan.sources(),
            schema: schema(&columns),
            columns,
            ledger: Ledger::new(),
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// What was done to the records read so far: those rejected and padded as
    /// [`CsvReader::with_ragged_rows`] says.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn fill(&mut self) -> Result<()> {
        let group = self.source.next_group(&self.positions, &mut self.ledger)?;
        if group.is_empty() {
            match self.paths.pop_front() {
                Some(path) => self.source = self.reader.start_next(&path, &self.source.header)?,
                None => self.ended = true,
            }
        }
        let batches: Vec<_> = group.par_iter().map(|cells| self.batch(cells)).collect();
        for batch in batches {
            match batch {
                Ok(batch) => self.ready.extend(self.pieces(&batch).map(Ok)),
                Err(error) => self.ready.push_back(Err(error)),
            }
        }
        Ok(())
    }

    fn batch(&self, cells: &Cells) -> Result<RecordBatch> {
        let limit = self.reader.limits.max_field_bytes;
        let columns = self.columns.iter().zip(&cells.columns);
        let arrays = columns
            .map(|(column, texts)| {
                check_cells(texts, limit, column, &cells.place)?;
                convert(texts, column, &cells.place)
            })
            .collect::<Result<_>>()?;
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(Error::Arrow)
    }

    /// `batch` in pieces of as many rows as asked for at most.
    fn pieces(&self, batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + use<> {
        let batch = batch.clone();
        let most = self.reader.batch_rows.unwrap_or(usize::MAX);
        let most = most.min(self.reader.limits.max_batch_rows).max(1);
        let starts = (0..batch.num_rows()).step_by(most);
        starts.map(move |start| batch.slice(start, most.min(batch.num_rows() - start)))
    }
}

impl Iterator for CsvBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.fill() {
                self.ready.push_back(Err(error));
            }
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

//! An opened JSON input: its blocks, a few at a time.

use std::collections::VecDeque;
use std::io::Read;

use rayon::prelude::*;

use super::decode::{Decoded, Decoding, Failure, Scanned, scan};
use super::lines::{Block, Blocks};
use super::plan::Plan;
use super::reader::BadLines;
use super::scan::{Fault, Scan};
use super::shape::Shape;
use crate::ingest::failure::Origin;
use crate::ingest::limits::Limits;
use crate::parallel::try_collect;
use crate::{Action, Error, Ledger, Result};

/// The name that the reader has in a ledger.
const STEP: &str = "alchemy-core/json";

#[derive(Debug)]
pub(super) struct Source<R> {
    blocks: Blocks<R>,
    /// Blocks that were looked at and are to be read again.
    held: VecDeque<Block>,
    /// An error that comes after the blocks handed out.
    failed: Option<Error>,
    limits: Limits,
    bad_lines: BadLines,
}

impl<R: Read> Source<R> {
    pub(super) fn new(blocks: Blocks<R>, limits: Limits, bad_lines: BadLines) -> Self {
        Self {
            blocks,
            held: VecDeque::new(),
            failed: None,
            limits,
            bad_lines,
        }
    }

    pub(super) fn origin(&self) -> &Origin {
        self.blocks.origin()
    }

    /// The next few blocks, at most one for each thread, in file order; none at the end of the input.
    fn next_group(&mut self) -> Result<Vec<Block>> {
        let mut group = Vec::new();
        while group.len() < rayon::current_num_threads() {
            match self.next_block() {
                Ok(Some(block)) => group.push(block),
                Ok(None) => break,
                Err(error) if group.is_empty() => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(group)
    }

    fn next_block(&mut self) -> Result<Option<Block>> {
        match (self.held.pop_front(), self.failed.take()) {
            (Some(block), failed) => {
                self.failed = failed;
                Ok(Some(block))
            }
            (None, Some(error)) => Err(error),
            (None, None) => self.blocks.next_block(),
        }
    }

    /// Checks the next few blocks and gathers their cells; none at the end of the input.
    pub(super) fn scan_group(&mut self) -> Result<Vec<Scanned>> {
        let group = self.next_group()?;
        let (prototype, limits, bad_lines) = (Shape::default(), self.limits, self.bad_lines);
        let origin = self.origin();
        let scanned = group.into_par_iter().map(|block| {
            scan(block, &prototype, &limits, bad_lines).map_err(|fault| fault.error(origin))
        });
        try_collect(scanned)
    }

    /// The cells of the first `rows` lines that are good, which are kept to be read again.
    pub(super) fn scan_head(&mut self, rows: usize) -> Result<Shape> {
        let mut shape = Shape::default();
        let mut left = rows;
        while left > 0 {
            let Some(block) = self.blocks.next_block()? else {
                break;
            };
            for (number, line) in block.lines() {
                if left == 0 {
                    break;
                }
                let mut of_line = Shape::default();
                match Scan::new(&self.limits).line(line, number, &mut of_line) {
                    Ok(()) => {
                        shape.join(of_line);
                        left -= 1;
                    }
                    Err(fault) if self.bad_lines == BadLines::Reject && !fault.fatal => {}
                    Err(fault) => return Err(fault.error(self.origin())),
                }
            }
            self.held.push_back(block);
            self.check_keys(&shape)?;
        }
        Ok(shape)
    }

    /// Decodes the next few blocks; none at the end of the input.
    pub(super) fn decode_group(&mut self, decoding: &Decoding) -> Result<Vec<Result<Decoded>>> {
        let group = self.next_group()?;
        let origin = self.origin();
        Ok(group
            .into_par_iter()
            .map(|block| {
                decoding
                    .decode(block)
                    .map_err(|failure| failure.error(origin))
            })
            .collect())
    }

    /// Whether there are no more keys than columns may be.
    pub(super) fn check_keys(&self, shape: &Shape) -> Result<()> {
        let most = self.limits.max_columns;
        if shape.num_keys() > most {
            return Err(self.origin().error(format!(
                "there are more keys than the limit of {most} columns"
            )));
        }
        Ok(())
    }

    /// Whether one batch may hold so many rows.
    pub(super) fn check_rows(&self, rows: usize) -> Result<()> {
        let most = self.limits.max_batch_rows;
        if rows > most {
            return Err(self.origin().error(format!(
                "has more rows than the limit of {most} for one batch; read it as a stream"
            )));
        }
        Ok(())
    }
}

impl Failure {
    pub(super) fn error(self, origin: &Origin) -> Error {
        match self {
            Self::Line(fault) => fault.error(origin),
            Self::Whole(error) => match Error::from(error) {
                Error::Arrow(error) => origin.error(error.to_string()),
                ours => ours,
            },
        }
    }
}

impl Fault {
    pub(super) fn error(self, origin: &Origin) -> Error {
        origin.at(self.line, self.column.as_deref(), self.message)
    }
}

impl Decoded {
    /// Counts the lines of the block, and those of them that were rejected.
    pub(super) fn record(&self, ledger: &mut Ledger) {
        ledger.enter(STEP);
        ledger.enter_rows(usize::try_from(self.num_lines).unwrap_or(usize::MAX));
        let examples = self.rejected.iter().filter_map(|fault| {
            // One-based, as lines are.
            let line = usize::try_from(fault.line - self.first_line + 1).ok()?;
            let column = fault
                .column
                .as_ref()
                .map_or_else(String::new, |column| format!("{column}: "));
            Some((line, format!("{column}{}", fault.message)))
        });
        let (rejected, kept) = (self.rejected.len(), self.num_rows);
        ledger.record_with("", Action::RowRejected, rejected, rejected + kept, examples);
    }
}

/// Puts the columns that hold more than one kind of cell into the ledger.
pub(super) fn record_mixed(plan: &Plan, shape: &Shape, ledger: &mut Ledger) {
    ledger.enter(STEP);
    ledger.enter_rows(0);
    plan.record_mixed(shape, ledger);
}

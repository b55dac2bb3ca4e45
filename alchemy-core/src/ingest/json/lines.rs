//! Cuts a byte stream into blocks of whole lines.

use std::io::Read;

use super::scan::too_long;
use crate::Error;
use crate::ingest::failure::Origin;

/// Bytes that a block aims at: large enough to hide the cost of a parallel task, small enough that a few blocks per
/// thread stay in cache.
pub(super) const BLOCK_BYTES: usize = 1 << 20;

/// Whole lines.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The one-based line they begin on.
    pub(super) first_line: u64,
}

impl Block {
    /// The lines that are not blank: their number and their bytes, white space at the ends left out.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first_line..)
            .zip(self.bytes.split(|byte| *byte == b'\n'))
            .map(|(number, line)| (number, trim(line)))
            .filter(|(_, line)| !line.is_empty())
    }

    /// How many lines it holds, blank ones included.
    pub(super) fn num_lines(&self) -> u64 {
        let breaks = self.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        breaks + u64::from(!self.bytes.is_empty() && !self.bytes.ends_with(b"\n"))
    }
}

/// Leaves out what JSON calls white space; other control characters are none.
fn trim(line: &[u8]) -> &[u8] {
    let is_value = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r');
    let start = line.iter().position(is_value).unwrap_or(line.len());
    let end = line
        .iter()
        .rposition(is_value)
        .map_or(start, |last| last + 1);
    &line[start..end]
}

/// The blocks of a byte stream, in order.
#[derive(Debug)]
pub(super) struct Blocks<R> {
    input: R,
    origin: Origin,
    /// Bytes read and not yet handed out; they begin with a line.
    pending: Vec<u8>,
    line: u64,
    ended: bool,
    block_bytes: usize,
    max_line_bytes: usize,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R, origin: Origin, block_bytes: usize, max_line_bytes: usize) -> Self {
        Self {
            input,
            origin,
            pending: Vec::new(),
            line: 1,
            ended: false,
            block_bytes,
            max_line_bytes,
        }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The next block, or `None` at the end of the input.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>, Error> {
        let mut searched = 0;
        loop {
            self.fill(searched)?;
            let feed = self.pending[searched..]
                .iter()
                .rposition(|byte| *byte == b'\n');
            if let Some(feed) = feed {
                return Ok(Some(self.take(searched + feed + 1)));
            }
            searched = self.pending.len();
            if searched > self.max_line_bytes {
                let fault = too_long(self.line, self.max_line_bytes);
                return Err(self.origin.at(fault.line, None, fault.message));
            }
            if self.ended {
                return Ok((searched > 0).then(|| self.take(searched)));
            }
        }
    }

    fn take(&mut self, end: usize) -> Block {
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let block = Block {
            bytes,
            first_line: self.line,
        };
        self.line += block.num_lines();
        block
    }

    /// Reads on until a block is pending, and more than the `searched` bytes that hold no line feed.
    fn fill(&mut self, searched: usize) -> Result<(), Error> {
        let size = self.block_bytes.max(searched * 2).max(searched + 1);
        while !self.ended && self.pending.len() < size {
            let wanted = (size - self.pending.len()) as u64;
            let mut input = self.input.by_ref().take(wanted);
            let read = input
                .read_to_end(&mut self.pending)
                .map_err(|error| self.origin.io(error))?;
            self.ended = read == 0;
        }
        Ok(())
    }
}

//! Cuts a byte stream into blocks of whole records.

use std::io::{ErrorKind, Read};

use super::records::{Dialect, Ending, Record, count, line_breaks};
use crate::Result;
use crate::ingest::failure::Origin;

/// Bytes that a block aims at: large enough to hide the cost of a parallel task, small enough that
/// a few blocks per thread stay in cache.
const BLOCK_BYTES: usize = 1 << 18;

/// Whole records.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The one-based line they begin on.
    pub(super) first_line: u64,
    /// How many lines they end.
    pub(super) line_breaks: u64,
    /// How it is known that they are whole.
    pub(super) cut: Cut,
}

impl Block {
    /// Whether the input may end here.
    ///
    /// # Errors
    ///
    /// [`Error::Read`](crate::Error::Read) naming the line of a quoted field that is never closed.
    pub(super) fn check_quotes(&self, dialect: Dialect, origin: &Origin) -> Result<()> {
        if !self.bytes.contains(&dialect.quote) {
            return Ok(());
        }
        let last = dialect.records(&self.bytes).last();
        match last.map(|record| record.ending) {
            Some(Ending::OpenQuote(at)) => {
                let line = self.first_line + line_breaks(&self.bytes[..at]);
                Err(origin.at(line, None, "a quoted field begins here and is never closed"))
            }
            _ => Ok(()),
        }
    }

    /// The records, each with its line.
    pub(super) fn records(&self, dialect: Dialect) -> impl Iterator<Item = (u64, Record)> {
        let mut line = self.first_line;
        let mut counted = 0;
        dialect.records(&self.bytes).map(move |record| {
            line += line_breaks(&self.bytes[counted..record.start]);
            counted = record.start;
            (line, record)
        })
    }
}

/// How a block was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Between two records.
    Known,
    /// Where the input ends, which may be inside quotes: who decodes the block must look.
    End,
    /// Most likely between two records: who decodes the block must see whether its last record is complete.
    Likely,
}

/// The blocks of a byte stream, in order.
#[derive(Debug)]
pub(super) struct Blocks<R> {
    input: R,
    origin: Origin,
    dialect: Dialect,
    /// The longest record accepted.
    max_record_bytes: usize,
    /// Bytes read and not yet handed out; they begin between two records.
    pending: Vec<u8>,
    line: u64,
    ended: bool,
    /// Whether cuts must be known.
    exact: bool,
}

impl<R: Read> Blocks<R> {
    /// Starts at the first byte of the input.
    pub(super) fn new(input: R, origin: Origin, dialect: Dialect, max_record_bytes: usize) -> Self {
        Self {
            input,
            origin,
            dialect,
            max_record_bytes,
            pending: Vec::new(),
            line: 1,
            ended: false,
            exact: false,
        }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Leaves out `count` lines, whatever they hold.
    pub(super) fn skip_lines(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            while !self.pending.contains(&b'\n') && !self.ended {
                self.grow()?;
            }
            let end = self
                .pending
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(self.pending.len(), |at| at + 1);
            self.take(end);
        }
        Ok(())
    }

    /// The next record alone.
    pub(super) fn next_record(&mut self) -> Result<Option<Block>> {
        loop {
            let found = self.dialect.records(&self.pending).next();
            match found {
                Some(record) if self.ended || record.ending == Ending::LineBreak => {
                    self.take(record.start);
                    let block = self.take(record.end - record.start);
                    block.check_quotes(self.dialect, &self.origin)?;
                    return Ok(Some(block));
                }
                None if self.ended => return Ok(None),
                _ => self.grow()?,
            }
        }
    }

    /// The next block, or `None` at the end of the input.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>> {
        self.fill(BLOCK_BYTES)?;
        while !self.ended {
            let end = if self.exact {
                self.last_record_end()
            } else {
                self.likely_record_end()
            };
            if end > 0 {
                let cut = if self.exact { Cut::Known } else { Cut::Likely };
                return Ok(Some(Block {
                    cut,
                    ..self.take(end)
                }));
            } else if self.exact {
                self.grow()?;
            }
            self.exact = true;
        }
        if self.pending.is_empty() {
            return Ok(None);
        }
        let cut = Cut::End;
        let bytes = self.pending.len();
        Ok(Some(Block {
            cut,
            ..self.take(bytes)
        }))
    }

    /// Takes back blocks, the last ones handed out, of which the first ended inside a record: from here on cuts are
    /// known.
    pub(super) fn put_back(&mut self, blocks: Vec<Block>) {
        let mut bytes = Vec::new();
        if let Some(first) = blocks.first() {
            self.line = first.first_line;
        }
        for block in blocks {
            bytes.extend(block.bytes);
        }
        bytes.append(&mut self.pending);
        self.pending = bytes;
        self.exact = true;
    }

    /// Where most likely the last complete record ends: at a line feed with an even number of quotes before it. A quote
    /// in the middle of a field can mislead. Counting takes a small part of the time of reading records, and cuts
    /// are made by one thread.
    fn likely_record_end(&self) -> usize {
        let quotes_in = |bytes| count(bytes, self.dialect.quote);
        let mut end = self.pending.len();
        let mut quotes = quotes_in(&self.pending);
        while let Some(feed) = self.pending[..end].iter().rposition(|byte| *byte == b'\n') {
            quotes -= quotes_in(&self.pending[feed..end]);
            if quotes % 2 == 0 {
                return feed + 1;
            }
            end = feed;
        }
        0
    }

    /// Where the last complete record ends; 0 when there is none.
    fn last_record_end(&self) -> usize {
        let records = self.dialect.records(&self.pending);
        let ended = records.take_while(|record| record.ending == Ending::LineBreak);
        ended.last().map_or(0, |record| record.end)
    }

    fn take(&mut self, end: usize) -> Block {
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let first_line = self.line;
        let line_breaks = line_breaks(&bytes);
        self.line += line_breaks;
        Block {
            bytes,
            first_line,
            line_breaks,
            cut: Cut::Known,
        }
    }

    /// Reads until `size` bytes are pending or the input ends, never stopping inside a CR LF pair.
    fn fill(&mut self, size: usize) -> Result<()> {
        let mut filled = self.pending.len();
        while !self.ended && (filled < size || self.pending[..filled].last() == Some(&b'\r')) {
            // Room is made once, however little each read brings.
            self.pending.resize(size.max(filled + 1), 0);
            match self.input.read(&mut self.pending[filled..]) {
                Ok(count) => {
                    filled += count;
                    self.ended = count == 0;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.origin.io(error)),
            }
        }
        self.pending.truncate(filled);
        Ok(())
    }

    /// Reads on when a whole record is not there yet.
    fn grow(&mut self) -> Result<()> {
        if self.pending.len() < self.max_record_bytes {
            return self.fill((self.pending.len() * 2).max(BLOCK_BYTES));
        }
        let open = self
            .dialect
            .records(&self.pending)
            .last()
            .map(|record| record.ending);
        let hint = if matches!(open, Some(Ending::OpenQuote(_))) {
            "; is a quote left open?"
        } else {
            ""
        };
        let limit = self.max_record_bytes;
        let message = format!("a record is longer than the limit of {limit} bytes{hint}");
        Err(self.origin.at(self.line, None, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
    };

    fn blocks(text: &[u8]) -> Blocks<&[u8]> {
        Blocks::new(text, Origin::default(), COMMA, 64 << 20)
    }

    #[test]
    fn blocks_join_to_the_input_and_end_between_records() {
        let record = "\"a\nb\",12345\r\n";
        let text = record.repeat(300_000);
        let mut input = blocks(text.as_bytes());
        let mut joined = Vec::new();
        let mut line = 1;
        while let Some(block) = input.next_block().unwrap() {
            assert_eq!(block.first_line, line);
            assert!(block.bytes.ends_with(record.as_bytes()));
            line += line_breaks(&block.bytes);
            joined.extend(block.bytes);
        }
        assert!(joined == text.as_bytes());
        assert_eq!(line, 600_001);
    }

    #[test]
    fn skipped_lines_count() {
        let mut input = blocks(b"title\n\na,b\n1,2");
        input.skip_lines(1).unwrap();
        let header = input.next_record().unwrap().unwrap();
        assert_eq!(
            (header.bytes.as_slice(), header.first_line),
            (&b"a,b\n"[..], 3)
        );
        assert_eq!(input.next_block().unwrap().unwrap().bytes, b"1,2");
        assert!(input.next_block().unwrap().is_none());
    }

    #[test]
    fn an_open_quote_names_its_line() {
        let mut input = blocks(b"a\nb\n\"c\nd\n");
        let last = input.next_block().unwrap().unwrap();
        let error = last.check_quotes(COMMA, &Origin::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 3: a quoted field begins here and is never closed"
        );
    }
}

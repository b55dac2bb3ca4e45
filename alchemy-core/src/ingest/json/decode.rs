//! Blocks of lines to record batches.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::json::ReaderBuilder;
use arrow::json::reader::Decoder;

use super::lines::Block;
use super::plan::Plan;
use super::reader::BadLines;
use super::rewrite::quote_nested;
use super::scan::{Fault, Scan};
use super::shape::Shape;
use crate::ingest::failure::{contained, into_arrow};
use crate::ingest::flatten::flattened_name;
use crate::ingest::limits::Limits;
use crate::{Error, Result};

/// Cells that the decoder may have at hand at one time; it makes room for as many as it is told of.
const MAX_CELLS: usize = 1 << 20;

/// Cells that a byte of text may become. A line gives a cell to every column, whether it names it or not; honest tables
/// are far below, and a file made to fill the memory is far above.
const MAX_CELLS_PER_BYTE: usize = 64;

/// The decoder quotes the cell at fault as a whole, however long it is.
const MAX_MESSAGE_CHARS: usize = 120;

/// A block whose lines are known to be JSON, bad lines left out.
#[derive(Debug)]
pub(super) struct Scanned {
    /// A rejected line is blank.
    pub(super) block: Block,
    pub(super) shape: Shape,
    pub(super) num_rows: usize,
    pub(super) rejected: Vec<Fault>,
}

/// The rows of a block.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) batches: Vec<RecordBatch>,
    pub(super) num_rows: usize,
    pub(super) num_lines: u64,
    pub(super) first_line: u64,
    pub(super) rejected: Vec<Fault>,
}

/// How a block became useless: by a line, or as a whole.
#[derive(Debug)]
pub(super) enum Failure {
    Line(Fault),
    Whole(ArrowError),
}

/// Checks the lines of a block and gathers their cells, beginning with a copy of `prototype`.
pub(super) fn scan(
    mut block: Block,
    prototype: &Shape,
    limits: &Limits,
    bad_lines: BadLines,
) -> Result<Scanned, Fault> {
    let fault = match gather(&block, prototype, limits) {
        Ok((shape, num_rows)) => {
            return Ok(Scanned {
                block,
                shape,
                num_rows,
                rejected: Vec::new(),
            });
        }
        Err(fault) => fault,
    };
    if bad_lines == BadLines::Fail || fault.fatal {
        return Err(fault);
    }
    let rejected = sift(&mut block, |line, number| {
        Scan::new(limits).line(line, number, &mut prototype.clone())
    })?;
    let (shape, num_rows) = gather(&block, prototype, limits)?;
    Ok(Scanned {
        block,
        shape,
        num_rows,
        rejected,
    })
}

fn gather(block: &Block, prototype: &Shape, limits: &Limits) -> Result<(Shape, usize), Fault> {
    let mut shape = prototype.clone();
    let mut scan = Scan::new(limits);
    let mut num_rows = 0;
    for (number, line) in block.lines() {
        scan.line(line, number, &mut shape)?;
        num_rows += 1;
    }
    Ok((shape, num_rows))
}

/// Blanks the lines that `check` finds fault with.
fn sift(
    block: &mut Block,
    mut check: impl FnMut(&[u8], u64) -> Result<(), Fault>,
) -> Result<Vec<Fault>, Fault> {
    let mut rejected = Vec::new();
    let mut kept = Vec::with_capacity(block.bytes.len());
    for (number, line) in
        (block.first_line..).zip(block.bytes.split_inclusive(|byte| *byte == b'\n'))
    {
        let one = Block {
            bytes: line.to_vec(),
            first_line: number,
        };
        let checked = one
            .lines()
            .try_for_each(|(number, line)| check(line, number));
        match checked {
            Ok(()) => kept.extend_from_slice(line),
            Err(fault) if fault.fatal => return Err(fault),
            Err(fault) => {
                rejected.push(fault);
                kept.push(b'\n');
            }
        }
    }
    block.bytes = kept;
    Ok(rejected)
}

/// What turns blocks into batches once the columns are known.
#[derive(Debug)]
pub(super) struct Decoding {
    plan: Plan,
    prototype: Shape,
    nested: SchemaRef,
    num_leaves: usize,
    limits: Limits,
    bad_lines: BadLines,
}

impl Decoding {
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a type that the decoder does not know, or too many columns.
    pub(super) fn new(plan: Plan, limits: Limits, bad_lines: BadLines) -> Result<Self> {
        let nested = plan.nested_schema();
        contained(|| {
            ReaderBuilder::new(nested.clone())
                .with_batch_size(1)
                .build_decoder()
        })
        .map_err(|error| Error::parameter("schema", error.to_string()))?;
        let prototype = plan.prototype();
        let num_leaves = prototype.num_keys().max(1);
        Ok(Self {
            plan,
            prototype,
            nested,
            num_leaves,
            limits,
            bad_lines,
        })
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Decodes a block of which nothing is known.
    pub(super) fn decode(&self, block: Block) -> Result<Decoded, Failure> {
        match scan(block.clone(), &self.prototype, &self.limits, BadLines::Fail) {
            Ok(scanned) => self.decode_scanned(scanned),
            Err(_) => self.decode_sifted(block, Vec::new()),
        }
    }

    /// Decodes a block of lines that are JSON.
    pub(super) fn decode_scanned(&self, scanned: Scanned) -> Result<Decoded, Failure> {
        let Scanned {
            block,
            shape,
            num_rows,
            rejected,
        } = scanned;
        self.check_cells(&block, num_rows)?;
        if self.plan.misfit(&shape).is_none()
            && let Ok(batches) = self.batches(&block, &shape, num_rows)
        {
            let num_lines = block.num_lines();
            return Ok(Decoded {
                batches,
                num_rows,
                num_lines,
                first_line: block.first_line,
                rejected,
            });
        }
        self.decode_sifted(block, rejected)
    }

    /// Decodes a block with a bad line, after a look at every single one: the error is that of the first bad line,
    /// wherever blocks were cut.
    fn decode_sifted(
        &self,
        mut block: Block,
        mut rejected: Vec<Fault>,
    ) -> Result<Decoded, Failure> {
        let num_lines = block.num_lines();
        self.check_cells(&block, block.lines().count())?;
        let found = sift(&mut block, |line, number| match self.check(line, number) {
            Err(fault) if self.bad_lines == BadLines::Fail => Err(Fault {
                fatal: true,
                ..fault
            }),
            checked => checked,
        });
        rejected.extend(found.map_err(Failure::Line)?);
        rejected.sort_by_key(|fault| fault.line);
        let (shape, num_rows) =
            gather(&block, &self.prototype, &self.limits).map_err(Failure::Line)?;
        let batches = self
            .batches(&block, &shape, num_rows)
            .map_err(Failure::Whole)?;
        Ok(Decoded {
            batches,
            num_rows,
            num_lines,
            first_line: block.first_line,
            rejected,
        })
    }

    /// Whether one line can be read.
    fn check(&self, line: &[u8], number: u64) -> Result<(), Fault> {
        let mut shape = self.prototype.clone();
        Scan::new(&self.limits).line(line, number, &mut shape)?;
        if let Some(fault) = self.plan.misfit(&shape) {
            return Err(fault);
        }
        let block = Block {
            bytes: line.to_vec(),
            first_line: number,
        };
        let batches = self.batches(&block, &shape, 1);
        batches.map(|_| ()).map_err(|error| explain(&error, number))
    }

    /// Refuses a block that would become very many cells.
    fn check_cells(&self, block: &Block, num_rows: usize) -> Result<(), Failure> {
        let (num_bytes, num_leaves) = (block.bytes.len(), self.num_leaves);
        let most = MAX_CELLS.max(num_bytes.saturating_mul(MAX_CELLS_PER_BYTE));
        if num_rows.saturating_mul(num_leaves) <= most {
            return Ok(());
        }
        let message =
            format!("{num_rows} lines of {num_bytes} bytes would become {num_leaves} columns");
        Err(Failure::Whole(ArrowError::MemoryError(message)))
    }

    fn batches(
        &self,
        block: &Block,
        shape: &Shape,
        num_rows: usize,
    ) -> Result<Vec<RecordBatch>, ArrowError> {
        let quoted = if self.plan.has_nested_text(shape) {
            Some(self.quoted(block)?)
        } else {
            None
        };
        let bytes = quoted.as_deref().unwrap_or(&block.bytes);
        let batch_rows = (MAX_CELLS / self.num_leaves).clamp(1, num_rows.max(1));
        let batches = contained(|| {
            let decoder = ReaderBuilder::new(self.nested.clone())
                .with_batch_size(batch_rows)
                .with_coerce_primitive(true);
            decode_all(decoder.build_decoder()?, bytes)
        })?;
        let arranged = batches.iter().map(|batch| self.plan.arrange(batch));
        arranged.collect::<Result<_>>().map_err(into_arrow)
    }

    fn quoted(&self, block: &Block) -> Result<Vec<u8>, ArrowError> {
        let mut quoted = Vec::with_capacity(block.bytes.len() * 2);
        for (_, line) in block.lines() {
            let text = std::str::from_utf8(line)
                .map_err(|error| ArrowError::JsonError(error.to_string()))?;
            quote_nested(text, self.plan.root(), &mut quoted)
                .map_err(|fault| ArrowError::JsonError(fault.message))?;
            quoted.push(b'\n');
        }
        Ok(quoted)
    }
}

fn decode_all(mut decoder: Decoder, mut bytes: &[u8]) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut batches = Vec::new();
    loop {
        let read = decoder.decode(bytes)?;
        bytes = &bytes[read..];
        match decoder.flush()? {
            Some(batch) => batches.push(batch),
            None => return Ok(batches),
        }
    }
}

/// What the decoder found wrong with a line, and where: it puts the names of columns before its message, one by one.
fn explain(error: &ArrowError, line: u64) -> Fault {
    let text = match error {
        ArrowError::JsonError(text) => text.as_str(),
        other => return Fault::new(line, None, other.to_string()),
    };
    let mut message = text;
    let mut path = Vec::new();
    while let Some(rest) = message.strip_prefix("whilst decoding field '")
        && let Some((name, rest)) = rest.split_once("': ")
    {
        path.push(name);
        message = rest;
    }
    let column = (!path.is_empty()).then(|| flattened_name(&path, "."));
    match message.char_indices().nth(MAX_MESSAGE_CHARS) {
        None => Fault::new(line, column, message),
        Some((end, _)) => Fault::new(line, column, format!("{}…", &message[..end])),
    }
}

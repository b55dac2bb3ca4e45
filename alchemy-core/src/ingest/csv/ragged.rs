//! Records with too few or too many fields.

use super::blocks::{Block, Cut};
use super::records::{Dialect, Ending, line_breaks};
use crate::{Action, Ledger, shorten};

/// What to do with a record that has another number of fields than the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RaggedRows {
    /// It is an error.
    #[default]
    Fail,
    /// It is left out, and counted in the ledger as [`Action::RowRejected`] with its line.
    Reject,
    /// Fields that are not there are missing, and counted in the ledger as [`Action::Nulled`] by column. A record with
    /// too many fields is rejected.
    Pad,
}

/// The ragged records of a block.
#[derive(Debug, Default)]
pub(super) struct Ragged {
    rejected: usize,
    /// The first few rejected: the record's number in the block, and what is wrong with it.
    examples: Vec<(usize, String)>,
    /// How many records have no field for each column.
    absent: Vec<usize>,
}

/// A block made regular.
#[derive(Debug)]
pub(super) struct Mended {
    pub(super) block: Block,
    /// The line of each record of `block` in the file.
    pub(super) lines: Vec<u64>,
    pub(super) ragged: Ragged,
}

impl Ragged {
    /// Rejected records kept as examples, of one block.
    const EXAMPLES: usize = 16;

    /// The name under which the ledger counts what reading did.
    const STEP: &str = "alchemy-core/csv";

    /// Enters the records of a block into `ledger`. `num_rows` of them were kept.
    pub(super) fn record(&self, ledger: &mut Ledger, header: &[String], num_rows: usize) {
        let num_records = num_rows + self.rejected;
        ledger.enter(Self::STEP);
        ledger.enter_rows(num_records);
        let examples = self.examples.iter().map(|(row, text)| (*row, text));
        ledger.record_with(
            "",
            Action::RowRejected,
            self.rejected,
            num_records,
            examples,
        );
        for (name, absent) in header.iter().zip(&self.absent) {
            ledger.record(name, Action::Nulled, *absent, num_records);
        }
    }
}

/// Rejects or pads the ragged records of a block; `None` if there are none.
pub(super) fn mend(
    block: &Block,
    num_fields: usize,
    policy: RaggedRows,
    dialect: Dialect,
) -> Result<Option<Mended>, EndsInside> {
    let mut bytes = Vec::with_capacity(block.bytes.len());
    let mut lines = Vec::new();
    let mut ragged = Ragged {
        absent: vec![0; num_fields],
        ..Ragged::default()
    };
    let mut any = false;
    for (row, (line, record)) in block.records(dialect).enumerate() {
        if block.cut == Cut::Likely && record.ending != Ending::LineBreak {
            return Err(EndsInside);
        }
        let text = &block.bytes[record.start..record.end];
        any |= record.num_fields != num_fields;
        if record.num_fields == num_fields {
            bytes.extend_from_slice(text);
        } else if record.num_fields < num_fields && policy == RaggedRows::Pad {
            bytes.extend_from_slice(without_break(text));
            bytes.extend(std::iter::repeat_n(
                dialect.delimiter,
                num_fields - record.num_fields,
            ));
            bytes.push(b'\n');
            for absent in &mut ragged.absent[record.num_fields..] {
                *absent += 1;
            }
        } else {
            ragged.rejected += 1;
            if ragged.examples.len() < Ragged::EXAMPLES {
                let text = String::from_utf8_lossy(without_break(text));
                let found = record.num_fields;
                let example = format!("line {line}: {found} fields: {}", shorten(&text));
                ragged.examples.push((row, example));
            }
            continue;
        }
        lines.push(line);
    }
    let block = Block {
        line_breaks: line_breaks(&bytes),
        bytes,
        first_line: block.first_line,
        cut: Cut::Known,
    };
    Ok(any.then_some(Mended {
        block,
        lines,
        ragged,
    }))
}

/// The block ends inside a record.
#[derive(Debug)]
pub(super) struct EndsInside;

fn without_break(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

//! An opened CSV input: its header, and then its cells, a few blocks at a time.

use std::io::Read;
use std::sync::mpsc;

use super::blocks::{Block, Blocks};
use super::cells::{CellRules, Cells};
use crate::ingest::failure::{Origin, contain};
use crate::{Error, Ledger, Result};

/// Blocks of a group for each thread: so many that threads seldom wait for one another.
const BLOCKS_PER_THREAD: usize = 8;

/// An input positioned after its header.
#[derive(Debug)]
pub(super) struct Source<R> {
    blocks: Blocks<R>,
    rules: CellRules,
    /// The names of the columns, all different.
    pub(super) header: Vec<String>,
    /// Why the input ended, when what came before it is not handed out yet.
    failure: Option<Error>,
}

/// A block by its number in a group, and its cells unless it ends inside a record.
type Decoded = (usize, Block, Result<Option<Cells>>);

impl<R: Read> Source<R> {
    /// Takes the header from the input unless `names` are given.
    pub(super) fn start(
        mut blocks: Blocks<R>,
        rules: CellRules,
        names: Option<&[String]>,
        max_columns: usize,
    ) -> Result<Self> {
        let header = match names {
            Some(names) => names.to_vec(),
            None => read_header(&mut blocks, &rules, max_columns)?,
        };
        Ok(Self {
            blocks,
            rules,
            header,
            failure: None,
        })
    }

    pub(super) fn origin(&self) -> &Origin {
        self.blocks.origin()
    }

    /// The cells of the next few blocks, in file order; empty at the end of the input. `columns` are the positions
    /// wanted. Records that are not as the header says enter `ledger`.
    ///
    /// This thread reads while the others decode; how many there are shows in no result and no error.
    pub(super) fn next_group(
        &mut self,
        columns: &[usize],
        ledger: &mut Ledger,
    ) -> Result<Vec<Cells>> {
        loop {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            let mut decoded = self.decode_some(columns)?;
            decoded.sort_unstable_by_key(|(index, ..)| *index);
            let mut group = Vec::with_capacity(decoded.len());
            let mut decoded = decoded.into_iter();
            let mut cut_wrong = Vec::new();
            for (_, block, cells) in decoded.by_ref() {
                let Some(cells) = cells? else {
                    cut_wrong.push(block);
                    break;
                };
                cells.ragged.record(ledger, &self.header, cells.num_rows);
                group.push(cells);
            }
            if cut_wrong.is_empty() {
                if !group.is_empty() || self.failure.is_none() {
                    return Ok(group);
                }
            } else {
                // A block that ends inside a record is cut anew, and so are those after it.
                cut_wrong.extend(decoded.map(|(_, block, _)| block));
                self.blocks.put_back(cut_wrong);
                if !group.is_empty() {
                    return Ok(group);
                }
            }
        }
    }

    /// Reads blocks and decodes them; when reading fails, that is kept for after the blocks before it.
    fn decode_some(&mut self, columns: &[usize]) -> Result<Vec<Decoded>> {
        let Self { blocks, rules, .. } = self;
        let (origin, num_fields) = (blocks.origin().clone(), self.header.len());
        let (origin, rules) = (&origin, &*rules);
        let (done, decoded) = mpsc::channel();
        let most = BLOCKS_PER_THREAD * rayon::current_num_threads();
        let mut read = || {
            rayon::in_place_scope(|scope| {
                for index in 0..most {
                    let Some(block) = blocks.next_block()? else {
                        break;
                    };
                    let done = done.clone();
                    scope.spawn(move |_| {
                        let cells = rules.decode(&block, num_fields, columns, origin);
                        // Who would receive it waits for the scope to end.
                        let _ = done.send((index, block, cells));
                    });
                }
                Ok(())
            })
        };
        self.failure = contain(origin, || Ok(read()))?.err();
        drop(done);
        Ok(decoded.into_iter().collect())
    }
}

fn read_header<R: Read>(
    blocks: &mut Blocks<R>,
    rules: &CellRules,
    max_columns: usize,
) -> Result<Vec<String>> {
    let Some(record) = blocks.next_record()? else {
        return Err(blocks.origin().error("is empty: there is no header line"));
    };
    let fail = |column, message: String| {
        let line = record.first_line;
        Err(blocks.origin().at(line, column, message))
    };
    if record.bytes.contains(&0) {
        let message = "the header holds a zero byte; is the text UTF-16, or no text at all?";
        return fail(None, message.to_owned());
    }
    let num_columns = rules.num_fields(&record);
    if num_columns > max_columns {
        let message = format!("has {num_columns} columns, more than the limit of {max_columns}");
        return fail(None, message);
    }
    let names = rules.header(&record, blocks.origin())?;
    match first_repeated(&names) {
        None => Ok(names),
        Some(name) => {
            let message = "the name occurs more than once in the header";
            fail(Some(name), message.to_owned())
        }
    }
}

/// The first name that an earlier one equals.
pub(super) fn first_repeated(names: &[String]) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    names
        .iter()
        .map(String::as_str)
        .find(|name| !seen.insert(*name))
}

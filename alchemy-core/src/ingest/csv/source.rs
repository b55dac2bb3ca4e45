//! An opened CSV input: its header, and then its cells, a few blocks at a time.

use std::io::Read;

use rayon::prelude::*;

use super::blocks::Blocks;
use super::cells::{CellRules, Cells};
use crate::Result;
use crate::ingest::failure::Origin;

/// An input positioned after its header.
#[derive(Debug)]
pub(super) struct Source<R> {
    blocks: Blocks<R>,
    rules: CellRules,
    /// The names of the columns, all different.
    pub(super) header: Vec<String>,
}

impl<R: Read> Source<R> {
    /// Skips lines, then takes the header from the input unless `names` are given.
    pub(super) fn start(
        mut blocks: Blocks<R>,
        rules: CellRules,
        skip_lines: usize,
        names: Option<&[String]>,
        max_columns: usize,
    ) -> Result<Self> {
        blocks.skip_lines(skip_lines)?;
        let header = match names {
            Some(names) => names.to_vec(),
            None => read_header(&mut blocks, &rules, max_columns)?,
        };
        Ok(Self {
            blocks,
            rules,
            header,
        })
    }

    pub(super) fn origin(&self) -> &Origin {
        self.blocks.origin()
    }

    /// The cells of the next few blocks, at most one for each thread, in file order; empty at the end of
    /// the input. `columns` are the positions wanted.
    pub(super) fn next_group(&mut self, columns: &[usize]) -> Result<Vec<Cells>> {
        loop {
            let mut blocks = Vec::new();
            while blocks.len() < rayon::current_num_threads()
                && let Some(block) = self.blocks.next_block()?
            {
                blocks.push(block);
            }
            let (rules, origin, num_fields) = (&self.rules, self.origin(), self.header.len());
            let decoded: Vec<Result<Option<Cells>>> = blocks
                .par_iter()
                .map(|block| rules.decode(block, num_fields, columns, origin))
                .collect();
            let mut group = Vec::with_capacity(blocks.len());
            for cells in decoded {
                match cells? {
                    Some(cells) => group.push(cells),
                    None => break,
                }
            }
            // A block that ends inside a record is cut anew, and so are those after it.
            let cut_wrong = blocks.split_off(group.len());
            if cut_wrong.is_empty() {
                return Ok(group);
            }
            self.blocks.put_back(cut_wrong);
            if !group.is_empty() {
                return Ok(group);
            }
        }
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
    let num_columns = rules.num_fields(&record);
    if num_columns > max_columns {
        let message = format!("has {num_columns} columns, more than the limit of {max_columns}");
        return Err(blocks.origin().at(record.first_line, None, message));
    }
    let names = rules.header(&record, blocks.origin())?;
    match first_repeated(&names) {
        None => Ok(names),
        Some(name) => {
            let message = "the name occurs more than once in the header";
            Err(blocks.origin().at(record.first_line, Some(name), message))
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

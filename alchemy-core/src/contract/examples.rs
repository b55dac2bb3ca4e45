//! A few of the cells at fault, the same whatever the order of rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use arrow::array::ArrayRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};

use crate::shorten;

/// The first different cells in the order of text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Examples(BTreeSet<String>);

impl Examples {
    /// Keeps `cell` if it is among the first `most`.
    pub(super) fn add(&mut self, cell: &str, most: usize) {
        if self.0.len() < most {
            self.0.insert(shorten(cell));
            return;
        }
        if self.0.last().is_some_and(|last| cell < last.as_str()) {
            self.0.insert(shorten(cell));
            if self.0.len() > most {
                self.0.pop_last();
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, most: usize) {
        other.0.iter().for_each(|cell| self.add(cell, most));
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

/// The cells of a column as text, printed into one buffer.
pub(super) struct CellTexts<'a> {
    formatter: ArrayFormatter<'a>,
    buffer: String,
}

impl<'a> CellTexts<'a> {
    /// `None` for a type that cannot be printed.
    pub(super) fn new(array: &'a ArrayRef, options: &'a FormatOptions<'a>) -> Option<Self> {
        Some(Self {
            formatter: ArrayFormatter::try_new(array.as_ref(), options).ok()?,
            buffer: String::new(),
        })
    }

    /// The cell of `row`.
    pub(super) fn at(&mut self, row: usize) -> &str {
        self.buffer.clear();
        // Writing to a string does not fail, and a cell that cannot be printed prints as that.
        let _ = write!(self.buffer, "{}", self.formatter.value(row));
        &self.buffer
    }
}

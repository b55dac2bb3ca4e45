//! Which rows are equal: rows as byte strings, and tables of them.
//!
//! The values of a row are written one behind the other (`encode`), hashed with a random key, and parted by their hash; each
//! part has a table of its own, which one thread fills in the order of rows. So neither threads nor hashes show.
//!
//! The hash is XXH3 with a seed that is random in each process: whoever writes the data beforehand cannot choose keys that
//! fall into one slot. It is no cryptographic hash: it does not withstand someone who can measure this process at length.
//! Where keys are kept by value that costs time alone, never a wrong answer.

mod arena;
mod encode;
mod first_rows;
mod partition;
mod seen;
#[cfg(test)]
mod tests;

use std::ops::Range;

use arrow::array::{Array, ArrayRef};

pub use first_rows::first_equal_rows;
pub use seen::SeenKeys;

/// When two floats of a key are the same. Within a list or a struct they always are by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatKeys {
    /// As numbers: 0.0 and −0.0 are the same, and NaN is missing.
    ByValue,
    /// By their bits.
    ByBits,
}

fn sliced(columns: &[ArrayRef], rows: &Range<usize>) -> Vec<ArrayRef> {
    let slice = |column: &ArrayRef| column.slice(rows.start, rows.len());
    columns.iter().map(slice).collect()
}

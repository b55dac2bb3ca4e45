//! Equal rows of one table.

use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::{Array, ArrayRef};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

use super::encode::EncodedKeys;
use super::partition::{BLOCK_ROWS, PARTS, Parted, blocks, kept, of_kept};
use super::{FloatKeys, sliced};
use crate::parallel::try_collect;
use crate::stats::keyed_hash;
use crate::{Error, Result};

/// For each row the first row that is equal to it in all of `columns`, which are of the same length: itself, where none
/// before is. Missing is equal to missing.
///
/// Rows are compared by value, so a hash collision joins nothing, and the result does not depend on threads. For a while
/// it holds each row's key (its values, a byte for each, and one or more for the length of a text) and 22 bytes more, and
/// 10 to 21 bytes for each different key.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for 2^32 rows or more, or an Arrow error for a type that has no order.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, StringArray};
/// use alchemy_core::column::{FloatKeys, first_equal_rows};
///
/// let host = Arc::new(StringArray::from(vec!["a", "b", "a"])) as ArrayRef;
/// assert_eq!(first_equal_rows(&[host], FloatKeys::ByValue)?, [0, 1, 0]);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn first_equal_rows(columns: &[ArrayRef], floats: FloatKeys) -> Result<Vec<u32>> {
    let rows = columns.first().map_or(0, Array::len);
    if u32::try_from(rows).is_err() {
        return Err(Error::parameter("batch", "has 2^32 rows or more"));
    }
    let block = |rows: std::ops::Range<usize>| Block::of(columns, rows, floats);
    let first: Vec<AtomicU32> = (0..rows).map(|_| AtomicU32::new(0)).collect();
    let ranges: Vec<_> = blocks(0..rows).collect();
    if let [range] = ranges.as_slice() {
        // Not worth a second thread.
        let block = [block(range.clone())?];
        find(&block, |_| 0..rows, &first);
    } else {
        let blocks = try_collect(ranges.into_par_iter().map(block))?;
        let parted: Vec<Parted> = blocks.par_iter().map(Block::parted).collect();
        (0..PARTS).into_par_iter().for_each(|part| {
            find(&blocks, |block| parted[block].rows(part), &first);
        });
    }
    Ok(first.into_iter().map(AtomicU32::into_inner).collect())
}

struct Block {
    keys: EncodedKeys,
    hashes: Vec<u64>,
}

impl Block {
    fn of(columns: &[ArrayRef], rows: std::ops::Range<usize>, floats: FloatKeys) -> Result<Self> {
        let keys = EncodedKeys::of(&sliced(columns, &rows), floats)?;
        let hashes = keys.iter().map(keyed_hash).collect();
        Ok(Self { keys, hashes })
    }

    fn parted(&self) -> Parted {
        Parted::of(self.hashes.iter().copied())
    }
}

/// Writes the first equal row of the rows that `chosen` gives for each block: those of all equal rows, in order.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer rows than 2^32"
)]
fn find<I: Iterator<Item = usize>>(
    blocks: &[Block],
    chosen: impl Fn(usize) -> I,
    first: &[AtomicU32],
) {
    let key = |row: usize| blocks[row / BLOCK_ROWS].keys.get(row % BLOCK_ROWS);
    let mut seen: HashTable<(u32, u32)> = HashTable::new();
    for (number, block) in blocks.iter().enumerate() {
        for row in chosen(number) {
            let hash = kept(block.hashes[row]);
            let same = |(other, first): &(u32, u32)| {
                *other == hash && key(*first as usize) == block.keys.get(row)
            };
            let row = number * BLOCK_ROWS + row;
            let equal = match seen.entry(of_kept(hash), same, |(hash, _)| of_kept(*hash)) {
                Entry::Occupied(entry) => entry.get().1,
                Entry::Vacant(entry) => entry.insert((hash, row as u32)).get().1,
            };
            // Each row belongs to one part, and all are joined before any is read.
            first[row].store(equal, Ordering::Relaxed);
        }
    }
}

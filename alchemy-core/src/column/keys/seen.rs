//! The different keys of a table that comes in batches.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, BooleanBufferBuilder};
use arrow::buffer::BooleanBuffer;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

use super::arena::Arena;
use super::encode::EncodedKeys;
use super::partition::{BLOCK_ROWS, PARTS, Parted, blocks, kept, of_kept, part};
use super::{FloatKeys, sliced};
use crate::parallel::try_collect;
use crate::stats::{keyed_fingerprint, keyed_hash};
use crate::{Error, Result};

/// Rows that are encoded before their keys are looked up, so that keys of a large batch are not held twice.
const CHUNK_ROWS: usize = 32 * BLOCK_ROWS;

/// The different keys of the rows that came so far.
///
/// A key is kept by value, in as many bytes as [`first_equal_rows`](super::first_equal_rows) says, one or two for its
/// length, and 10 to 21 for the table that finds it; or as a fingerprint of 128 bits, in 20 to 39 bytes all told. The
/// tables grow one at a time, so growing takes no second copy of everything.
///
/// Fingerprints take two different keys of `n` for equal with a chance of about `n²` / 2^129: 10^−25 for 10 million.
/// They are keyed at random in each process, so nobody can choose keys that collide.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, StringArray};
/// use alchemy_core::column::{FloatKeys, SeenKeys};
///
/// let mut seen = SeenKeys::new(FloatKeys::ByValue);
/// let host = |names: [&'static str; 2]| Arc::new(StringArray::from(names.to_vec())) as ArrayRef;
/// let new = seen.insert(&[host(["a", "b"])])?;
/// assert_eq!(new.count_set_bits(), 2);
/// let new = seen.insert(&[host(["c", "a"])])?;
/// assert_eq!(new.iter().collect::<Vec<_>>(), [true, false]);
/// assert_eq!(seen.len(), 3);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug)]
pub struct SeenKeys {
    floats: FloatKeys,
    keys: Store,
}

#[derive(Debug)]
enum Store {
    Values(Vec<Values>),
    Fingerprints(Vec<Fingerprints>),
}

impl SeenKeys {
    /// No key yet; keys are kept by value.
    #[must_use]
    pub fn new(floats: FloatKeys) -> Self {
        Self {
            floats,
            keys: Store::Values((0..PARTS).map(|_| Values::default()).collect()),
        }
    }

    /// No key yet; keys are kept as fingerprints.
    #[must_use]
    pub fn with_fingerprints(floats: FloatKeys) -> Self {
        Self {
            floats,
            keys: Store::Fingerprints((0..PARTS).map(|_| Fingerprints::default()).collect()),
        }
    }

    /// How many different keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.keys {
            Store::Values(parts) => parts.iter().map(|part| part.slots.len()).sum(),
            Store::Fingerprints(parts) => parts.iter().map(|part| part.0.len()).sum(),
        }
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether each row is the first with its key, in `columns` that are of the same length, and of the same types at
    /// every call. Encodings of text do not matter.
    ///
    /// # Errors
    ///
    /// An Arrow error for a type that has no order, or [`Error::InvalidParameter`] if keys kept by value take more than
    /// 256 GiB.
    pub fn insert(&mut self, columns: &[ArrayRef]) -> Result<BooleanBuffer> {
        let rows = columns.first().map_or(0, Array::len);
        let mut new = BooleanBufferBuilder::new(rows);
        new.append_n(rows, true);
        let floats = self.floats;
        for start in (0..rows.max(1)).step_by(CHUNK_ROWS) {
            let chunk = start..rows.min(start + CHUNK_ROWS);
            let repeated = match &mut self.keys {
                Store::Values(parts) => insert(parts, columns, chunk, floats)?,
                Store::Fingerprints(parts) => insert(parts, columns, chunk, floats)?,
            };
            for row in repeated.into_iter().flatten() {
                new.set_bit(row, false);
            }
        }
        Ok(new.finish())
    }
}

/// Puts the keys of `chunk` into their parts, and gives the rows of each whose key was there.
fn insert<P: Part>(
    parts: &mut [P],
    columns: &[ArrayRef],
    chunk: Range<usize>,
    floats: FloatKeys,
) -> Result<Vec<Vec<usize>>> {
    let block = |rows: Range<usize>| -> Result<(usize, P::Block)> {
        let keys = EncodedKeys::of(&sliced(columns, &rows), floats)?;
        Ok((rows.start, P::hashed(keys)))
    };
    let ranges: Vec<Range<usize>> = blocks(chunk).collect();
    if let [range] = ranges.as_slice() {
        // Not worth a second thread.
        let (start, block) = block(range.clone())?;
        let mut repeated = Vec::new();
        for row in 0..range.len() {
            if !parts[part(P::hash(&block, row))].insert(&block, row)? {
                repeated.push(start + row);
            }
        }
        return Ok(vec![repeated]);
    }
    let blocks = try_collect(ranges.into_par_iter().map(|range| {
        let rows = range.len();
        let (start, block) = block(range)?;
        let parted = Parted::of((0..rows).map(|row| P::hash(&block, row)));
        Ok((start, block, parted))
    }))?;
    try_collect(parts.par_iter_mut().enumerate().map(|(number, part)| {
        let mut repeated = Vec::new();
        for (start, block, parted) in &blocks {
            for row in parted.rows(number) {
                if !part.insert(block, row)? {
                    repeated.push(start + row);
                }
            }
        }
        Ok(repeated)
    }))
}

/// The keys of one part.
trait Part: Send {
    /// The keys of a block, hashed.
    type Block: Send + Sync;
    fn hashed(keys: EncodedKeys) -> Self::Block;
    fn hash(block: &Self::Block, row: usize) -> u64;
    /// Whether the key of `row` is new.
    fn insert(&mut self, block: &Self::Block, row: usize) -> Result<bool>;
}

/// Keys by value.
#[derive(Debug, Default)]
struct Values {
    slots: HashTable<Slot>,
    keys: Arena,
}

#[derive(Debug)]
struct Slot {
    hash: u32,
    /// Where the key is in the arena.
    place: u32,
}

impl Part for Values {
    type Block = (EncodedKeys, Vec<u64>);

    fn hashed(keys: EncodedKeys) -> Self::Block {
        let hashes = keys.iter().map(keyed_hash).collect();
        (keys, hashes)
    }

    fn hash((_, hashes): &Self::Block, row: usize) -> u64 {
        hashes[row]
    }

    fn insert(&mut self, (keys, hashes): &Self::Block, row: usize) -> Result<bool> {
        let (key, hash) = (keys.get(row), kept(hashes[row]));
        let same = |slot: &Slot| slot.hash == hash && self.keys.get(slot.place) == key;
        let entry = self
            .slots
            .entry(of_kept(hash), same, |slot| of_kept(slot.hash));
        let Entry::Vacant(entry) = entry else {
            return Ok(false);
        };
        let place = self.keys.push(key).ok_or_else(|| {
            Error::parameter(
                "columns",
                "have keys of more than 256 GiB: use fingerprints",
            )
        })?;
        entry.insert(Slot { hash, place });
        Ok(true)
    }
}

/// Keys as fingerprints.
#[derive(Debug, Default)]
struct Fingerprints(HashTable<u128>);

impl Part for Fingerprints {
    type Block = Vec<u128>;

    fn hashed(keys: EncodedKeys) -> Self::Block {
        keys.iter().map(keyed_fingerprint).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "cut into halves")]
    fn hash(block: &Self::Block, row: usize) -> u64 {
        block[row] as u64
    }

    fn insert(&mut self, block: &Self::Block, row: usize) -> Result<bool> {
        /// The half that does not choose the part.
        fn high(fingerprint: &u128) -> u64 {
            (fingerprint >> 64) as u64
        }
        let fingerprint = block[row];
        let entry = self
            .0
            .entry(high(&fingerprint), |other| *other == fingerprint, high);
        let Entry::Vacant(entry) = entry else {
            return Ok(false);
        };
        entry.insert(fingerprint);
        Ok(true)
    }
}

//! Distinct byte strings, compared by value.

use std::hash::{BuildHasher, RandomState};

/// Keys numbered in the order they first came.
///
/// Their bytes lie end to end, and a hash table with linear probing finds them: a table of boxed keys would allocate for
/// each. Keys with the same hash are told apart by their bytes. The hash has a random seed, so that nobody can choose
/// keys that collide.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeySet {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Positions in `entries`, counted from 1; 0 is free. The length is a power of two, at most half of it in use.
    slots: Vec<usize>,
    hasher: RandomState,
}

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    /// Where the key ends; it starts where the one before ends.
    end: usize,
}

impl KeySet {
    /// The number of `key`, and whether it is new.
    pub(crate) fn insert(&mut self, key: &[u8]) -> (usize, bool) {
        self.insert_hashed(self.hasher.hash_one(key), key)
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The keys by number.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|number| self.key(number))
    }

    fn insert_hashed(&mut self, hash: u64, key: &[u8]) -> (usize, bool) {
        if 2 * self.len() >= self.slots.len() {
            self.grow();
        }
        let mut slot = self.home(hash);
        while let Some(number) = self.slots[slot].checked_sub(1) {
            if self.entries[number].hash == hash && self.key(number) == key {
                return (number, false);
            }
            slot = self.after(slot);
        }
        self.bytes.extend_from_slice(key);
        self.entries.push(Entry {
            hash,
            end: self.bytes.len(),
        });
        self.slots[slot] = self.len();
        (self.len() - 1, true)
    }

    fn key(&self, number: usize) -> &[u8] {
        let start = number
            .checked_sub(1)
            .map_or(0, |before| self.entries[before].end);
        &self.bytes[start..self.entries[number].end]
    }

    fn grow(&mut self) {
        const LEAST_SLOTS: usize = 16;
        let size = (2 * self.slots.len()).max(LEAST_SLOTS);
        self.slots.clear();
        self.slots.resize(size, 0);
        for number in 0..self.len() {
            let mut slot = self.home(self.entries[number].hash);
            while self.slots[slot] != 0 {
                slot = self.after(slot);
            }
            self.slots[slot] = number + 1;
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the lowest bits are kept"
    )]
    fn home(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_the_same_hash_stay_apart() {
        let mut set = KeySet::default();
        let keys: [&[u8]; 4] = [b"a", b"", b"b", b"aa"];
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(set.insert_hashed(7, key), (number, true));
        }
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(set.insert_hashed(7, key), (number, false));
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), keys);
    }

    #[test]
    fn many_keys_are_found_again() {
        let mut set = KeySet::default();
        for round in 0..2 {
            for number in 0_usize..5000 {
                let key = number.to_string();
                assert_eq!(set.insert(key.as_bytes()), (number, round == 0));
            }
        }
        assert_eq!(set.len(), 5000);
    }
}

//! Distinct keys, compared by value.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Byte strings numbered in the order they first came, laid end to end.
///
/// A key is found by its 64-bit hash and then compared, so keys with the same hash stay apart. The hash is seeded at
/// random: input cannot be chosen to collide.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The first key with each hash.
    first: HashMap<u64, usize>,
    /// The next key with the same hash, for the few that share one.
    next: HashMap<usize, usize>,
    hasher: RandomState,
}

impl KeySet {
    /// The number of `key`, and whether it is new.
    pub(super) fn insert(&mut self, key: &[u8]) -> (usize, bool) {
        self.insert_hashed(self.hasher.hash_one(key), key)
    }

    fn insert_hashed(&mut self, hash: u64, key: &[u8]) -> (usize, bool) {
        let new = self.ends.len();
        let mut found = *self.first.entry(hash).or_insert(new);
        while found != new {
            if self.key(found) == key {
                return (found, false);
            }
            found = *self.next.entry(found).or_insert(new);
        }
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        (new, true)
    }

    fn key(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[number]]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
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
        assert_eq!(set.len(), 4);
    }
}

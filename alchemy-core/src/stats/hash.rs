//! A keyed hash for tables of values.

use std::hash::{BuildHasher, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Builds hashers with one random key, so that nobody can choose values that collide. The order of
/// a table never reaches a result.
#[derive(Debug, Clone)]
pub(super) struct KeyedHash(u64);

impl Default for KeyedHash {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for KeyedHash {
    type Hasher = KeyedHasher;

    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher(self.0)
    }
}

/// Chains one-shot XXH3 hashes, which for short values cost less than a streaming state.
#[derive(Debug)]
pub(super) struct KeyedHasher(u64);

impl Hasher for KeyedHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    /// The mark that ends a string adds nothing: strings are hashed alone here.
    fn write_u8(&mut self, _mark: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

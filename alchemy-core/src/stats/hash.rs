//! A keyed hash for tables of values.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// One random key for the process, so that nobody can choose values that collide.
static KEY: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));

/// The hash of `bytes`, another one in every process: it must never reach a result.
pub(crate) fn keyed_hash(bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, *KEY)
}

/// As [`keyed_hash`], in 128 bits.
pub(crate) fn keyed_fingerprint(bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(bytes, *KEY)
}

/// [`keyed_hash`] for the tables of the standard library.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KeyedState;

/// The hash of what was written so far, which keys that of what follows.
#[derive(Debug)]
pub(super) struct KeyedHasher(u64);

impl BuildHasher for KeyedState {
    type Hasher = KeyedHasher;

    #[inline]
    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher(*KEY)
    }
}

impl Hasher for KeyedHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

//! A keyed hash for tables of values.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// One random key for the process, so that nobody can choose values that collide.
static KEY: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));

/// The hash of `bytes`, another one in every process: it must never reach a result.
pub(super) fn keyed_hash(bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, *KEY)
}

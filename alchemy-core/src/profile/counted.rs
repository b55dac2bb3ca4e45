//! Different and frequent values, counted exactly or by sketches.

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::stats::{DistinctSketch, HeavyHitters};

/// How much of a column is kept while it comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Memory {
    /// Every number and every different text.
    #[default]
    All,
    /// Sketches, whose size does not depend on the number of rows.
    Bounded,
}

impl Memory {
    pub(super) fn differs() -> Error {
        Error::parameter(
            "profile",
            "is exact on one side and made of sketches on the other",
        )
    }
}

/// How many values differ, and which occur most often.
#[derive(Debug)]
pub(super) struct Counted<T> {
    pub(super) distinct: u64,
    /// The relative standard error of `distinct`; 0 where it is exact.
    pub(super) distinct_error: f64,
    pub(super) top: Vec<(T, u64)>,
    /// By how much a count of `top` may be too low.
    pub(super) top_error: u64,
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self {
            distinct: 0,
            distinct_error: 0.0,
            top: Vec::new(),
            top_error: 0,
        }
    }
}

impl<T> Counted<T> {
    /// The same with values as text.
    pub(super) fn into_text(self, text: impl Fn(T) -> String) -> Counted<String> {
        let top = self.top.into_iter();
        Counted {
            distinct: self.distinct,
            distinct_error: self.distinct_error,
            top: top.map(|(value, count)| (text(value), count)).collect(),
            top_error: self.top_error,
        }
    }

    pub(super) fn of<K: Hash + Ord + Clone>(
        distinct: &DistinctSketch,
        top: &HeavyHitters<K>,
        k: usize,
        value: impl Fn(&K) -> T,
    ) -> Self {
        let top_values = top.top(k).into_iter();
        Self {
            distinct: distinct.distinct(),
            distinct_error: if distinct.is_exact() {
                0.0
            } else {
                distinct.standard_error()
            },
            top: top_values.map(|(key, count)| (value(key), count)).collect(),
            top_error: top.error(),
        }
    }
}

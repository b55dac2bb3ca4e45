//! How often each value occurs.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::hash::KeyedHash;

/// Exact counts of values.
///
/// Additions and merges commute: order does not show, nor in ties, which go to the smaller value.
/// Missing values are for the caller to leave out. Floats have no equality that suits a table; see
/// [`Ecdf::top`](super::Ecdf::top) for those.
///
/// Holds each distinct value once, and about 40 bytes for each.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Frequencies;
///
/// let mut colours = Frequencies::new();
/// for colour in ["red", "blue", "green", "blue", "green"] {
///     colours.add(colour);
/// }
/// assert_eq!(colours.mode(), Some((&"blue".to_owned(), 2)));
/// assert_eq!(colours.distinct(), 3);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Vec<(K, u64)>", from = "Vec<(K, u64)>")]
#[serde(bound(
    serialize = "K: Ord + Hash + Clone + Serialize",
    deserialize = "K: Ord + Hash + Deserialize<'de>"
))]
pub struct Frequencies<K> {
    counts: HashMap<K, u64, KeyedHash>,
}

impl<K: Ord + Hash> Frequencies<K> {
    /// Counts of no values.
    #[must_use]
    pub fn new() -> Self {
        Self {
            counts: HashMap::default(),
        }
    }

    /// Counts `value` once.
    pub fn add<Q>(&mut self, value: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        match self.counts.get_mut(value) {
            Some(count) => *count += 1,
            None => self.add_many(value.to_owned(), 1),
        }
    }

    /// Counts `value` as often as `count` says.
    pub fn add_many(&mut self, value: K, count: u64) {
        if count > 0 {
            let sum = self.counts.entry(value).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: Self) {
        for (value, count) in other.counts {
            self.add_many(value, count);
        }
    }

    /// How often `value` occurs.
    pub fn count<Q>(&self, value: &Q) -> u64
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.counts.get(value).copied().unwrap_or(0)
    }

    /// How many values there are in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts
            .values()
            .fold(0, |total, count| total.saturating_add(*count))
    }

    /// How many different values there are.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// The most frequent value, the smallest of several, with its count; `None` without values.
    #[must_use]
    pub fn mode(&self) -> Option<(&K, u64)> {
        self.iter().min_by(Self::by_rank)
    }

    /// The `k` most frequent values with their counts, by falling count, then by value.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(&K, u64)> {
        let mut ranked: Vec<_> = self.iter().collect();
        if k < ranked.len() {
            ranked.select_nth_unstable_by(k, Self::by_rank);
            ranked.truncate(k);
        }
        ranked.sort_unstable_by(Self::by_rank);
        ranked
    }

    /// The values with their counts, by value.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&K, u64)> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(b.0));
        sorted
    }

    /// The values with their counts, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, u64)> {
        self.counts.iter().map(|(value, count)| (value, *count))
    }

    fn by_rank(a: &(&K, u64), b: &(&K, u64)) -> std::cmp::Ordering {
        b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0))
    }
}

impl<K: Ord + Hash> Default for Frequencies<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Hash> PartialEq for Frequencies<K> {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

impl<K: Ord + Hash> From<Vec<(K, u64)>> for Frequencies<K> {
    fn from(counts: Vec<(K, u64)>) -> Self {
        let mut frequencies = Self::new();
        for (value, count) in counts {
            frequencies.add_many(value, count);
        }
        frequencies
    }
}

impl<K: Ord + Hash> From<Frequencies<K>> for Vec<(K, u64)> {
    fn from(frequencies: Frequencies<K>) -> Self {
        let mut counts: Self = frequencies.counts.into_iter().collect();
        counts.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(words: &str) -> Frequencies<String> {
        let mut frequencies = Frequencies::new();
        words.split(' ').for_each(|word| frequencies.add(word));
        frequencies
    }

    #[test]
    fn ties_go_to_the_smaller_value() {
        let found = counts("d c b a c d b x");
        let top: Vec<_> = found
            .top(4)
            .into_iter()
            .map(|(word, count)| (word.as_str(), count))
            .collect();
        assert_eq!(top, [("b", 2), ("c", 2), ("d", 2), ("a", 1)]);
        assert_eq!(found.mode(), Some((&"b".to_owned(), 2)));
        assert_eq!(found.top(99).len(), 5);
    }

    #[test]
    fn merges_and_storage_keep_the_counts() {
        let mut merged = counts("a b");
        merged.merge(counts("b c"));
        assert_eq!(merged, counts("b a c b"));
        assert_eq!(
            (merged.total(), merged.distinct(), merged.count("b")),
            (4, 3, 2)
        );
        let text = serde_json::to_string(&merged).unwrap();
        assert_eq!(text, r#"[["a",1],["b",2],["c",1]]"#);
        assert_eq!(
            serde_json::from_str::<Frequencies<String>>(&text).unwrap(),
            merged
        );
    }

    #[test]
    fn nothing_has_no_mode() {
        let nothing = Frequencies::<i64>::new();
        assert_eq!(
            (nothing.mode(), nothing.distinct(), nothing.total()),
            (None, 0, 0)
        );
    }
}

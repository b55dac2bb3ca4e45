//! The most frequent values, in bounded memory.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::hash::KeyedState;
use super::top::top;
use crate::{Error, Result};

/// Counts the most frequent of any number of values with few counters, each count with a guaranteed
/// error.
///
/// With *k* counters and *n* values a count may be too low by at most [`Self::error`], which never
/// exceeds n / (k + 1), and is never too high; so every value that is more frequent than that has a
/// counter. The method is that of Misra & Gries: up to 2 k values are counted; when there is one more, the
/// (k + 1)-th largest count is taken off all, and those that reach zero go.
///
/// **The state depends on the order of the values and of merges**, unlike all else here; the bound
/// does not, and while [`Self::error`] is 0 counts are exact and order does not show. For results that
/// are the same on every run, add and merge in a fixed order.
///
/// `T` is a `String`, an integer, or whatever has a hash and an order; of a float take the bits. Missing
/// values are for the caller to leave out. A value costs about 10 ns, a new text also an allocation;
/// the state holds up to 2 k values, with 20 bytes for each.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::HeavyHitters;
///
/// let mut words = HeavyHitters::<String>::new(2)?;
/// for word in ["a", "b", "a", "c", "a", "d", "e", "a"] {
///     words.add(word);
/// }
/// assert_eq!(words.top(1)[0].0, "a");
/// assert!(words.count("a").contains(&4));
/// assert!(words.error() <= words.total() / 3);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
///
/// # References
///
/// - J. Misra and D. Gries, "Finding repeated elements", 1982,
///   <https://doi.org/10.1016/0167-6423(82)90012-0>.
/// - P. K. Agarwal and others, "Mergeable Summaries", 2012, <https://doi.org/10.1145/2213556.2213562>.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Stored<T>", try_from = "Stored<T>")]
#[serde(bound(
    serialize = "T: Hash + Ord + Clone + Serialize",
    deserialize = "T: Hash + Ord + Clone + Deserialize<'de>"
))]
pub struct HeavyHitters<T> {
    counters: usize,
    total: u64,
    error: u64,
    counts: HashMap<T, u64, KeyedState>,
}

/// With 1,024 counters: a count is too low by less than a thousandth of the values.
impl<T> Default for HeavyHitters<T> {
    fn default() -> Self {
        Self {
            counters: 1024,
            total: 0,
            error: 0,
            counts: HashMap::default(),
        }
    }
}

impl<T: Hash + Ord + Clone> HeavyHitters<T> {
    /// Counts of no values, by `counters` counters.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless `counters` is from 1 to 2^20.
    pub fn new(counters: usize) -> Result<Self> {
        const MOST: usize = 1 << 20;
        if !(1..=MOST).contains(&counters) {
            return Err(Error::parameter(
                "counters",
                format!("must be from 1 to {MOST}, not {counters}"),
            ));
        }
        Ok(Self {
            counters,
            total: 0,
            error: 0,
            counts: HashMap::default(),
        })
    }

    /// Counts `value` once.
    #[inline]
    pub fn add<Q>(&mut self, value: &Q)
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = T> + ?Sized,
    {
        self.add_many(value, 1);
    }

    /// Counts `value` as often as `count` says.
    pub fn add_many<Q>(&mut self, value: &Q, count: u64)
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = T> + ?Sized,
    {
        if count == 0 {
            return;
        }
        self.total = self.total.saturating_add(count);
        if let Some(sum) = self.counts.get_mut(value) {
            *sum = sum.saturating_add(count);
            return;
        }
        self.counts.insert(value.to_owned(), count);
        self.make_room();
    }

    /// Adds all that `other` holds. The fewer counters of the two are kept, and the errors add up, within
    /// the bound for all values together.
    pub fn merge(&mut self, other: &Self) {
        self.counters = self.counters.min(other.counters);
        self.total = self.total.saturating_add(other.total);
        self.error = self.error.saturating_add(other.error);
        for (value, count) in &other.counts {
            let sum = self.counts.entry(value.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.make_room();
    }

    /// How many values there are in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// By how much a count may be too low: at most the total divided by one more than the counters.
    #[must_use]
    pub fn error(&self) -> u64 {
        self.error
    }

    /// The least and the most times that `value` may have occurred.
    #[must_use]
    pub fn count<Q>(&self, value: &Q) -> RangeInclusive<u64>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let least = self.counts.get(value).copied().unwrap_or(0);
        least..=least.saturating_add(self.error)
    }

    /// The `k` values of highest count, with the least times that they occurred, by falling count,
    /// then by value.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(&T, u64)> {
        top(self.counts.iter().map(|(value, count)| (value, *count)), k)
    }

    /// Takes the (k + 1)-th largest count off all, if there are more than 2 k.
    fn make_room(&mut self) {
        if self.counts.len() <= 2 * self.counters {
            return;
        }
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let (_, off, _) = counts.select_nth_unstable_by(self.counters, |a, b| b.cmp(a));
        let off = *off;
        self.error = self.error.saturating_add(off);
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(off);
            *count > 0
        });
    }
}

/// Equal when every answer is, now and after more values.
impl<T: Hash + Eq> PartialEq for HeavyHitters<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.counters, self.total, self.error) == (other.counters, other.total, other.error)
            && self.counts == other.counts
    }
}

impl<T: Hash + Eq> Eq for HeavyHitters<T> {}

/// What is kept: values with their counts, by value.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    counters: usize,
    total: u64,
    error: u64,
    counts: Vec<(T, u64)>,
}

impl<T: Hash + Ord + Clone> From<HeavyHitters<T>> for Stored<T> {
    fn from(found: HeavyHitters<T>) -> Self {
        let mut counts: Vec<(T, u64)> = found.counts.into_iter().collect();
        counts.sort_unstable();
        Self {
            counters: found.counters,
            total: found.total,
            error: found.error,
            counts,
        }
    }
}

impl<T: Hash + Ord + Clone> TryFrom<Stored<T>> for HeavyHitters<T> {
    type Error = String;

    fn try_from(stored: Stored<T>) -> Result<Self, String> {
        let mut found = Self::new(stored.counters).map_err(|error| error.to_string())?;
        // What was taken off was taken off more values than there are counters.
        let taken = stored.error.saturating_mul(stored.counters as u64 + 1);
        let kept = stored.counts.iter().map(|(_, count)| *count);
        let all = kept.fold(taken, u64::saturating_add);
        if all > stored.total || stored.counts.len() > 2 * stored.counters {
            return Err(format!(
                "the counts are not those of {} values",
                stored.total
            ));
        }
        found.total = stored.total;
        found.error = stored.error;
        found.counts = stored.counts.into_iter().collect();
        Ok(found)
    }
}

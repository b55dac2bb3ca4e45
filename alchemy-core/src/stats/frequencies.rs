//! How often each text occurs.

use std::hint::black_box;

use serde::{Deserialize, Serialize};

use super::hash::keyed_hash;
use super::top::top;

/// Exact counts of texts.
///
/// Additions and merges commute: order does not show, nor in ties, which go to the smaller text.
/// Missing values are for the caller to leave out. For numbers see [`Ecdf::top`](super::Ecdf::top).
///
/// Holds the bytes of each different text once, and 40 bytes for each.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Frequencies;
///
/// let colours = Frequencies::from_iter(["red", "blue", "green", "blue", "green"]);
/// assert_eq!(colours.mode(), Some(("blue", 2)));
/// assert_eq!(colours.distinct(), 3);
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(into = "Vec<(String, u64)>", from = "Vec<(String, u64)>")]
pub struct Frequencies {
    /// The different texts, one after the other: a table of strings would allocate for each.
    text: String,
    entries: Vec<Entry>,
    /// A hash table with linear probing. Its length is a power of two, and at most half of it is in use.
    slots: Vec<Slot>,
}

/// The place of an entry in `entries`, counted from 1, in the lower bits; 0 is free. The upper bits are those of its hash:
/// an entry that cannot be the one is passed by without a look at it, which would be a cache miss.
#[derive(Debug, Clone, Copy, Default)]
struct Slot(u64);

impl Slot {
    /// Bits of the place: more entries than memory can hold.
    const PLACE: u64 = (1 << 40) - 1;

    fn new(hash: u64, place: usize) -> Self {
        Self(hash & !Self::PLACE | (place as u64 & Self::PLACE))
    }

    fn is_free(self) -> bool {
        self.0 == 0
    }

    fn may_be(self, hash: u64) -> bool {
        (self.0 ^ hash) & !Self::PLACE == 0
    }

    /// The entry of a slot that is not free.
    fn entry(self) -> usize {
        (self.0 & Self::PLACE) as usize - 1
    }
}

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    /// Where the text ends; it starts where that of the entry before ends.
    end: usize,
    count: u64,
}

/// How many texts are counted together.
const TOGETHER: usize = 16;

/// Texts on their way into [`Frequencies`].
///
/// In a large table nearly every look is a cache miss, first at a slot, then at its entry, then at its text. One text after
/// the other, they add up; here those of a few texts are under way together.
#[derive(Debug)]
pub(crate) struct Adding<'f, 't> {
    frequencies: &'f mut Frequencies,
    /// Texts by their hashes.
    waiting: [(u64, &'t str); TOGETHER],
    count: usize,
}

impl<'t> Adding<'_, 't> {
    pub(crate) fn add(&mut self, text: &'t str) {
        self.waiting[self.count] = (keyed_hash(text.as_bytes()), text);
        self.count += 1;
        if self.count == TOGETHER {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let waiting = &self.waiting[..self.count];
        let table = &*self.frequencies;
        let mut slots = [Slot::default(); TOGETHER];
        for (slot, (hash, _)) in slots.iter_mut().zip(waiting) {
            *slot = table
                .slots
                .get(table.home(*hash))
                .copied()
                .unwrap_or_default();
        }
        let mut ends = [0_usize; TOGETHER];
        for ((end, slot), (hash, _)) in ends.iter_mut().zip(slots).zip(waiting) {
            if !slot.is_free() && slot.may_be(*hash) {
                *end = table.entries[slot.entry()].end;
            }
        }
        let bytes = table.text.as_bytes();
        let touched = ends.iter().filter_map(|end| bytes.get(end.checked_sub(1)?));
        black_box(touched.fold(0, |all, byte| all ^ byte));
        for (hash, text) in waiting {
            self.frequencies.add_hashed(*hash, text, 1);
        }
        self.count = 0;
    }
}

impl Drop for Adding<'_, '_> {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Frequencies {
    /// Counts of no texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `text` once.
    pub fn add(&mut self, text: &str) {
        self.add_hashed(keyed_hash(text.as_bytes()), text, 1);
    }

    /// Counts `text` as often as `count` says.
    pub fn add_many(&mut self, text: &str, count: u64) {
        if count > 0 {
            self.add_hashed(keyed_hash(text.as_bytes()), text, count);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        for (entry, (text, count)) in other.entries.iter().zip(other.iter()) {
            self.add_hashed(entry.hash, text, count);
        }
    }

    /// How often `text` occurs.
    #[must_use]
    pub fn count(&self, text: &str) -> u64 {
        match self.find(keyed_hash(text.as_bytes()), text) {
            Ok(entry) => self.entries[entry].count,
            Err(_) => 0,
        }
    }

    /// How many texts there are in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.iter()
            .fold(0, |total, (_, count)| total.saturating_add(count))
    }

    /// How many different texts there are.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.entries.len()
    }

    /// The most frequent text, the smallest of several, with its count; `None` without texts.
    #[must_use]
    pub fn mode(&self) -> Option<(&str, u64)> {
        self.top(1).pop()
    }

    /// The `k` most frequent texts with their counts, by falling count, then by text.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(&str, u64)> {
        top(self.iter(), k)
    }

    /// The texts with their counts, by text.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_unstable();
        sorted
    }

    /// The texts with their counts, in the order in which they came first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        (0..self.entries.len()).map(|entry| (self.text_of(entry), self.entries[entry].count))
    }

    /// Counts texts a few at a time, which is faster where there are many different ones.
    pub(crate) fn adding<'t>(&mut self) -> Adding<'_, 't> {
        Adding {
            frequencies: self,
            waiting: [(0, ""); TOGETHER],
            count: 0,
        }
    }

    /// Counts `text`, and says which entry it is: the first text is 0, the next other one 1.
    pub(super) fn add_entry(&mut self, text: &str, count: u64) -> usize {
        self.add_hashed(keyed_hash(text.as_bytes()), text, count)
    }

    /// The entry of `text`.
    pub(super) fn entry(&self, text: &str) -> Option<usize> {
        self.find(keyed_hash(text.as_bytes()), text).ok()
    }

    /// The text of an entry and its count.
    pub(super) fn text_and_count(&self, entry: usize) -> (&str, u64) {
        (self.text_of(entry), self.entries[entry].count)
    }

    fn add_hashed(&mut self, hash: u64, text: &str, count: u64) -> usize {
        if 2 * self.entries.len() >= self.slots.len() {
            self.grow();
        }
        match self.find(hash, text) {
            Ok(entry) => {
                let sum = &mut self.entries[entry].count;
                *sum = sum.saturating_add(count);
                entry
            }
            Err(slot) => {
                self.text.push_str(text);
                self.entries.push(Entry {
                    hash,
                    end: self.text.len(),
                    count,
                });
                self.slots[slot] = Slot::new(hash, self.entries.len());
                self.entries.len() - 1
            }
        }
    }

    /// The entry of `text`, or else the free slot where it belongs.
    fn find(&self, hash: u64, text: &str) -> Result<usize, usize> {
        let mut place = self.home(hash);
        loop {
            let slot = match self.slots.get(place) {
                Some(slot) if !slot.is_free() => *slot,
                _ => return Err(place),
            };
            if slot.may_be(hash) {
                let entry = slot.entry();
                if self.entries[entry].hash == hash && self.text_of(entry) == text {
                    return Ok(entry);
                }
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the lowest bits are kept"
    )]
    fn home(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().saturating_sub(1)
    }

    fn grow(&mut self) {
        const LEAST_SLOTS: usize = 16;
        let size = (2 * self.slots.len()).max(LEAST_SLOTS);
        self.slots.clear();
        self.slots.resize(size, Slot::default());
        for entry in 0..self.entries.len() {
            let hash = self.entries[entry].hash;
            let mut place = self.home(hash);
            while !self.slots[place].is_free() {
                place = (place + 1) & (size - 1);
            }
            self.slots[place] = Slot::new(hash, entry + 1);
        }
    }

    fn text_of(&self, entry: usize) -> &str {
        let start = entry
            .checked_sub(1)
            .map_or(0, |before| self.entries[before].end);
        &self.text[start..self.entries[entry].end]
    }
}

impl<'a> Extend<&'a str> for Frequencies {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, texts: I) {
        let mut adding = self.adding();
        texts.into_iter().for_each(|text| adding.add(text));
    }
}

impl<'a> FromIterator<&'a str> for Frequencies {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut frequencies = Self::new();
        frequencies.extend(texts);
        frequencies
    }
}

/// Equal when they count the same texts, in whatever order those came.
impl PartialEq for Frequencies {
    fn eq(&self, other: &Self) -> bool {
        self.distinct() == other.distinct()
            && self.iter().all(|(text, count)| other.count(text) == count)
    }
}

impl Eq for Frequencies {}

impl From<Vec<(String, u64)>> for Frequencies {
    fn from(counts: Vec<(String, u64)>) -> Self {
        let mut frequencies = Self::new();
        for (text, count) in counts {
            frequencies.add_many(&text, count);
        }
        frequencies
    }
}

impl From<Frequencies> for Vec<(String, u64)> {
    fn from(frequencies: Frequencies) -> Self {
        frequencies
            .sorted()
            .into_iter()
            .map(|(text, count)| (text.to_owned(), count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(words: &str) -> Frequencies {
        words.split(' ').collect()
    }

    #[test]
    fn ties_go_to_the_smaller_text() {
        let found = counts("d c b a c d b x");
        assert_eq!(found.top(4), [("b", 2), ("c", 2), ("d", 2), ("a", 1)]);
        assert_eq!(found.mode(), Some(("b", 2)));
        assert_eq!(found.top(99).len(), 5);
    }

    #[test]
    fn merges_and_storage_keep_the_counts() {
        let mut merged = counts("a b");
        merged.merge(&counts("b c"));
        assert_eq!(merged, counts("b a c b"));
        assert_ne!(merged, counts("b a c c"));
        assert_eq!(
            (merged.total(), merged.distinct(), merged.count("b")),
            (4, 3, 2)
        );
        let text = serde_json::to_string(&merged).unwrap();
        assert_eq!(text, r#"[["a",1],["b",2],["c",1]]"#);
        assert_eq!(serde_json::from_str::<Frequencies>(&text).unwrap(), merged);
    }

    #[test]
    fn nothing_has_no_mode() {
        let nothing = Frequencies::new();
        assert_eq!(
            (nothing.mode(), nothing.distinct(), nothing.count("")),
            (None, 0, 0)
        );
    }

    #[test]
    fn many_texts_are_told_apart() {
        let words: Vec<String> = (0..5000).map(|i| format!("{}", i % 1700)).collect();
        let found: Frequencies = words.iter().map(String::as_str).collect();
        assert_eq!(
            (found.distinct(), found.count("0"), found.count("1699")),
            (1700, 3, 2)
        );
        assert_eq!(found.count("1700"), 0);
    }
}

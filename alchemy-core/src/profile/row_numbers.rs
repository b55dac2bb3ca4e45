//! Which rows of a table a profile has seen, so that a merge knows whether their numbers still hold.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The rows taken in, by their numbers in the whole table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct RowNumbers {
    next: u64,
    /// Ranges of rows in order, none of which touch; `None` once a row was taken in twice, which
    /// means that parts were numbered from the same start.
    seen: Option<Vec<Range<u64>>>,
}

impl RowNumbers {
    /// No rows yet; the first to come has the number `first`.
    pub(super) fn starting_at(first: u64) -> Self {
        Self {
            next: first,
            seen: Some(Vec::new()),
        }
    }

    /// Takes in `rows` more and says the number of the first of them.
    pub(super) fn take(&mut self, rows: u64) -> u64 {
        let first = self.next;
        self.next = first.saturating_add(rows);
        self.see(first..self.next);
        first
    }

    /// Adds the rows of `other`. Merges commute and associate.
    pub(super) fn merge(&mut self, other: Self) {
        self.next = self.next.max(other.next);
        match other.seen {
            Some(ranges) => ranges.into_iter().for_each(|range| self.see(range)),
            None => self.seen = None,
        }
    }

    /// Whether every row has a number of its own.
    pub(super) fn are_known(&self) -> bool {
        self.seen.is_some()
    }

    fn see(&mut self, mut range: Range<u64>) {
        let Some(seen) = &mut self.seen else { return };
        if range.is_empty() {
            return;
        }
        let at = seen.partition_point(|before| before.end < range.start);
        let touching = seen[at..].partition_point(|after| after.start <= range.end);
        let touched = at..at + touching;
        if seen[touched.clone()]
            .iter()
            .any(|other| other.start < range.end && range.start < other.end)
        {
            self.seen = None;
            return;
        }
        for other in &seen[touched.clone()] {
            range = range.start.min(other.start)..range.end.max(other.end);
        }
        seen.splice(touched, [range]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(first: u64, count: u64) -> RowNumbers {
        let mut rows = RowNumbers::starting_at(first);
        rows.take(count);
        rows
    }

    #[test]
    fn parts_in_any_order_make_one_range() {
        let mut merged = rows(20, 10);
        for (first, count) in [(0, 5), (30, 1), (10, 0), (5, 15)] {
            merged.merge(rows(first, count));
        }
        assert_eq!(merged, rows(0, 31));
        assert_eq!(merged.take(1), 31);
    }

    #[test]
    fn a_row_seen_twice_ends_the_numbering() {
        for other in [rows(0, 1), rows(9, 1), rows(5, 100), rows(0, 10)] {
            let mut merged = rows(0, 10);
            merged.merge(other);
            assert!(!merged.are_known());
            merged.merge(rows(500, 1));
            assert!(!merged.are_known());
        }
        let mut merged = rows(0, 10);
        merged.merge(rows(0, 0));
        merged.merge(rows(10, 1));
        assert!(merged.are_known());
    }
}

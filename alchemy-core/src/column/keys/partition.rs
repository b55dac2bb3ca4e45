//! The rows of a block, parted by their hash.

use std::ops::Range;

/// Parts that are worked on in parallel, each by one thread; as many whatever the threads.
pub(super) const PARTS: usize = 64;

/// Rows of a block, which are encoded and hashed by one thread while they are in its cache.
pub(super) const BLOCK_ROWS: usize = 1 << 13;

/// The blocks of `rows` rows: at least one, which may be empty.
pub(super) fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let count = rows.len().div_ceil(BLOCK_ROWS).max(1);
    (0..count).map(move |block| {
        let start = rows.start + block * BLOCK_ROWS;
        start..rows.end.min(start + BLOCK_ROWS)
    })
}

/// The rows of a block by part, in order within each.
#[derive(Debug)]
pub(super) struct Parted {
    rows: Vec<u16>,
    ends: Vec<u16>,
}

impl Parted {
    /// Parts rows by their hashes, of which the lowest bits choose the part.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rows of a block fit into 16 bits"
    )]
    pub(super) fn of(hashes: impl Iterator<Item = u64> + Clone) -> Self {
        let mut starts = [0; PARTS];
        hashes.clone().for_each(|hash| starts[part(hash)] += 1);
        let mut total = 0;
        for start in &mut starts {
            total += std::mem::replace(start, total);
        }
        let mut rows = vec![0; usize::from(total)];
        for (row, hash) in hashes.enumerate() {
            let at = &mut starts[part(hash)];
            rows[usize::from(*at)] = row as u16;
            *at += 1;
        }
        Self {
            rows,
            // Each start has moved to where its part ends.
            ends: starts.to_vec(),
        }
    }

    /// The rows of `part`.
    pub(super) fn rows(&self, part: usize) -> impl Iterator<Item = usize> {
        let end = |part: usize| usize::from(self.ends[part]);
        let start = part.checked_sub(1).map_or(0, end);
        let rows = &self.rows[start..end(part)];
        rows.iter().map(|row| usize::from(*row))
    }
}

/// The part that `hash` falls into.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only the lowest bits are kept"
)]
pub(super) fn part(hash: u64) -> usize {
    hash as usize % PARTS
}

/// The half of a hash that tables keep: another one than chooses the part.
pub(super) fn kept(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash for a table out of what it keeps: all of the table's slots and all of its tags are reached.
pub(super) fn of_kept(kept: u32) -> u64 {
    u64::from(kept) << 32 | u64::from(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_part_in_order() {
        let hash = |row: u64| row.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(20);
        let rows = BLOCK_ROWS as u64;
        let parted = Parted::of((0..rows).map(hash));
        let mut all = Vec::new();
        for number in 0..PARTS {
            let rows: Vec<usize> = parted.rows(number).collect();
            assert!(rows.is_sorted());
            assert!(rows.iter().all(|row| part(hash(*row as u64)) == number));
            all.extend(rows);
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..BLOCK_ROWS));
    }

    #[test]
    fn blocks_cover_rows_and_no_row_is_a_block() {
        let count = |rows: usize| {
            blocks(3..3 + rows)
                .map(|block| block.len())
                .collect::<Vec<_>>()
        };
        assert_eq!(count(0), [0]);
        assert_eq!(count(BLOCK_ROWS), [BLOCK_ROWS]);
        assert_eq!(count(BLOCK_ROWS + 1), [BLOCK_ROWS, 1]);
    }
}

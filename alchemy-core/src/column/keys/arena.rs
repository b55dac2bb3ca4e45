//! Byte strings kept for as long as the table that refers to them.

use super::encode::{prefix_length, read_prefix, write_prefix};

/// A segment is as large as this at most, but for a single string that is larger.
const SEGMENT_BYTES: usize = 1 << POSITION_BITS;
const POSITION_BITS: u32 = 20;
/// As many as the bits that are left of a place.
const MOST_SEGMENTS: usize = 1 << (32 - POSITION_BITS);

/// Strings end to end in segments, each behind its length: what is kept is never moved to make room for more.
#[derive(Debug, Default)]
pub(super) struct Arena {
    segments: Vec<Vec<u8>>,
}

impl Arena {
    /// Keeps `string` and gives its place, or `None` if the arena is full.
    pub(super) fn push(&mut self, string: &[u8]) -> Option<u32> {
        let prefix = prefix_length(string.len());
        let room = |segment: &Vec<u8>| segment.len() + prefix + string.len() <= SEGMENT_BYTES;
        if !self.segments.last().is_some_and(room) {
            if self.segments.len() == MOST_SEGMENTS {
                return None;
            }
            // The first one grows as it is filled: a small table is all there may be.
            let capacity = if self.segments.is_empty() {
                0
            } else {
                SEGMENT_BYTES
            };
            self.segments.push(Vec::with_capacity(capacity));
        }
        let number = u32::try_from(self.segments.len() - 1).ok()?;
        let segment = self.segments.last_mut()?;
        let position = u32::try_from(segment.len()).ok()?;
        segment.resize(segment.len() + prefix, 0);
        write_prefix(string.len(), &mut segment[position as usize..]);
        segment.extend_from_slice(string);
        Some(number << POSITION_BITS | position)
    }

    /// The string at `place`.
    pub(super) fn get(&self, place: u32) -> &[u8] {
        let position = place as usize % SEGMENT_BYTES;
        let from = &self.segments[(place >> POSITION_BITS) as usize][position..];
        let (length, prefix) = read_prefix(from);
        &from[prefix..prefix + length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_any_size_come_back_until_it_is_full() {
        let sizes = [
            0,
            1,
            127,
            128,
            SEGMENT_BYTES / 2,
            SEGMENT_BYTES - 3,
            SEGMENT_BYTES,
            3 * SEGMENT_BYTES,
            5,
        ];
        let strings: Vec<Vec<u8>> = sizes.iter().map(|size| vec![7; *size]).collect();
        let mut arena = Arena::default();
        let places: Vec<u32> = strings
            .iter()
            .map(|string| arena.push(string).unwrap())
            .collect();
        for (place, string) in places.iter().zip(&strings) {
            assert!(arena.get(*place) == string, "{}", string.len());
        }
        // Full segments that take no memory.
        let last = arena.segments.pop().unwrap();
        arena.segments.resize(MOST_SEGMENTS - 1, Vec::new());
        arena.segments.push(last);
        assert!(arena.push(&[1]).is_some());
        assert_eq!(arena.push(&vec![1; SEGMENT_BYTES]), None);
    }
}

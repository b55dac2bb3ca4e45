//! A small set of numbers that says when it is full.

use alchemy_core::random::mix;

/// Slots of the open-addressing table: four times the most it holds, so probes stay short.
const SLOTS: usize = 1024;

/// Marks a free slot: the bits of a NaN, which is never inserted.
const FREE: u64 = u64::MAX;

/// At most `limit` distinct numbers.
pub(super) struct DistinctValues {
    slots: Box<[u64; SLOTS]>,
    len: usize,
    limit: usize,
}

impl DistinctValues {
    /// `limit` is at most 255.
    pub(super) fn new(limit: usize) -> Self {
        debug_assert!(limit < SLOTS / 2);
        Self {
            slots: Box::new([FREE; SLOTS]),
            len: 0,
            limit,
        }
    }

    /// Adds `value`, which is not NaN and not -0.0; false if the set would hold more than its limit.
    pub(super) fn insert(&mut self, value: f64) -> bool {
        let bits = value.to_bits();
        let mut slot = usize::try_from(mix(bits) % SLOTS as u64).unwrap_or(0);
        while self.slots[slot] != bits {
            if self.slots[slot] == FREE {
                if self.len == self.limit {
                    return false;
                }
                self.slots[slot] = bits;
                self.len += 1;
                return true;
            }
            slot = (slot + 1) % SLOTS;
        }
        true
    }

    /// The values in ascending order.
    pub(super) fn sorted(&self) -> Vec<f64> {
        let held = self.slots.iter().filter(|bits| **bits != FREE);
        let mut values: Vec<f64> = held.map(|bits| f64::from_bits(*bits)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_its_limit_and_not_one_more() {
        let mut set = DistinctValues::new(255);
        for i in 0..255 {
            assert!(set.insert(f64::from(i)));
            assert!(set.insert(f64::from(i / 2)));
        }
        assert!(!set.insert(-1.0));
        assert!(set.insert(7.0));
        assert_eq!(set.sorted(), (0..255).map(f64::from).collect::<Vec<_>>());
    }
}

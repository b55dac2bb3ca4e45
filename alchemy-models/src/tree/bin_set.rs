//! A set of bins.

use serde::{Deserialize, Serialize};

/// Any of the 256 bins of a column, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct BinSet([u64; 4]);

impl BinSet {
    pub(crate) fn contains(&self, bin: u8) -> bool {
        self.0[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
    }

    pub(crate) fn insert(&mut self, bin: u8) {
        self.0[usize::from(bin >> 6)] |= 1 << (bin & 63);
    }

    pub(crate) fn complement(&self) -> Self {
        Self(self.0.map(|word| !word))
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// For every bin 1 if it is in the set, else 0.
    pub(crate) fn table(&self) -> [u8; 256] {
        let mut table = [0; 256];
        for (bin, out) in (0..=u8::MAX).zip(&mut table) {
            *out = u8::from(self.contains(bin));
        }
        table
    }
}

impl FromIterator<u8> for BinSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bins: I) -> Self {
        let mut set = Self::default();
        bins.into_iter().for_each(|bin| set.insert(bin));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let odd: BinSet = (1..=u8::MAX).step_by(2).collect();
        for bin in 0..=u8::MAX {
            let is_odd = bin % 2 == 1;
            assert_eq!(odd.contains(bin), is_odd);
            assert_eq!(odd.complement().contains(bin), !is_odd);
            assert_eq!(odd.table()[usize::from(bin)], bin % 2);
            assert!(odd.union(&odd.complement()).contains(bin));
        }
    }
}

//! The rules by which inner nodes part rows.

use serde::{Deserialize, Serialize};

use crate::binning::MISSING;
use crate::tree::bin_set::BinSet;

/// The rule of an inner node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// By the order of the bins.
    Cut(Cut),
    /// By what the bins are, whatever their order.
    Set(SetCut),
}

/// The rule of an inner node that parts categories: the bins in `right` go right, all others left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetCut {
    pub(crate) column: u16,
    pub(crate) right: BinSet,
}

/// The rule of an inner node by order: bins up to `bin` go left, and missing values where `missing_left` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cut {
    pub(crate) column: u16,
    /// The last bin on the left; [`MISSING`](crate::binning::MISSING) if only missing values go left.
    pub(crate) bin: u8,
    pub(crate) missing_left: bool,
}

impl Cut {
    /// Whether a row with `bin` in this column goes right.
    pub(crate) fn goes_right(self, bin: u8) -> bool {
        let bias = u8::from(!self.missing_left);
        bin.wrapping_sub(bias) > self.bin.wrapping_sub(bias)
    }

    /// Missing values must be on the side that they are said to be on.
    fn is_sound(self) -> bool {
        self.missing_left || self.bin > 0
    }
}

impl From<Cut> for Rule {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

impl Rule {
    pub(crate) fn column(&self) -> u16 {
        match self {
            Self::Cut(cut) => cut.column,
            Self::Set(set) => set.column,
        }
    }

    /// Sends the bins that no row of the node is in to one side. Of a rule by order these can only be the missing values:
    /// other bins have a side by their order.
    pub(crate) fn send(&mut self, absent: &BinSet, left: bool) {
        match self {
            Self::Cut(cut) => {
                if absent.contains(MISSING) {
                    cut.missing_left = left;
                }
            }
            Self::Set(set) => {
                if !left {
                    set.right = set.right.union(absent);
                }
            }
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Cut(cut) => cut.is_sound(),
            Self::Set(_) => true,
        }
    }
}

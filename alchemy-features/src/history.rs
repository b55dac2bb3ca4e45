//! The latest values of a key.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The latest values of one key, oldest first; NaN where a row had none.
///
/// Stored as the bits of each value: JSON has no NaN and no infinity.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
#[expect(
    unnameable_types,
    reason = "it is `Lag::State`, which callers never name"
)]
pub struct History {
    values: VecDeque<f64>,
}

impl History {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value `age` rows before the latest, or NaN before the first row.
    pub(crate) fn before_latest(&self, age: usize) -> f64 {
        let row = self
            .values
            .len()
            .checked_sub(age)
            .and_then(|rows| rows.checked_sub(1));
        row.map_or(f64::NAN, |row| self.values[row])
    }

    /// All values but the `latest` youngest, oldest first.
    pub(crate) fn without_latest(&self, latest: usize) -> impl Iterator<Item = f64> + '_ {
        let count = self.values.len().saturating_sub(latest);
        self.values.range(..count).copied()
    }

    pub(crate) fn push(&mut self, value: f64) {
        self.values.push_back(value);
    }

    /// Forgets the oldest value and returns it.
    pub(crate) fn pop(&mut self) -> f64 {
        self.values.pop_front().unwrap_or(f64::NAN)
    }
}

impl From<Vec<u64>> for History {
    fn from(bits: Vec<u64>) -> Self {
        Self {
            values: bits.into_iter().map(f64::from_bits).collect(),
        }
    }
}

impl From<History> for Vec<u64> {
    fn from(history: History) -> Self {
        history.values.into_iter().map(f64::to_bits).collect()
    }
}

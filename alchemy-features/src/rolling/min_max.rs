//! The least and the greatest value of a sliding window.

use std::collections::VecDeque;

/// The least value of a window.
///
/// Holds, oldest first, each value that is less than or equal to all younger ones: the front is the least, and a value
/// that a younger one undercuts can never become so. A value enters and leaves once, whatever the window's length.
/// Values are in total order, −0 before 0, so equal windows give equal bits.
#[derive(Debug, Clone, Default)]
pub(super) struct Least {
    ascending: VecDeque<f64>,
}

impl Least {
    pub(super) fn insert(&mut self, value: f64) {
        while self
            .ascending
            .back()
            .is_some_and(|last| last.total_cmp(&value).is_gt())
        {
            self.ascending.pop_back();
        }
        self.ascending.push_back(value);
    }

    /// Takes out the oldest value of the window.
    pub(super) fn remove(&mut self, value: f64) {
        if self
            .ascending
            .front()
            .is_some_and(|least| least.total_cmp(&value).is_eq())
        {
            self.ascending.pop_front();
        }
    }

    pub(super) fn value(&self) -> f64 {
        self.ascending.front().copied().unwrap_or(f64::NAN)
    }
}

/// The greatest value of a window: the least one of the negated values.
#[derive(Debug, Clone, Default)]
pub(super) struct Greatest(Least);

impl Greatest {
    pub(super) fn insert(&mut self, value: f64) {
        self.0.insert(-value);
    }

    /// Takes out the oldest value of the window.
    pub(super) fn remove(&mut self, value: f64) {
        self.0.remove(-value);
    }

    pub(super) fn value(&self) -> f64 {
        -self.0.value()
    }
}

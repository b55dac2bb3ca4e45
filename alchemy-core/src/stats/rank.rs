//! Ranks of values.

use super::binade_counts::order_code;

/// The rank of each value, from 1; equal values share the mean of their ranks. A NaN has the rank
/// NaN.
///
/// Takes n log n time.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::ranks;
///
/// assert_eq!(ranks(&[10.0, 30.0, 20.0, 20.0]), [1.0, 4.0, 2.5, 2.5]);
/// ```
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    Order::of(values).ranks_where(|_| true)
}

/// The rows of a column by their values.
#[derive(Debug)]
pub(super) struct Order {
    num_rows: usize,
    /// The rows that are not NaN, each behind an integer that orders as the value does.
    rows: Vec<(u64, usize)>,
}

impl Order {
    pub(super) fn of(values: &[f64]) -> Self {
        let rows = values.iter().enumerate();
        let mut rows: Vec<(u64, usize)> = rows
            .filter(|(_, value)| !value.is_nan())
            .map(|(row, value)| (order_code(*value), row))
            .collect();
        // Sorting the codes themselves spares a look at the column for every comparison.
        rows.sort_unstable();
        Self {
            num_rows: values.len(),
            rows,
        }
    }

    /// Whether a row is NaN.
    pub(super) fn is_incomplete(&self) -> bool {
        self.rows.len() < self.num_rows
    }

    /// The rows of each value, in order.
    pub(super) fn ties(&self) -> impl Iterator<Item = &[(u64, usize)]> {
        self.rows.chunk_by(|a, b| a.0 == b.0)
    }

    /// The ranks among the rows where `present`; NaN elsewhere.
    pub(super) fn ranks_where(&self, present: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut ranks = vec![f64::NAN; self.num_rows];
        let mut before = 0;
        for tied in self.ties() {
            let count = tied.iter().filter(|(_, row)| present(*row)).count();
            let rank = before as f64 + (count + 1) as f64 / 2.0;
            for (_, row) in tied {
                if present(*row) {
                    ranks[*row] = rank;
                }
            }
            before += count;
        }
        ranks
    }
}

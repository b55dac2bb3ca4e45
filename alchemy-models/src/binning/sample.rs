//! A sample of the rows of a table, whatever batches it comes in.

use alchemy_core::random::mix;

/// Rows that quantile bins are learned from; `LightGBM`'s `bin_construct_sample_cnt`.
const SAMPLE_ROWS: usize = 200_000;

/// About [`SAMPLE_ROWS`] of the rows that have a value, chosen by a hash of the row's index in the table. Since the share of
/// rows that are chosen only falls while more are seen, those that a smaller share leaves out can be dropped early.
pub(super) struct Sample {
    rows: Vec<u32>,
    values: Vec<f64>,
    /// The highest hash that can still be chosen.
    limit: f64,
    /// The length at which rows are dropped.
    full: usize,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            values: Vec::new(),
            limit: f64::INFINITY,
            full: SAMPLE_ROWS + SAMPLE_ROWS / 4,
        }
    }

    /// Takes in a value, with which `present` have been seen.
    pub(super) fn add(&mut self, row: usize, value: f64, present: usize) {
        // Tables have fewer rows than that.
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        if hash(row) > self.limit {
            return;
        }
        self.rows.push(row);
        self.values.push(value);
        if self.rows.len() >= self.full {
            self.limit = limit(present);
            let mut kept = 0;
            for index in 0..self.rows.len() {
                if hash(self.rows[index]) <= self.limit {
                    self.rows[kept] = self.rows[index];
                    self.values[kept] = self.values[index];
                    kept += 1;
                }
            }
            self.rows.truncate(kept);
            self.values.truncate(kept);
            self.full = kept + SAMPLE_ROWS / 4;
        }
    }

    /// The rows chosen of `present`, with their values.
    pub(super) fn chosen(self, present: usize) -> impl Iterator<Item = (u32, f64)> {
        let limit = limit(present);
        let rows = self.rows.into_iter().zip(self.values);
        rows.filter(move |(row, _)| hash(*row) <= limit)
    }
}

fn hash(row: u32) -> f64 {
    mix(u64::from(row)) as f64
}

/// The highest hash of a chosen row if there are `present` rows.
fn limit(present: usize) -> f64 {
    if present <= SAMPLE_ROWS {
        return f64::INFINITY;
    }
    SAMPLE_ROWS as f64 / present as f64 * u64::MAX as f64
}

//! The table of all crates.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::random::Stream;

use crate::Result;

pub(crate) const COLUMNS: usize = 20;

/// Standard normal features, column after column, and y = x0 + x1 x2 + noise.
pub(crate) struct Rows {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

impl Rows {
    pub(crate) fn new(rows: usize, seed: u64) -> Self {
        let mut stream = Stream::new(seed, &[]);
        let x: Vec<f64> = (0..rows * COLUMNS).map(|_| stream.normals().0).collect();
        let y = (0..rows)
            .map(|row| x[row] + x[rows + row] * x[2 * rows + row] + 0.5 * stream.normals().0);
        let y = y.collect();
        Self { x, y }
    }

    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        (0..COLUMNS)
            .map(|column| self.x[column * self.y.len() + row])
            .collect()
    }

    /// Row after row.
    pub(crate) fn by_row(&self) -> Vec<f64> {
        (0..self.y.len()).flat_map(|row| self.row(row)).collect()
    }

    pub(crate) fn batch(&self) -> Result<RecordBatch> {
        let column = |values: &[f64]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
        let features = self.x.chunks(self.y.len()).enumerate();
        let features = features.map(|(index, values)| (format!("x{index}"), column(values)));
        Ok(RecordBatch::try_from_iter(
            features.chain([("y".to_owned(), column(&self.y))]),
        )?)
    }
}

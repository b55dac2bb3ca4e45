//! One 128-bit hash for each row, to find rows that occur again.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::row::{RowConverter, SortField};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::counted::Memory;
use super::keys::for_each_key;
use crate::Result;
use crate::column::{NumericColumn, TextColumn, is_text};
use crate::parallel::try_collect;
use crate::random::mix;
use crate::stats::DistinctSketch;

/// Rows that are hashed as one task.
const CHUNK_ROWS: usize = 1 << 14;

/// The two halves of a row's hash.
pub(crate) type RowHash = (u64, u64);

/// What a missing value hashes as; its halves are unrelated, unlike those of a number.
const MISSING: RowHash = (0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344);

/// The hash of every row of `batch`. Rows with equal values in every column have equal hashes,
/// missing values being equal to each other; that two others agree has a chance of 2^-128.
pub(crate) fn row_hashes(batch: &RecordBatch) -> Result<Vec<RowHash>> {
    let starts: Vec<usize> = (0..batch.num_rows()).step_by(CHUNK_ROWS).collect();
    let chunks = starts
        .into_par_iter()
        .map(|start| hash_chunk(&batch.slice(start, CHUNK_ROWS.min(batch.num_rows() - start))));
    Ok(try_collect(chunks)?.concat())
}

/// The hashes of rows, gathered: all, or a sketch of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum RowHashes {
    All(Vec<RowHash>),
    Sketch(DistinctSketch),
}

impl RowHashes {
    pub(super) fn new(memory: Memory) -> Self {
        /// 2^16 registers, for a standard error of 0.41 % of the rows.
        const PRECISION: u32 = 16;
        match memory {
            Memory::All => Self::All(Vec::new()),
            // The default takes over for a precision that there is not; this one there is.
            Memory::Bounded => {
                Self::Sketch(DistinctSketch::with_precision(PRECISION).unwrap_or_default())
            }
        }
    }

    pub(super) fn add(&mut self, mut rows: Vec<RowHash>) {
        match self {
            Self::All(hashes) => hashes.append(&mut rows),
            Self::Sketch(sketch) => {
                for (high, low) in rows {
                    let hash = (u128::from(high) << 64) | u128::from(low);
                    sketch.add_bytes(&hash.to_le_bytes());
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (Self::All(hashes), Self::All(mut more)) => hashes.append(&mut more),
            (Self::Sketch(sketch), Self::Sketch(more)) => sketch.merge(&more)?,
            _ => return Err(Memory::differs()),
        }
        Ok(())
    }

    /// How many of `rows` equal an earlier one; 0 where a sketch finds no more than its error would
    /// explain.
    pub(super) fn count_repeated(self, rows: u64) -> u64 {
        /// Standard errors that chance hardly exceeds.
        const CERTAIN: f64 = 3.0;
        match self {
            Self::All(mut hashes) => {
                // Halves are compared where the first ones agree only: sorting pairs takes longer.
                hashes.par_sort_unstable_by_key(|hash| hash.0);
                let runs = hashes.chunk_by_mut(|a, b| a.0 == b.0);
                let repeated = runs.map(|run| {
                    run.sort_unstable_by_key(|hash| hash.1);
                    run.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
                });
                repeated.sum()
            }
            Self::Sketch(sketch) => {
                let repeated = rows.saturating_sub(sketch.distinct());
                let error = if sketch.is_exact() {
                    0.0
                } else {
                    CERTAIN * sketch.standard_error() * rows as f64
                };
                if repeated as f64 > error { repeated } else { 0 }
            }
        }
    }
}

fn hash_chunk(chunk: &RecordBatch) -> Result<Vec<RowHash>> {
    let mut hashes: Vec<RowHash> = vec![(0, 0); chunk.num_rows()];
    for (field, array) in chunk.schema_ref().fields().iter().zip(chunk.columns()) {
        for (hash, cell) in hashes.iter_mut().zip(cell_hashes(field.name(), array)?) {
            *hash = (
                mix(hash.0.rotate_left(1) ^ cell.0),
                mix(hash.1.rotate_left(1) ^ cell.1),
            );
        }
    }
    Ok(hashes)
}

fn cell_hashes(name: &str, array: &ArrayRef) -> Result<Vec<RowHash>> {
    let mut cells = vec![MISSING; array.len()];
    if is_text(array.data_type()) {
        let text = TextColumn::new(name, array)?;
        for (row, cell) in cells.iter_mut().enumerate() {
            if let Some(value) = text.get(row) {
                *cell = halves(xxh3_128(value.as_bytes()));
            }
        }
    } else if let Ok(numbers) = NumericColumn::ordered(name, array) {
        for_each_key(&numbers.view(), |row, key| {
            cells[row] = (mix(key), mix(!key));
        });
    } else {
        let converter = RowConverter::new(vec![SortField::new(array.data_type().clone())])?;
        let rows = converter.convert_columns(std::slice::from_ref(array))?;
        for (cell, row) in cells.iter_mut().zip(rows.iter()) {
            *cell = halves(xxh3_128(row.data()));
        }
    }
    Ok(cells)
}

#[expect(clippy::cast_possible_truncation, reason = "cut into halves")]
fn halves(hash: u128) -> RowHash {
    ((hash >> 64) as u64, hash as u64)
}

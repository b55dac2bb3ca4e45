//! Keys that may occur once.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, RecordBatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::{NumericColumn, is_numeric};
use crate::profile::row_hash::{RowHash, row_hashes};

/// The keys seen, each as a 128-bit fingerprint: 16 bytes a row, in any order.
///
/// Integers, floats, dates and times alone have fingerprints of their own, so nothing is mistaken; two different texts or
/// combined keys are taken for equal with a chance of 2^-128.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Keys(Vec<RowHash>);

impl Keys {
    pub(super) fn add(&mut self, rows: Vec<(usize, RowHash)>) {
        self.0.extend(rows.into_iter().map(|(_, key)| key));
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many keys there are, and how many of them equal another that is counted already.
    pub(super) fn count(mut self) -> (u64, u64) {
        self.0.par_sort_unstable();
        let repeated = self.0.windows(2).filter(|pair| pair[0] == pair[1]).count();
        (self.0.len() as u64, repeated as u64)
    }
}

/// The rows that miss no value of `key`, each with its fingerprint.
pub(super) fn keys(key: &RecordBatch) -> Result<Vec<(usize, RowHash)>> {
    let mut present = vec![true; key.num_rows()];
    for (field, array) in key.schema_ref().fields().iter().zip(key.columns()) {
        mark_missing(field.name(), array, &mut present)?;
    }
    let rows = row_hashes(key)?.into_iter().enumerate();
    Ok(rows.filter(|(row, _)| present[*row]).collect())
}

/// The rows of `keys` whose key occurs in an earlier one.
pub(super) fn repeated(keys: &[(usize, RowHash)]) -> impl Iterator<Item = usize> {
    let mut seen = HashSet::with_capacity(keys.len());
    let repeats = keys.iter().filter(move |(_, key)| !seen.insert(*key));
    repeats.map(|(row, _)| *row)
}

fn mark_missing(name: &str, array: &ArrayRef, present: &mut [bool]) -> Result<()> {
    if is_numeric(array.data_type()) {
        let mut valid = vec![false; present.len()];
        let column = NumericColumn::new(name, array)?;
        column.view().for_each_row(|row, _| valid[row] = true);
        present.iter_mut().zip(valid).for_each(|(p, v)| *p &= v);
    } else if let Some(nulls) = array.logical_nulls() {
        let valid = nulls.iter();
        present.iter_mut().zip(valid).for_each(|(p, v)| *p &= v);
    }
    Ok(())
}

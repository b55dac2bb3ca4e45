//! Which one of several equal rows stays.

use std::cmp::Ordering;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{
    Array, ArrayRef, DynComparator, Float64Array, RecordBatch, make_comparator,
};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::compute::SortOptions;
use alchemy_core::column::{NumericColumn, by_name};
use serde::{Deserialize, Serialize};

use crate::plain::{plain, value_type};

/// Which one of several equal rows stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The first in the order of rows.
    #[default]
    First,
    /// The last in the order of rows.
    Last,
    /// None of them: only rows without an equal stay.
    None,
    /// The one with the largest value of a column, such as the latest time; see [`Keep::largest`].
    Largest(String),
    /// The one with the smallest value of a column; see [`Keep::smallest`].
    Smallest(String),
}

impl Keep {
    /// The row with the largest value of `column`: a number, text in the order of its bytes, a time, or any type that has an
    /// order. The first in the order of rows, where several have it; one with a missing value only where all are missing.
    #[must_use]
    pub fn largest(column: impl Into<String>) -> Self {
        Self::Largest(column.into())
    }

    /// The row with the smallest value of `column`, otherwise as [`largest`](Self::largest).
    #[must_use]
    pub fn smallest(column: impl Into<String>) -> Self {
        Self::Smallest(column.into())
    }

    /// Whether each row of `batch` stays; `first` holds the first equal row of each.
    pub(super) fn mask(&self, batch: &RecordBatch, first: &[u32]) -> Result<BooleanBuffer> {
        Ok(match self {
            Self::First => preferred(first, |_, _| false),
            Self::Last => preferred(first, |_, _| true),
            Self::Largest(column) => {
                let order = order(batch, column, true)?;
                preferred(first, |row, best| order(row, best) == Ordering::Greater)
            }
            Self::Smallest(column) => {
                let order = order(batch, column, false)?;
                preferred(first, |row, best| order(row, best) == Ordering::Less)
            }
            Self::None => {
                let mut counts = vec![0_u32; first.len()];
                first.iter().for_each(|row| counts[*row as usize] += 1);
                BooleanBuffer::collect_bool(first.len(), |row| counts[first[row] as usize] == 1)
            }
        })
    }
}

/// Keeps of equal rows the one that is left when each in order takes the place of the best so far where `better` says so.
fn preferred(first: &[u32], better: impl Fn(usize, usize) -> bool) -> BooleanBuffer {
    // Where the best of equal rows is, by the first of them.
    let mut best: Vec<usize> = (0..first.len()).collect();
    for (row, first) in first.iter().enumerate() {
        let best = &mut best[*first as usize];
        if *best != row && better(row, *best) {
            *best = row;
        }
    }
    BooleanBuffer::collect_bool(first.len(), |row| best[first[row] as usize] == row)
}

/// The order of the values of a column, a missing one at the lower end or at the upper.
fn order(batch: &RecordBatch, column: &str, missing_is_least: bool) -> Result<DynComparator> {
    let array = by_name(batch, column)?;
    let values = if value_type(array.data_type()).is_floating() {
        let numbers = NumericColumn::new(column, array)?.view().to_vec();
        // −0 becomes 0, which is a tie.
        let numbers = numbers
            .into_iter()
            .map(|value| (!value.is_nan()).then_some(value + 0.0));
        Arc::new(numbers.collect::<Float64Array>()) as ArrayRef
    } else {
        plain(column, array)?
    };
    let options = SortOptions {
        descending: false,
        nulls_first: missing_is_least,
    };
    Ok(make_comparator(&values, &values, options)?)
}

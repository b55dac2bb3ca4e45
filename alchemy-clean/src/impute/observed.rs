//! The distribution that a random draw draws from.

use std::collections::BTreeMap;
use std::slice;

use alchemy_core::arrow::array::{Array, ArrayRef, StringArray, UInt64Array};
use alchemy_core::arrow::compute::take;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::arrow::row::{RowConverter, SortField};
use alchemy_core::random::{Stream, mix};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::row_id::text_hash;
use super::value::{of_text, to_text};
use crate::plain::{data_type_text, is_scalar, plain, without_negative_zero};

/// Rows that a sample keeps at most.
const SAMPLE_ROWS: usize = 10_000;

/// Rows looked at together, after which the least hashes of a full sample shut out most that follow.
const ROWS_TOGETHER: usize = 8192;

/// Sets the hashes by which rows are sampled apart from those by which values are drawn.
const SAMPLING: u64 = 0x7361_6d70_6c65;

/// The values of the rows with the least hashes: a uniform sample of bounded size that does not depend on the order of
/// rows or of merges. Rows with one hash are in it together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, Vec<u8>, u64)>", into = "Vec<(u64, Vec<u8>, u64)>")]
pub(super) struct LeastHashes {
    /// Counts by hash and value, the value as its bytes in Arrow's row format.
    rows: BTreeMap<(u64, Vec<u8>), u64>,
}

impl LeastHashes {
    /// Takes in the cells of rows told apart by `rows`.
    pub(super) fn update(
        &mut self,
        column: &str,
        array: &ArrayRef,
        rows: &[u64],
        seed: u64,
    ) -> Result<()> {
        let array = plain(column, array)?;
        let array = without_negative_zero(column, &array)?;
        let converter = converter(array.data_type())?;
        let salt = mix(seed ^ SAMPLING) ^ text_hash(column);
        for start in (0..array.len()).step_by(ROWS_TOGETHER) {
            let end = array.len().min(start + ROWS_TOGETHER);
            let limit = self.limit();
            let (mut chosen, mut hashes) = (Vec::new(), Vec::new());
            for (row, id) in (start..end).zip(&rows[start..end]) {
                let hash = mix(id ^ salt);
                if hash <= limit && array.is_valid(row) {
                    chosen.push(row as u64);
                    hashes.push(hash);
                }
            }
            let chosen = take(&array, &UInt64Array::from(chosen), None)?;
            let values = converter.convert_columns(slice::from_ref(&chosen))?;
            for (hash, value) in hashes.into_iter().zip(values.iter()) {
                self.add(hash, value.data().to_vec(), 1);
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        for ((hash, value), count) in other.rows {
            self.add(hash, value, count);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The distribution; `None` without a value.
    pub(super) fn observed(self, data_type: &DataType) -> Result<Option<Observed>> {
        let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for ((_, value), count) in self.rows {
            *counts.entry(value).or_default() += count;
        }
        if counts.is_empty() {
            return Ok(None);
        }
        let converter = converter(data_type)?;
        let parser = converter.parser();
        let rows = counts.keys().map(|value| parser.parse(value));
        let values = converter.convert_rows(rows)?.pop();
        Ok(values.map(|values| Observed::new(values, counts.into_values().collect())))
    }

    /// The largest hash that may be among the least.
    fn limit(&self) -> u64 {
        match self.rows.last_key_value() {
            Some(((hash, _), _)) if self.rows.len() == SAMPLE_ROWS => *hash,
            _ => u64::MAX,
        }
    }

    fn add(&mut self, hash: u64, value: Vec<u8>, count: u64) {
        if hash > self.limit() {
            return;
        }
        let sum = self.rows.entry((hash, value)).or_default();
        *sum = sum.saturating_add(count);
        if self.rows.len() > SAMPLE_ROWS {
            self.rows.pop_last();
        }
    }
}

fn converter(data_type: &DataType) -> Result<RowConverter> {
    Ok(RowConverter::new(vec![SortField::new(data_type.clone())])?)
}

impl From<Vec<(u64, Vec<u8>, u64)>> for LeastHashes {
    fn from(rows: Vec<(u64, Vec<u8>, u64)>) -> Self {
        let mut least = Self::default();
        for (hash, value, count) in rows {
            least.add(hash, value, count);
        }
        least
    }
}

impl From<LeastHashes> for Vec<(u64, Vec<u8>, u64)> {
    fn from(least: LeastHashes) -> Self {
        let rows = least.rows.into_iter();
        rows.map(|((hash, value), count)| (hash, value, count))
            .collect()
    }
}

/// The values that a random draw chooses from, in ascending order, with how often each was observed.
///
/// It is stored with values as text, exactly: a date or timestamp as its count of units since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Observed {
    values: ArrayRef,
    counts: Vec<u64>,
    /// The sums of the counts up to and with each.
    ends: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    values: Vec<String>,
    counts: Vec<u64>,
}

impl Observed {
    fn new(values: ArrayRef, counts: Vec<u64>) -> Self {
        let mut sum = 0_u64;
        let ends = counts.iter().map(|count| {
            sum = sum.saturating_add(*count);
            sum
        });
        Self {
            ends: ends.collect(),
            values,
            counts,
        }
    }

    /// The different values, in ascending order.
    #[must_use]
    pub fn values(&self) -> &ArrayRef {
        &self.values
    }

    /// How often each value was observed among the rows sampled.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The position of the value drawn for a row.
    pub(super) fn draw(&self, seed: u64, column: u64, row: u64) -> usize {
        let total = self.ends.last().copied().unwrap_or(0);
        let at = Stream::new(seed, &[column, row]).below(total);
        self.ends.partition_point(|end| *end <= at)
    }
}

impl PartialEq for Observed {
    fn eq(&self, other: &Self) -> bool {
        self.values.as_ref() == other.values.as_ref() && self.counts == other.counts
    }
}

impl From<Observed> for Stored {
    fn from(observed: Observed) -> Self {
        // Every scalar type has a text.
        let texts = to_text(&observed.values).unwrap_or_else(|_| StringArray::new_null(0));
        Self {
            data_type: observed.values.data_type().clone(),
            values: texts.iter().flatten().map(str::to_owned).collect(),
            counts: observed.counts,
        }
    }
}

impl TryFrom<Stored> for Observed {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let Stored {
            data_type,
            values,
            counts,
        } = stored;
        let refused = |message: String| Error::Corrupt {
            what: "observed values".into(),
            message,
        };
        if !is_scalar(&data_type) {
            return Err(refused(format!("{data_type} is not a type of values")));
        }
        if values.is_empty() || values.len() != counts.len() || counts.contains(&0) {
            return Err(refused("each value needs a count".into()));
        }
        let values = of_text(StringArray::from(values), &data_type)?;
        if plain("observed values", &values)?.null_count() > 0 {
            return Err(refused(format!("one is not of type {data_type}")));
        }
        Ok(Self::new(values, counts))
    }
}

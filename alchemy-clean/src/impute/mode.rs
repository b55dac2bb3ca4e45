//! The most frequent value of a column of any type.

use std::cmp::Reverse;
use std::slice;

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::arrow::row::{RowConverter, SortField};
use serde::{Deserialize, Serialize};

use crate::key_set::KeySet;
use crate::plain::plain;

/// How often each value occurs, by its bytes in Arrow's row format: those sort as the values do, and are the same in
/// every encoding of text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Vec<u8>, u64)>", into = "Vec<(Vec<u8>, u64)>")]
pub(super) struct Counts {
    values: KeySet,
    counts: Vec<u64>,
}

impl Counts {
    pub(super) fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        let array = plain(column, array)?;
        let rows = converter(array.data_type())?.convert_columns(slice::from_ref(&array))?;
        for (row, value) in rows.iter().enumerate() {
            if array.is_valid(row) {
                self.add(value.data(), 1);
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other
            .iter()
            .for_each(|(value, count)| self.add(value, count));
    }

    /// The most frequent value, the smallest of those equally frequent; `None` without a value.
    pub(super) fn mode(&self, data_type: &DataType) -> Result<Option<ArrayRef>> {
        let Some((value, _)) = self
            .iter()
            .max_by_key(|(value, count)| (*count, Reverse(*value)))
        else {
            return Ok(None);
        };
        let converter = converter(data_type)?;
        let parser = converter.parser();
        Ok(converter.convert_rows([parser.parse(value)])?.pop())
    }

    fn add(&mut self, value: &[u8], count: u64) {
        let (number, new) = self.values.insert(value);
        if new {
            self.counts.push(0);
        }
        self.counts[number] += count;
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.values.iter().zip(self.counts.iter().copied())
    }
}

fn converter(data_type: &DataType) -> Result<RowConverter> {
    Ok(RowConverter::new(vec![SortField::new(data_type.clone())])?)
}

impl From<Vec<(Vec<u8>, u64)>> for Counts {
    fn from(counts: Vec<(Vec<u8>, u64)>) -> Self {
        let mut all = Self::default();
        counts
            .iter()
            .for_each(|(value, count)| all.add(value, *count));
        all
    }
}

impl From<Counts> for Vec<(Vec<u8>, u64)> {
    fn from(counts: Counts) -> Self {
        let mut sorted: Self = counts
            .iter()
            .map(|(value, count)| (value.to_vec(), count))
            .collect();
        sorted.sort_unstable();
        sorted
    }
}

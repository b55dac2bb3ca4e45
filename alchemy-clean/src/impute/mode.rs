//! The most frequent value of a column of any type.

use std::collections::HashMap;
use std::slice;

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::arrow::row::{RowConverter, SortField};
use serde::{Deserialize, Serialize};

use crate::plain::plain;

/// How often each value occurs, by its bytes in Arrow's row format: those sort as the values do, and are the same in
/// every encoding of text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Box<[u8]>, u64)>", into = "Vec<(Box<[u8]>, u64)>")]
pub(super) struct Counts(HashMap<Box<[u8]>, u64>);

impl Counts {
    pub(super) fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        let array = plain(column, array)?;
        let rows = converter(array.data_type())?.convert_columns(slice::from_ref(&array))?;
        for (row, value) in rows.iter().enumerate() {
            if array.is_null(row) {
                continue;
            }
            match self.0.get_mut(value.data()) {
                Some(count) => *count += 1,
                None => {
                    self.0.insert(value.data().into(), 1);
                }
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (value, count) in other.0 {
            *self.0.entry(value).or_default() += count;
        }
    }

    /// The most frequent value, the smallest of those equally frequent; `None` without a value.
    pub(super) fn mode(self, data_type: &DataType) -> Result<Option<ArrayRef>> {
        let larger = |a: &(Box<[u8]>, u64), b: &(Box<[u8]>, u64)| a.1.cmp(&b.1).then(b.0.cmp(&a.0));
        let Some((value, _)) = self.0.into_iter().max_by(larger) else {
            return Ok(None);
        };
        let converter = converter(data_type)?;
        let parser = converter.parser();
        Ok(converter.convert_rows([parser.parse(&value)])?.pop())
    }
}

fn converter(data_type: &DataType) -> Result<RowConverter> {
    Ok(RowConverter::new(vec![SortField::new(data_type.clone())])?)
}

impl From<Vec<(Box<[u8]>, u64)>> for Counts {
    fn from(counts: Vec<(Box<[u8]>, u64)>) -> Self {
        Self(counts.into_iter().collect())
    }
}

impl From<Counts> for Vec<(Box<[u8]>, u64)> {
    fn from(counts: Counts) -> Self {
        let mut counts: Self = counts.0.into_iter().collect();
        counts.sort_unstable();
        counts
    }
}

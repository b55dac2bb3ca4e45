//! Features as numbers.

use alchemy_core::Result;
use alchemy_core::arrow::array::Array;
use alchemy_core::column::{NumericColumn, TemporalColumn, is_boolean, is_temporal};
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::table::{Column, Table};

/// The columns that a model reads as numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(super) struct Features {
    names: Vec<String>,
    /// Whether each is a date or timestamp, read as microseconds.
    times: Vec<bool>,
}

#[derive(Deserialize)]
struct Stored {
    names: Vec<String>,
    times: Vec<bool>,
}

impl TryFrom<Stored> for Features {
    type Error = &'static str;

    fn try_from(Stored { names, times }: Stored) -> Result<Self, &'static str> {
        if names.len() == times.len() {
            Ok(Self { names, times })
        } else {
            Err("a feature has no kind")
        }
    }
}

impl Features {
    /// The columns `names` of `table`, and their values.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(super) fn learn(table: Table<'_>, names: Vec<String>) -> Result<(Self, Vec<Vec<f64>>)> {
        let is_time = |column: &Column| {
            let first = column.arrays().first();
            first.is_some_and(|array| is_temporal(array.data_type()))
        };
        let times = table.columns(&names)?.iter().map(is_time).collect();
        let features = Self { names, times };
        let values = features.read(table)?;
        Ok((features, values))
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The values of each feature, row by row; NaN where one is missing.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnNotFound`] or [`alchemy_core::Error::DuplicateColumn`], and
    /// [`alchemy_core::Error::ColumnType`] for a column that is not of the kind that was learned from.
    pub(super) fn read(&self, table: Table<'_>) -> Result<Vec<Vec<f64>>> {
        let columns = table.columns(&self.names)?;
        let columns = columns.par_iter().zip(&self.times);
        try_collect(columns.map(|(column, is_time)| read(column, *is_time)))
    }
}

fn read(column: &Column, is_time: bool) -> Result<Vec<f64>> {
    let mut values = Vec::new();
    for (_, array) in column.parts() {
        if is_time {
            let times = TemporalColumn::new(&column.name, array)?;
            let micros = |row| times.micros(row).map_or(f64::NAN, |micros| micros as f64);
            values.extend((0..times.len()).map(micros));
        } else if is_boolean(array.data_type()) {
            values.extend(NumericColumn::ordered(&column.name, array)?.view().to_vec());
        } else {
            values.extend(NumericColumn::new(&column.name, array)?.view().to_vec());
        }
    }
    Ok(values)
}

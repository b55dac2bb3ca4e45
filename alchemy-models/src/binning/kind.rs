//! What the values of a feature are, and how they are read.

use alchemy_core::Result;
use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{
    NumericColumn, TemporalColumn, TextColumn, is_boolean, is_temporal, is_text,
};
use serde::{Deserialize, Serialize};

/// What a feature's values are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Numbers and Booleans.
    Number,
    /// Dates and timestamps, in microseconds.
    Time,
    /// Text: the levels, ascending; a value counts as its rank, and as missing if it is not among them.
    Text(Vec<String>),
}

impl Kind {
    /// Text has no levels yet.
    pub(super) fn of(data_type: &DataType) -> Self {
        if is_text(data_type) {
            Self::Text(vec![])
        } else if is_temporal(data_type) {
            Self::Time
        } else {
            Self::Number
        }
    }

    /// The place of `text` among the levels; `None` if it is none of them, or the feature is no text.
    pub(super) fn rank(&self, text: &str) -> Option<usize> {
        match self {
            Self::Text(levels) => rank(levels, text),
            Self::Number | Self::Time => None,
        }
    }

    /// Calls `each` with the row and value of every value of `array` that is not missing.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnType`] for an array of another kind.
    pub(super) fn for_each_present(
        &self,
        name: &str,
        array: &ArrayRef,
        mut each: impl FnMut(usize, f64),
    ) -> Result<()> {
        match self {
            Self::Number if is_boolean(array.data_type()) => {
                NumericColumn::ordered(name, array)?
                    .view()
                    .for_each_row(each);
            }
            Self::Number => NumericColumn::new(name, array)?.view().for_each_row(each),
            Self::Time => {
                let times = TemporalColumn::new(name, array)?;
                for row in 0..times.len() {
                    if let Some(micros) = times.micros(row) {
                        each(row, micros as f64);
                    }
                }
            }
            Self::Text(levels) => {
                let mut row = 0;
                TextColumn::new(name, array)?.for_each(|text| {
                    if let Some(rank) = text.and_then(|text| rank(levels, text)) {
                        each(row, rank as f64);
                    }
                    row += 1;
                });
            }
        }
        Ok(())
    }
}

/// The place of `text` among `levels`, which are ascending.
fn rank(levels: &[String], text: &str) -> Option<usize> {
    levels
        .binary_search_by(|level| level.as_str().cmp(text))
        .ok()
}

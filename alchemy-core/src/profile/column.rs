//! The profile of one column.

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::numbers::NumericSummary;
use super::text::TextSummary;

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The column.
    pub name: String,
    /// Its Arrow type, as Arrow prints it.
    pub data_type: String,
    /// Rows, missing ones included.
    pub rows: u64,
    /// Missing values: null or NaN.
    pub nulls: u64,
    /// Those of them that are NaN.
    pub nans: u64,
    /// Different values, missing ones left out; 0 for a nested type.
    pub distinct: u64,
    /// The relative standard error of `distinct`: 0 where it is exact, as it always is without
    /// sketches.
    pub distinct_error: f64,
    /// Bytes that the column takes in memory.
    pub bytes: u64,
    /// The most frequent values, by falling count, then by value.
    pub top: Vec<ValueCount>,
    /// By how much a count in `top` may be too low; 0 without sketches.
    pub top_error: u64,
    /// More, by kind of column.
    pub summary: Summary,
}

impl ColumnProfile {
    /// Values that are not missing.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.rows.saturating_sub(self.nulls)
    }

    /// All different values, most frequent first, where there are few enough for `top` to list them;
    /// see [`Profiler::with_top`](super::Profiler::with_top).
    #[must_use]
    pub fn all_values(&self) -> Option<impl Iterator<Item = &str>> {
        let is_complete = self.top.len() as u64 == self.distinct
            && self.distinct_error == 0.0
            && self.top_error == 0;
        (is_complete && self.distinct > 0).then(|| self.top.iter().map(|top| top.value.as_str()))
    }

    /// Whether no value is missing and none occurs twice, in two rows or more. Not known, and so
    /// false, where different values are estimated.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.rows > 1 && self.distinct == self.rows && self.distinct_error == 0.0
    }

    pub(super) fn forget_rows(&mut self) {
        match &mut self.summary {
            Summary::Numeric(summary) => (summary.min_row, summary.max_row) = (None, None),
            Summary::Temporal {
                first_row,
                last_row,
                ..
            } => (*first_row, *last_row) = (None, None),
            Summary::Text(_) | Summary::None => {}
        }
    }

    /// Whether a value stands for itself, not for a place on a scale.
    pub(super) fn has_categories(&self) -> bool {
        match self.summary {
            Summary::Text(_) | Summary::None => true,
            Summary::Numeric(_) => self.is_integer(),
            Summary::Temporal { .. } => false,
        }
    }

    pub(super) fn is_integer(&self) -> bool {
        self.data_type
            .parse()
            .is_ok_and(|data_type: DataType| data_type.is_integer())
    }
}

/// What is known of a column by its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Summary {
    /// Numbers.
    Numeric(NumericSummary),
    /// Text, dictionaries of text included.
    Text(TextSummary),
    /// Dates or timestamps: the first and the last, as Arrow prints them.
    Temporal {
        /// The earliest.
        first: String,
        /// The latest.
        last: String,
        /// The first row with the earliest, from 0; `None` where rows have no numbers.
        first_row: Option<u64>,
        /// The first row with the latest.
        last_row: Option<u64>,
    },
    /// Nothing more: a Boolean or nested column, or one without values.
    None,
}

/// A value, as text, and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// How many rows have it.
    pub count: u64,
}

impl ValueCount {
    pub(super) fn list(counts: Vec<(String, u64)>) -> Vec<Self> {
        let counts = counts.into_iter();
        counts.map(|(value, count)| Self { value, count }).collect()
    }
}

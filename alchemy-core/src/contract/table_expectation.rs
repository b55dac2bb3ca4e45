//! What a contract may expect of the table.

use std::fmt;
use std::ops::RangeBounds;

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::stored::StoredTableExpectation;
use super::{Interval, Rule};
use crate::column::{is_numeric, is_temporal};
use crate::{Error, Result, Severity};

/// What several columns, or all rows, must be like.
///
/// # Examples
///
/// ```
/// use alchemy_core::{Comparison, TableExpectation};
///
/// let ends_later = TableExpectation::compare("start", Comparison::AtMost, "end");
/// assert_eq!(ends_later.to_string(), "start <= end");
/// assert_eq!(TableExpectation::row_count(1..)?.to_string(), "rows in [1, ∞)");
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredTableExpectation", into = "StoredTableExpectation")]
#[non_exhaustive]
pub enum TableExpectation {
    /// The number of rows lies in an interval.
    RowCount(Interval),
    /// No row equals an earlier one in all of these columns; a row that misses a value in one of them is left out.
    Unique(Vec<String>),
    /// In every row that has both, one number, date or time compares so with another. All are compared exactly, decimals
    /// as the nearest float; a time without a zone is taken as UTC.
    Compare {
        /// The column on the left.
        left: String,
        /// How its values compare with those on the right.
        is: Comparison,
        /// The column on the right.
        right: String,
    },
}

/// How the left value compares with the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// Less than.
    #[serde(rename = "<")]
    Below,
    /// Less than or equal to.
    #[serde(rename = "<=")]
    AtMost,
    /// Equal to.
    #[serde(rename = "==")]
    Equal,
}

impl Comparison {
    fn symbol(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
        }
    }
}

impl TableExpectation {
    /// [`RowCount`](Self::RowCount): a number of rows in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`].
    pub fn row_count(range: impl RangeBounds<u64>) -> Result<Self> {
        Self::RowCount(Interval::new(range)?).checked()
    }

    /// [`Unique`](Self::Unique): `columns` together are a key.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] without a column.
    pub fn unique<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Result<Self> {
        Self::Unique(columns.into_iter().map(Into::into).collect()).checked()
    }

    /// [`Compare`](Self::Compare): `left` compared with `right`.
    #[must_use]
    pub fn compare(left: impl Into<String>, is: Comparison, right: impl Into<String>) -> Self {
        Self::Compare {
            left: left.into(),
            is,
            right: right.into(),
        }
    }

    /// This expectation at `severity`; without, it is an error.
    #[must_use]
    pub fn at(self, severity: Severity) -> Rule<Self> {
        Rule::new(self, severity)
    }

    /// The columns it is about.
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::RowCount(_) => Vec::new(),
            Self::Unique(columns) => columns.iter().map(String::as_str).collect(),
            Self::Compare { left, right, .. } => vec![left, right],
        }
    }

    /// Whether it can be asked of `columns`, given with their types.
    pub(super) fn suits(&self, columns: &[(&str, &DataType)]) -> Result<()> {
        if !matches!(self, Self::Compare { .. }) {
            return Ok(());
        }
        let kind: fn(&DataType) -> bool = match columns.first() {
            Some((_, first)) if is_temporal(first) => is_temporal,
            _ => is_numeric,
        };
        match columns.iter().find(|(_, data_type)| !kind(data_type)) {
            None => Ok(()),
            Some((name, data_type)) => Err(Error::ColumnType {
                column: (*name).to_owned(),
                found: (*data_type).clone(),
                expected: "two numbers, or two dates or times, to compare".to_owned(),
            }),
        }
    }

    /// Itself, if its parameters are what they may be.
    pub(super) fn checked(self) -> Result<Self> {
        match &self {
            Self::RowCount(interval) if interval.numbers().is_none() => Err(Error::parameter(
                "row_count",
                "has bounds that are not numbers",
            )),
            Self::Unique(columns) if columns.is_empty() => {
                Err(Error::parameter("columns", "has no column"))
            }
            _ => Ok(self),
        }
    }
}

impl fmt::Display for TableExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowCount(interval) => write!(f, "rows in {interval}"),
            Self::Unique(columns) => write!(f, "{} unique", columns.join(", ")),
            Self::Compare { left, is, right } => write!(f, "{left} {} {right}", is.symbol()),
        }
    }
}

//! What a contract may expect of the table.

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeBounds;

use arrow::datatypes::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

use super::stored::StoredTableExpectation;
use super::{Interval, Rule};
use crate::column::{is_numeric, is_temporal};
use crate::{Error, Expr, Result, Severity};

/// What several columns, or all rows, must be like.
///
/// # Examples
///
/// ```
/// use alchemy_core::{Comparison, TableExpectation};
///
/// let ends_later = TableExpectation::compare("start", Comparison::AtMost, "end");
/// assert_eq!(ends_later.to_string(), "start <= end");
/// let adds_up = TableExpectation::holds("abs(a + b - total) < 0.01".parse()?)?;
/// assert_eq!(adds_up.to_string(), "abs(a + b - total) < 0.01");
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
    /// In every row in which it is known whether it holds, the condition does. Columns are read in the types of the
    /// contract.
    Holds(Expr),
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
    /// Not equal to.
    #[serde(rename = "!=")]
    NotEqual,
    /// Greater than.
    #[serde(rename = ">")]
    Above,
    /// Greater than or equal to.
    #[serde(rename = ">=")]
    AtLeast,
}

impl Comparison {
    pub(crate) const ALL: [Self; 6] = [
        Self::Below,
        Self::AtMost,
        Self::Equal,
        Self::NotEqual,
        Self::Above,
        Self::AtLeast,
    ];

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    /// The same with left and right exchanged.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::AtMost => Self::AtLeast,
            Self::Above => Self::Below,
            Self::AtLeast => Self::AtMost,
            Self::Equal | Self::NotEqual => self,
        }
    }

    /// Whether a left value that stands so to the right one compares like this.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
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

    /// [`Holds`](Self::Holds): `condition` is not false in any row.
    ///
    /// # Errors
    ///
    /// Those of [`Expr::check`].
    pub fn holds(condition: Expr) -> Result<Self> {
        Self::Holds(condition).checked()
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
            Self::Holds(condition) => condition.columns(),
        }
    }

    /// Whether it can be asked of `columns`, given with their types.
    pub(super) fn suits(&self, columns: &[(&str, &DataType)]) -> Result<()> {
        if let Self::Holds(condition) = self {
            let fields = columns
                .iter()
                .map(|(name, data_type)| Field::new(*name, (*data_type).clone(), true));
            return condition.check_condition(&Schema::new(fields.collect::<Vec<_>>()));
        }
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
            Self::Holds(condition) => {
                condition.check()?;
                Ok(self)
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
            Self::Holds(condition) => condition.fmt(f),
        }
    }
}

//! What a contract may expect of a column.

use std::fmt;
use std::ops::RangeBounds;

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::stored::StoredExpectation;
use super::{Interval, Pattern, Scalar};
use crate::column::{is_boolean, is_numeric, is_temporal, is_text};
use crate::stats::Quantile;
use crate::{Error, Result};

/// Allowed values that are listed when an expectation prints.
const LISTED: usize = 5;

/// What a column must be like.
///
/// A missing value (null or NaN) meets every expectation but [`NotNull`](Self::NotNull) and
/// [`NullShare`](Self::NullShare), which are there for it. The first group is about single cells, and a row with
/// another cell is turned away by [`Contract::admit`](super::Contract::admit); the last is about the column as a whole.
///
/// # Examples
///
/// ```
/// use alchemy_core::Expectation;
///
/// assert_eq!(Expectation::range(0..=120)?.to_string(), "in [0, 120]");
/// assert_eq!(Expectation::one_of(["a", "b"])?.to_string(), "one of \"a\", \"b\"");
/// assert!(Expectation::matches("[a-z").is_err());
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredExpectation", into = "StoredExpectation")]
#[non_exhaustive]
pub enum Expectation {
    /// Cells: not missing.
    NotNull,
    /// Cells: text that is a number, or blank: what [`parse_number`](crate::parse_number) reads.
    NumberText,
    /// Cells: a number, date or time in an interval. Decimals are compared as the nearest float, all else exactly.
    Range(Interval),
    /// Cells: text, an integer or a Boolean from a list.
    OneOf(Vec<Scalar>),
    /// Cells: text that matches a pattern from end to end.
    Matches(Pattern),
    /// Cells: text of so many characters (Unicode scalar values).
    Length(Interval),
    /// Cells: unlike every cell before it.
    Unique,
    /// Cells: a number, date or time that is not below the one before it, or above it if `strictly`; among the rows
    /// that are equal in the columns `by`.
    Increasing {
        /// Whether neighbours must differ.
        strictly: bool,
        /// The columns whose rows are ordered each on their own; none: all rows are one series.
        by: Vec<String>,
    },
    /// Column: at most this share of the rows, from 0 to 1, misses a value.
    NullShare(f64),
    /// Column: the mean of the numbers lies in an interval.
    Mean(Interval),
    /// Column: a quantile of the numbers (type 7) lies in an interval. Holds 8 bytes for each row.
    Quantile(Quantile, Interval),
    /// Column: the share that a text, integer or Boolean has of the values lies in an interval.
    Share(Scalar, Interval),
}

impl Expectation {
    /// [`Range`](Self::Range): numbers, or dates and times as text, in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`].
    pub fn range<T: Clone + Into<Scalar>>(range: impl RangeBounds<T>) -> Result<Self> {
        Self::Range(Interval::new(range)?).checked()
    }

    /// [`OneOf`](Self::OneOf): no other than `values`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for no value, values of several kinds, or a number that is not whole.
    pub fn one_of<T: Into<Scalar>>(values: impl IntoIterator<Item = T>) -> Result<Self> {
        Self::OneOf(values.into_iter().map(Into::into).collect()).checked()
    }

    /// [`Matches`](Self::Matches): text that matches `pattern` from end to end.
    ///
    /// # Errors
    ///
    /// Those of [`Pattern::new`].
    pub fn matches(pattern: &str) -> Result<Self> {
        Ok(Self::Matches(Pattern::new(pattern)?))
    }

    /// [`Length`](Self::Length): text with a number of characters in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`].
    pub fn length(range: impl RangeBounds<u64>) -> Result<Self> {
        Self::Length(Interval::new(range)?).checked()
    }

    /// [`NullShare`](Self::NullShare): at most `share` of the rows without a value.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless `share` is between 0 and 1.
    pub fn null_share(share: f64) -> Result<Self> {
        Self::NullShare(share).checked()
    }

    /// [`Mean`](Self::Mean): a mean in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`].
    pub fn mean(range: impl RangeBounds<f64>) -> Result<Self> {
        Self::Mean(Interval::new(range)?).checked()
    }

    /// [`Quantile`](Self::Quantile): a quantile `q` in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`].
    pub fn quantile(q: Quantile, range: impl RangeBounds<f64>) -> Result<Self> {
        Self::Quantile(q, Interval::new(range)?).checked()
    }

    /// [`Share`](Self::Share): a share of `value`, from 0 to 1, in `range`.
    ///
    /// # Errors
    ///
    /// Those of [`Interval::new`]; [`Error::InvalidParameter`] for a number that is not whole.
    pub fn share(value: impl Into<Scalar>, range: impl RangeBounds<f64>) -> Result<Self> {
        Self::Share(value.into(), Interval::new(range)?).checked()
    }

    /// Itself, if its parameters are what they may be.
    pub(super) fn checked(self) -> Result<Self> {
        let is_level = |value: &Scalar| !matches!(value, Scalar::Number(_));
        let numeric = |interval: &Interval, parameter| match interval.numbers() {
            Some(_) => Ok(()),
            None => Err(Error::parameter(
                parameter,
                "has bounds that are not numbers",
            )),
        };
        match &self {
            Self::OneOf(values) => {
                let kind = values.first().map(std::mem::discriminant);
                if kind.is_none() {
                    return Err(Error::parameter("values", "has no value"));
                }
                if values
                    .iter()
                    .any(|value| Some(std::mem::discriminant(value)) != kind)
                {
                    return Err(Error::parameter("values", "has values of several kinds"));
                }
                if !values.iter().all(is_level) {
                    return Err(Error::parameter("values", "has a number that is not whole"));
                }
            }
            Self::NullShare(share) if !(0.0..=1.0).contains(share) => {
                let message = format!("must be between 0 and 1, not {share}");
                return Err(Error::parameter("max", message));
            }
            Self::Length(interval) => numeric(interval, "length")?,
            Self::Mean(interval) => numeric(interval, "mean")?,
            Self::Quantile(_, interval) => numeric(interval, "quantile")?,
            Self::Share(value, interval) => {
                numeric(interval, "share")?;
                if !is_level(value) {
                    return Err(Error::parameter("value", "is a number that is not whole"));
                }
            }
            _ => {}
        }
        Ok(self)
    }

    /// Whether it can be asked of the column `name`, of type `data_type`.
    pub(super) fn suits(&self, name: &str, data_type: &DataType) -> Result<()> {
        let level = |value: &Scalar| match value {
            Scalar::Boolean(_) => (is_boolean(data_type), "Boolean"),
            Scalar::Text(_) => (is_text(data_type), "text"),
            Scalar::Integer(_) | Scalar::Number(_) => (is_numeric(data_type), "a number"),
        };
        let (suits, expected) = match self {
            Self::NotNull | Self::Unique | Self::NullShare(_) => (true, ""),
            Self::NumberText | Self::Matches(_) | Self::Length(_) => (is_text(data_type), "text"),
            Self::Range(interval) if is_temporal(data_type) => {
                interval.ticks(data_type)?;
                (true, "")
            }
            Self::Range(interval) if interval.numbers().is_none() => {
                (false, "a date or time, as its bounds are text")
            }
            Self::Range(_) | Self::Mean(_) | Self::Quantile(..) => {
                (is_numeric(data_type), "a number")
            }
            Self::Increasing { .. } => (
                is_numeric(data_type) || is_temporal(data_type),
                "a number, date or time",
            ),
            Self::OneOf(values) => values.first().map_or((true, ""), level),
            Self::Share(value, _) => level(value),
        };
        if suits {
            Ok(())
        } else {
            Err(Error::ColumnType {
                column: name.to_owned(),
                found: data_type.clone(),
                expected: expected.to_owned(),
            })
        }
    }
}

/// In words that follow "is": `not missing`, `in [0, 120)`.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => f.write_str("not missing"),
            Self::NumberText => f.write_str("a number"),
            Self::Range(interval) => write!(f, "in {interval}"),
            Self::OneOf(values) => {
                let listed: Vec<String> =
                    values.iter().take(LISTED).map(Scalar::to_string).collect();
                write!(f, "one of {}", listed.join(", "))?;
                match values.len().saturating_sub(LISTED) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Matches(pattern) => write!(f, "of the form {pattern}"),
            Self::Length(interval) => write!(f, "of a length in {interval}"),
            Self::Unique => f.write_str("unique"),
            Self::Increasing { strictly, by } => {
                f.write_str(if *strictly {
                    "increasing"
                } else {
                    "not decreasing"
                })?;
                if by.is_empty() {
                    Ok(())
                } else {
                    write!(f, " by {}", by.join(", "))
                }
            }
            Self::NullShare(share) => write!(f, "missing in a share of at most {share}"),
            Self::Mean(interval) => write!(f, "of a mean in {interval}"),
            Self::Quantile(q, interval) => {
                write!(f, "of a quantile {} in {interval}", q.get())
            }
            Self::Share(value, interval) => write!(f, "{value} in a share in {interval}"),
        }
    }
}

//! What missing cells are filled with.

use alchemy_core::ColumnSelector;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{is_boolean, is_numeric, is_text};

use crate::plain::is_scalar;

/// How the fill value of a column is found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ImputeStrategy {
    /// The 0.5 quantile by linear interpolation (type 7); numbers only.
    Median,
    /// The exact sum divided by the count, rounded once; numbers only.
    Mean,
    /// The most frequent value, the smallest of those equally frequent; numbers, text, Booleans and points in time.
    Mode,
    /// The same value everywhere, which must be a value of the column's type.
    Constant(Constant),
}

/// A value given by the caller.
///
/// # Examples
///
/// ```
/// use alchemy_clean::Constant;
///
/// assert_eq!(Constant::from(0), Constant::Integer(0));
/// assert_eq!(Constant::from("none"), Constant::Text("none".into()));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// For columns of numbers.
    Integer(i64),
    /// For columns of numbers; one with a fraction is no value of an integer column.
    Number(f64),
    /// For columns of text.
    Text(String),
    /// For Boolean columns.
    Boolean(bool),
}

impl ImputeStrategy {
    /// [`ImputeStrategy::Constant`] of a number, text or Boolean.
    #[must_use]
    pub fn constant(value: impl Into<Constant>) -> Self {
        Self::Constant(value.into())
    }

    /// The columns this has a meaning for.
    pub(super) fn default_columns(&self) -> ColumnSelector {
        match self {
            Self::Median | Self::Mean => ColumnSelector::numeric(),
            Self::Mode => ColumnSelector::all(),
            Self::Constant(Constant::Integer(_) | Constant::Number(_)) => ColumnSelector::numeric(),
            Self::Constant(Constant::Text(_)) => ColumnSelector::text(),
            Self::Constant(Constant::Boolean(_)) => ColumnSelector::boolean(),
        }
    }

    /// Whether this has a meaning for columns of a type.
    pub(super) fn accepts(&self, data_type: &DataType) -> bool {
        match self {
            Self::Median
            | Self::Mean
            | Self::Constant(Constant::Integer(_) | Constant::Number(_)) => is_numeric(data_type),
            Self::Mode => is_scalar(data_type),
            Self::Constant(Constant::Text(_)) => is_text(data_type),
            Self::Constant(Constant::Boolean(_)) => is_boolean(data_type),
        }
    }

    /// What it accepts, in words.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Self::Median | Self::Mean => "a number",
            Self::Mode => "a number, text, a Boolean or a point in time",
            Self::Constant(Constant::Integer(_) | Constant::Number(_)) => {
                "a number, as the constant is"
            }
            Self::Constant(Constant::Text(_)) => "text, as the constant is",
            Self::Constant(Constant::Boolean(_)) => "a Boolean, as the constant is",
        }
    }
}

impl From<i64> for Constant {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Constant {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Constant {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Constant {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Constant {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Constant {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

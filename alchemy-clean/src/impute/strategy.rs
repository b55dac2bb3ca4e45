//! What missing cells are filled with.

use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{is_boolean, is_numeric, is_text};
use alchemy_core::{ColumnSelector, Error, Result};
use serde::{Deserialize, Serialize};

use crate::plain::is_scalar;

/// What missing cells are filled with, and how that is found.
///
/// In JSON it is `"median"`, `{"quantile": 0.9}`, `{"constant": "none"}` or `{"random_draw": {"seed": 7}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImputeStrategy {
    /// The 0.5 quantile by linear interpolation (type 7); numbers only.
    Median,
    /// The quantile at a probability from 0 to 1, by linear interpolation (type 7); numbers only.
    Quantile(f64),
    /// The exact sum divided by the count, rounded once; numbers only.
    Mean,
    /// The most frequent value, the smallest of those equally frequent; numbers, text, Booleans and points in time.
    Mode,
    /// The same value everywhere, which must be a value of the column's type.
    Constant(Constant),
    /// A value drawn at random from those observed, so that the column keeps its distribution; numbers, text, Booleans
    /// and points in time. See [`ImputeStrategy::random_draw`].
    RandomDraw {
        /// Names the draws: another seed gives others.
        seed: u64,
        /// The columns that tell one row from another.
        #[serde(default = "ColumnSelector::all", skip_serializing_if = "is_all")]
        row_id: ColumnSelector,
    },
}

fn is_all(columns: &ColumnSelector) -> bool {
    *columns == ColumnSelector::all()
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
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

    /// [`ImputeStrategy::RandomDraw`], with rows told apart by all features.
    ///
    /// What a cell gets depends on the seed, the name of its column and the other cells of its row, and on nothing else:
    /// not on the cuts between batches, the order of rows or threads, so a row scored alone gets what it got in its
    /// batch. Rows that are equal in all those cells get the same value; where that would be many, name a column that
    /// tells them apart by [`random_draw_by`](Self::random_draw_by).
    ///
    /// The distribution drawn from is that of at most 10,000 training rows, all of them if there are no more, chosen by
    /// the least hashes of those cells, and for each group its own. Rows that are equal are chosen together. Fitting
    /// hashes those cells of every row, about 30 ns a row and column; filling, those of rows with a missing cell.
    #[must_use]
    pub fn random_draw(seed: u64) -> Self {
        Self::random_draw_by(seed, ColumnSelector::all())
    }

    /// [`ImputeStrategy::RandomDraw`], with rows told apart by the columns `row_id`, such as a customer's number.
    #[must_use]
    pub fn random_draw_by(seed: u64, row_id: impl Into<ColumnSelector>) -> Self {
        Self::RandomDraw {
            seed,
            row_id: row_id.into(),
        }
    }

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a probability that is none.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Quantile(q) if !(0.0..=1.0).contains(q) => Err(Error::parameter(
                "quantile",
                format!("must be between 0 and 1, not {q}"),
            )),
            _ => Ok(()),
        }
    }

    /// The columns this has a meaning for.
    pub(super) fn default_columns(&self) -> ColumnSelector {
        match self {
            Self::Median | Self::Quantile(_) | Self::Mean => ColumnSelector::numeric(),
            Self::Mode | Self::RandomDraw { .. } => ColumnSelector::all(),
            Self::Constant(Constant::Integer(_) | Constant::Number(_)) => ColumnSelector::numeric(),
            Self::Constant(Constant::Text(_)) => ColumnSelector::text(),
            Self::Constant(Constant::Boolean(_)) => ColumnSelector::boolean(),
        }
    }

    /// Whether this has a meaning for columns of a type.
    pub(super) fn accepts(&self, data_type: &DataType) -> bool {
        match self {
            Self::Median
            | Self::Quantile(_)
            | Self::Mean
            | Self::Constant(Constant::Integer(_) | Constant::Number(_)) => is_numeric(data_type),
            Self::Mode | Self::RandomDraw { .. } => is_scalar(data_type),
            Self::Constant(Constant::Text(_)) => is_text(data_type),
            Self::Constant(Constant::Boolean(_)) => is_boolean(data_type),
        }
    }

    /// What it accepts, in words.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Self::Median | Self::Quantile(_) | Self::Mean => "a number",
            Self::Mode | Self::RandomDraw { .. } => "a number, text, a Boolean or a point in time",
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

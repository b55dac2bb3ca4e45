//! The JSON form of expectations.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};

use super::interval::StoredInterval;
use super::{Comparison, Expectation, Interval, Pattern, Rule, Scalar, TableExpectation};
use crate::stats::Quantile;
use crate::{Error, Expr, Result, Severity};

/// One object per expectation: its name under `expect`, its parameters beside it. Unknown names and keys are errors.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredExpectation {
    NotNull {},
    NumberText {},
    Range(StoredInterval),
    OneOf {
        values: Vec<Scalar>,
    },
    Matches {
        pattern: Pattern,
    },
    Length(StoredInterval),
    Unique {},
    Increasing {
        #[serde(default, skip_serializing_if = "is_false")]
        strictly: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<String>,
    },
    NullShare {
        max: f64,
    },
    Mean(StoredInterval),
    Quantile {
        q: Quantile,
        within: Interval,
    },
    Share {
        value: Scalar,
        within: Interval,
    },
}

/// The same for the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredTableExpectation {
    RowCount(StoredInterval),
    Unique {
        columns: Vec<String>,
    },
    Compare {
        left: String,
        is: Comparison,
        right: String,
    },
    Holds {
        condition: Expr,
    },
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl TryFrom<StoredExpectation> for Expectation {
    type Error = Error;

    fn try_from(stored: StoredExpectation) -> Result<Self> {
        match stored {
            StoredExpectation::NotNull {} => Self::NotNull,
            StoredExpectation::NumberText {} => Self::NumberText,
            StoredExpectation::Range(interval) => Self::Range(interval.try_into()?),
            StoredExpectation::OneOf { values } => Self::OneOf(values),
            StoredExpectation::Matches { pattern } => Self::Matches(pattern),
            StoredExpectation::Length(interval) => Self::Length(interval.try_into()?),
            StoredExpectation::Unique {} => Self::Unique,
            StoredExpectation::Increasing { strictly, by } => Self::Increasing { strictly, by },
            StoredExpectation::NullShare { max } => Self::NullShare(max),
            StoredExpectation::Mean(interval) => Self::Mean(interval.try_into()?),
            StoredExpectation::Quantile { q, within } => Self::Quantile(q, within),
            StoredExpectation::Share { value, within } => Self::Share(value, within),
        }
        .checked()
    }
}

impl From<Expectation> for StoredExpectation {
    fn from(expectation: Expectation) -> Self {
        match expectation {
            Expectation::NotNull => Self::NotNull {},
            Expectation::NumberText => Self::NumberText {},
            Expectation::Range(interval) => Self::Range(interval.into()),
            Expectation::OneOf(values) => Self::OneOf { values },
            Expectation::Matches(pattern) => Self::Matches { pattern },
            Expectation::Length(interval) => Self::Length(interval.into()),
            Expectation::Unique => Self::Unique {},
            Expectation::Increasing { strictly, by } => Self::Increasing { strictly, by },
            Expectation::NullShare(max) => Self::NullShare { max },
            Expectation::Mean(interval) => Self::Mean(interval.into()),
            Expectation::Quantile(q, within) => Self::Quantile { q, within },
            Expectation::Share(value, within) => Self::Share { value, within },
        }
    }
}

impl TryFrom<StoredTableExpectation> for TableExpectation {
    type Error = Error;

    fn try_from(stored: StoredTableExpectation) -> Result<Self> {
        match stored {
            StoredTableExpectation::RowCount(interval) => Self::RowCount(interval.try_into()?),
            StoredTableExpectation::Unique { columns } => Self::Unique(columns),
            StoredTableExpectation::Compare { left, is, right } => {
                Self::Compare { left, is, right }
            }
            StoredTableExpectation::Holds { condition } => Self::Holds(condition),
        }
        .checked()
    }
}

impl From<TableExpectation> for StoredTableExpectation {
    fn from(expectation: TableExpectation) -> Self {
        match expectation {
            TableExpectation::RowCount(interval) => Self::RowCount(interval.into()),
            TableExpectation::Unique(columns) => Self::Unique { columns },
            TableExpectation::Compare { left, is, right } => Self::Compare { left, is, right },
            TableExpectation::Holds(condition) => Self::Holds { condition },
        }
    }
}

/// An object with `severity` beside the expectation, or the bare name of an expectation without parameters.
impl<'de, E: DeserializeOwned> Deserialize<'de> for Rule<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut stored = match Value::deserialize(deserializer)? {
            Value::String(name) => json!({ "expect": name }),
            other => other,
        };
        let severity = stored
            .as_object_mut()
            .and_then(|object| object.remove("severity"));
        let severity = severity.map_or(Ok(Severity::Error), serde_json::from_value);
        Ok(Self {
            expectation: serde_json::from_value(stored).map_err(de::Error::custom)?,
            severity: severity.map_err(de::Error::custom)?,
        })
    }
}

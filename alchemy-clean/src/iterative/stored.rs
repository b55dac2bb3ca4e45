//! A fitted iterative imputer as it is written down, and the checks when it is read.

use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::is_numeric;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::ridge::Regression;
use super::{Column, FittedIterativeImputer, LARGEST, check_bounds};
use crate::plain::{data_type_text, require_distinct};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    columns: Vec<StoredColumn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_value: Option<f64>,
    rounds: Vec<Vec<Regression>>,
    converged: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredColumn {
    name: String,
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    initial: f64,
}

impl From<FittedIterativeImputer> for Stored {
    fn from(fitted: FittedIterativeImputer) -> Self {
        let column = |column: Column| StoredColumn {
            name: column.name,
            data_type: column.data_type,
            initial: column.initial,
        };
        Self {
            columns: fitted.columns.into_iter().map(column).collect(),
            min_value: fitted.min_value,
            max_value: fitted.max_value,
            rounds: fitted.rounds,
            converged: fitted.converged,
        }
    }
}

impl TryFrom<Stored> for FittedIterativeImputer {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let names: Vec<String> = stored
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        require_distinct(&names)?;
        check_bounds(stored.min_value, stored.max_value)?;
        for column in &stored.columns {
            if !is_numeric(&column.data_type) {
                return Err(refuse(&column.name, "is no number"));
            }
            if column.initial.is_nan() || column.initial.abs() > LARGEST {
                return Err(refuse(&column.name, "begins as a number that is too large"));
            }
        }
        for regression in stored.rounds.iter().flatten() {
            let Some(name) = names.get(regression.column) else {
                return Err(refuse("?", "is estimated and is none of the columns"));
            };
            if regression.coefficients.len() != names.len() {
                return Err(refuse(name, "has not one coefficient for each column"));
            }
            let mut numbers = regression
                .coefficients
                .iter()
                .chain([&regression.intercept]);
            if !numbers.all(|number| number.is_finite()) {
                return Err(refuse(name, "has a coefficient that is not finite"));
            }
        }
        let column = |column: StoredColumn| Column {
            name: column.name,
            data_type: column.data_type,
            initial: column.initial,
        };
        Ok(Self {
            columns: stored.columns.into_iter().map(column).collect(),
            min_value: stored.min_value,
            max_value: stored.max_value,
            rounds: stored.rounds,
            converged: stored.converged,
        })
    }
}

fn refuse(column: &str, message: &str) -> Error {
    Error::Corrupt {
        what: "iterative imputer".into(),
        message: format!("column {column:?} {message}"),
    }
}

//! Columns of scores that training and prediction start from.

use std::collections::BTreeMap;

use alchemy_core::column::NumericColumn;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::classes::Classes;
use crate::dataset::joined;
use crate::table::Table;

/// The columns that the scores of classes start from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum ClassOffsets {
    #[default]
    None,
    /// The log odds of the higher of two classes.
    LogOdds(String),
    /// A column for each of more classes, by its label as text.
    Of(BTreeMap<String, String>),
}

impl ClassOffsets {
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::None => vec![],
            Self::LogOdds(column) => vec![column],
            Self::Of(columns) => columns.values().map(String::as_str).collect(),
        }
    }

    /// The column of each score of `classes`, or none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for columns that are not those of the scores.
    pub(super) fn by_output(&self, classes: &Classes) -> Result<Vec<String>> {
        let names = classes.names();
        match self {
            Self::None => Ok(vec![]),
            Self::LogOdds(column) if names.len() == 2 => Ok(vec![column.clone()]),
            Self::LogOdds(_) => {
                let count = names.len();
                let message = format!(
                    "is of two classes, and there are {count}: with_class_offsets takes a column for each"
                );
                Err(Error::parameter("offset", message))
            }
            Self::Of(columns) => of_each(columns, names)
                .map_err(|message| Error::parameter("class_offsets", message)),
        }
    }
}

/// The column of each class in `names`, or what is wrong with `columns`.
fn of_each(columns: &BTreeMap<String, String>, names: &[String]) -> Result<Vec<String>, String> {
    if let Some(label) = columns.keys().find(|label| !names.contains(label)) {
        return Err(format!(
            "has a column for {label:?}, and the classes are {names:?}"
        ));
    }
    if names.len() == 2 {
        let message = "is of more than two classes: of two, with_offset takes the log odds";
        return Err(message.to_owned());
    }
    let column = |name: &String| {
        let column = columns.get(name).cloned();
        column.ok_or_else(|| format!("has no column for {name:?}"))
    };
    names.iter().map(column).collect()
}

/// The offsets of every row, column by column.
///
/// # Errors
///
/// [`Error::InvalidValue`] naming the first row of a column whose offset is missing, infinite or beyond `largest`.
pub(super) fn read(table: Table<'_>, columns: &[String], largest: f64) -> Result<Vec<Vec<f64>>> {
    let column = |name: &String| read_column(table, name, largest);
    columns.iter().map(column).collect()
}

fn read_column(table: Table<'_>, name: &str, largest: f64) -> Result<Vec<f64>> {
    let array = joined(&table.column(name)?)?;
    let column = NumericColumn::new(name, &array)?;
    let offsets = column.view().to_vec();
    let is_fine = |offset: f64| offset.abs() <= largest;
    let Some(row) = offsets.iter().position(|offset| !is_fine(*offset)) else {
        return Ok(offsets);
    };
    let cell = column
        .view()
        .get(row)
        .map_or_else(|| "null".into(), |offset| offset.to_string());
    let bound = if largest > 1e6 {
        format!("{largest:e}")
    } else {
        largest.to_string()
    };
    let expected = format!("a number between -{bound} and {bound}");
    Err(Error::value(name, row as u64, &cell, expected))
}

//! What a model learns from: features, target and weights out of batches.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::compute::concat;
use alchemy_core::arrow::datatypes::Schema;
use alchemy_core::column::NumericColumn;
use alchemy_core::{ColumnSelector, Error, Result, Role};
use serde::{Deserialize, Serialize};

use crate::table::{Column, Table};

/// The largest magnitude of a target or a weight: squares of sums stay far from overflow.
pub(crate) const LARGEST: f64 = 1e30;

/// The columns that a model's builder was told of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Columns {
    pub(crate) target: Option<String>,
    pub(crate) weight: Option<String>,
    pub(crate) features: Option<ColumnSelector>,
}

/// Setters that every model's builder has; its field `columns` is a [`Columns`].
macro_rules! column_setters {
    () => {
        /// The column to predict. Default: the column whose role is [`Target`](alchemy_core::Role::Target).
        #[must_use]
        pub fn with_target(mut self, column: impl Into<String>) -> Self {
            self.columns.target = Some(column.into());
            self
        }

        /// The columns to predict from; the target and the weight are left out even if they are chosen here. Default: every
        /// column of role [`Feature`](alchemy_core::Role::Feature), which is that of a column without a role.
        #[must_use]
        pub fn with_features(mut self, columns: impl Into<alchemy_core::ColumnSelector>) -> Self {
            self.columns.features = Some(columns.into());
            self
        }

        /// The column that holds each row's weight, 0 or more; a row of weight 0 is left out. Default: the column whose
        /// role is [`Weight`](alchemy_core::Role::Weight), if there is one; else every row counts once.
        #[must_use]
        pub fn with_weight(mut self, column: impl Into<String>) -> Self {
            self.columns.weight = Some(column.into());
            self
        }
    };
}
pub(crate) use column_setters;

/// The columns that a fit uses.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) target: String,
    pub(crate) weight: Option<String>,
    pub(crate) features: Vec<String>,
}

impl Columns {
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] without a target or with a feature named twice, [`Error::Empty`] without a feature, and
    /// those of names that do not stand for one column.
    pub(crate) fn resolve(&self, schema: &Schema) -> Result<Resolved> {
        let or_role = |name: &Option<String>, role: Role| match name {
            Some(name) => Ok(Some(name.clone())),
            None => role.find(schema).map(|found| found.map(str::to_owned)),
        };
        let target = or_role(&self.target, Role::Target)?.ok_or_else(|| {
            Error::parameter("target", "is not set, and no column has the role of target")
        })?;
        let weight = or_role(&self.weight, Role::Weight)?;
        let selector = self.features.clone().unwrap_or_else(ColumnSelector::all);
        let mut features = selector.resolve(schema)?;
        features.retain(|name| *name != target && Some(name) != weight.as_ref());
        let mut sorted = features.clone();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::parameter(
                "features",
                format!("{:?} is named twice", twice[0]),
            ));
        }
        if features.is_empty() {
            return Err(Error::Empty {
                what: "the list of features".into(),
            });
        }
        Ok(Resolved {
            target,
            weight,
            features,
        })
    }
}

/// The whole of `column` as one array.
pub(crate) fn joined(column: &Column) -> Result<ArrayRef> {
    match column.arrays() {
        [array] => Ok(array.clone()),
        arrays => {
            let arrays: Vec<_> = arrays.iter().map(AsRef::as_ref).collect();
            Ok(concat(&arrays)?)
        }
    }
}

/// The target of a regression.
///
/// # Errors
///
/// [`Error::InvalidTarget`] naming the first row that is missing, infinite or beyond 1e30.
pub(crate) fn numeric_target(table: Table<'_>, name: &str) -> Result<Vec<f64>> {
    let array = joined(&table.column(name)?)?;
    let target = NumericColumn::new(name, &array)?.view().to_vec();
    for (row, value) in target.iter().enumerate() {
        let message = if value.is_nan() {
            format!("row {row} is missing")
        } else if value.abs() > LARGEST {
            format!("row {row} is {value}, beyond 1e30")
        } else {
            continue;
        };
        return Err(Error::InvalidTarget {
            column: name.to_owned(),
            message,
        });
    }
    Ok(target)
}

/// The weight of every row.
///
/// # Errors
///
/// [`Error::InvalidValue`] naming the first row whose weight is missing, negative or beyond 1e30; [`Error::Empty`] if no
/// weight is above zero.
pub(crate) fn weights(table: Table<'_>, name: &str) -> Result<Vec<f64>> {
    let array = joined(&table.column(name)?)?;
    let weights = NumericColumn::new(name, &array)?.view().to_vec();
    for (row, weight) in weights.iter().enumerate() {
        if !(0.0..=LARGEST).contains(weight) {
            let expected = "a weight between 0 and 1e30";
            return Err(Error::value(
                name,
                row as u64,
                &weight.to_string(),
                expected,
            ));
        }
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(Error::Empty {
            what: "the set of rows with a weight above zero".into(),
        });
    }
    Ok(weights)
}

/// The rows that a fit uses: those of weight above zero.
pub(crate) fn used_rows(num_rows: usize, weights: Option<&[f64]>) -> Vec<u32> {
    let used = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
    (0..u32::try_from(num_rows).unwrap_or(u32::MAX))
        .filter(used)
        .collect()
}

/// `batches` as a table to learn from, and the columns that `columns` stand for.
///
/// # Errors
///
/// Those of [`Table::to_learn_from`] and [`Columns::resolve`].
pub(crate) fn open<'a>(
    batches: &'a [RecordBatch],
    columns: &Columns,
) -> Result<(Table<'a>, Resolved)> {
    let table = Table::to_learn_from(batches)?;
    let schema = batches[0].schema_ref();
    Ok((table, columns.resolve(schema)?))
}

//! Filling with what was learned.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use alchemy_core::arrow::compute::{concat, take};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::{by_name, index_of};
use alchemy_core::{Action, Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use super::fill::{Choice, fill, missing_rows};
use super::learn::Fill;
use super::row_id::{self, row_ids, text_hash};
use super::{FillValue, Observed};
use crate::learned::{BatchGroups, Learned, LearnedColumn};
use crate::rebuilt::rebuilt;

/// What an [`Imputer`](super::Imputer) learned: a fill value, or the values to draw from, for each column and each group.
///
/// The ledger counts filled cells ([`Action::Filled`]), and those whose group taught nothing, so that all rows had to
/// stand in ([`Action::Unmatched`], with the group as its example).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedImputer {
    fills: Learned<Fill>,
    indicator: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draws: Option<Draws>,
}

/// How random draws are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draws {
    pub(super) seed: u64,
    /// The columns that tell rows apart.
    pub(super) row_id: Vec<String>,
}

impl FittedImputer {
    pub(super) fn new(fills: Learned<Fill>, indicator: bool, draws: Option<Draws>) -> Self {
        Self {
            fills,
            indicator,
            draws,
        }
    }

    /// The fill value of each column in the order of selection: that of all rows, which stands in where a group taught
    /// nothing. A column filled by random draws has none.
    pub fn fill_values(&self) -> impl Iterator<Item = (&str, &FillValue)> {
        self.fills
            .columns()
            .filter_map(|column| Some((column.name(), value(column.all())?)))
    }

    /// The fill value of the column `name`: that of all rows. `None` if it is not filled, or by random draws.
    #[must_use]
    pub fn fill_value(&self, name: &str) -> Option<&FillValue> {
        value(self.fills.column(name)?.all())
    }

    /// The fill values of the column `name` for each group that taught one, in the order of groups: the values of the key
    /// columns as text, `None` where null.
    pub fn fill_values_by_group(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (&[Option<String>], &FillValue)> {
        self.fills
            .by_group(name)
            .filter_map(|(key, fill)| Some((key, value(fill)?)))
    }

    /// What random draws for the column `name` choose from: the values of all rows. `None` if there are no draws.
    #[must_use]
    pub fn observed(&self, name: &str) -> Option<&Observed> {
        observed(self.fills.column(name)?.all())
    }

    /// As [`observed`](Self::observed), for each group that has values, in the order of groups.
    pub fn observed_by_group(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (&[Option<String>], &Observed)> {
        self.fills
            .by_group(name)
            .filter_map(|(key, fill)| Some((key, observed(fill)?)))
    }

    /// The columns that rows are grouped by.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.fills.keys()
    }

    /// One column filled, and which of its cells were missing.
    fn fill(
        &self,
        column: &LearnedColumn<Fill>,
        batch: &RecordBatch,
        groups: Option<&BatchGroups>,
    ) -> Result<(ArrayRef, BooleanArray)> {
        let name = column.name();
        let array = by_name(batch, name)?;
        let fills = column.of_groups(groups);
        if let Some(draws) = &self.draws {
            return draws.fill(name, array, batch, &fills, groups);
        }
        let values: Vec<&dyn Array> = fills
            .iter()
            .filter_map(|fill| Some(value(fill)?.array().as_ref()))
            .collect();
        if values.len() != fills.len() {
            return Err(corrupt("a fill value is missing"));
        }
        let candidates = match values.as_slice() {
            // A batch without rows has no group.
            [] => return Ok((array.clone(), BooleanArray::from(Vec::<bool>::new()))),
            values => concat(values)?,
        };
        let choice = match groups {
            Some(groups) if fills.len() > 1 => Choice::ByRow(groups.ids()),
            _ => Choice::First,
        };
        fill(name, array, &candidates, choice)
    }
}

impl Draws {
    pub(super) fn check(&self, schema: &Schema) -> Result<()> {
        row_id::check(schema, &self.row_id)
    }

    fn fill(
        &self,
        name: &str,
        array: &ArrayRef,
        batch: &RecordBatch,
        fills: &[&Fill],
        groups: Option<&BatchGroups>,
    ) -> Result<(ArrayRef, BooleanArray)> {
        let missing = missing_rows(name, array)?;
        if !missing.has_true() {
            return Ok((array.clone(), missing));
        }
        let sources: Vec<&Observed> = fills.iter().filter_map(|fill| observed(fill)).collect();
        if sources.len() != fills.len() {
            return Err(corrupt("the observed values are missing"));
        }
        let values: Vec<&dyn Array> = sources
            .iter()
            .map(|source| source.values().as_ref())
            .collect();
        let candidates = concat(&values)?;
        let mut start = 0;
        let starts: Vec<usize> = values
            .iter()
            .map(|values| {
                start += values.len();
                start - values.len()
            })
            .collect();

        let rows: Vec<u64> = missing
            .values()
            .set_indices()
            .map(|row| row as u64)
            .collect();
        let ids = self.ids_of(batch, rows)?;
        let column = text_hash(name);
        let mut positions = vec![0_u32; array.len()];
        for (row, id) in missing.values().set_indices().zip(ids) {
            let group = groups.map_or(0, |groups| groups.ids()[row] as usize);
            let position = starts[group] + sources[group].draw(self.seed, column, id);
            // An array of more values than that could not be concatenated.
            positions[row] = u32::try_from(position).unwrap_or(u32::MAX);
        }
        fill(name, array, &candidates, Choice::ByRow(&positions))
    }

    /// What tells the rows numbered `rows` apart.
    fn ids_of(&self, batch: &RecordBatch, rows: Vec<u64>) -> Result<Vec<u64>> {
        let rows = UInt64Array::from(rows);
        let mut fields = Vec::with_capacity(self.row_id.len());
        let mut columns = Vec::with_capacity(self.row_id.len());
        for name in &self.row_id {
            let index = index_of(batch.schema_ref(), name)?;
            fields.push(batch.schema_ref().fields()[index].clone());
            columns.push(take(batch.column(index), &rows, None)?);
        }
        let chosen = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        row_ids(&chosen, &self.row_id)
    }
}

impl Transform for FittedImputer {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.fills.check(input)?;
        if let Some(draws) = &self.draws {
            draws.check(input)?;
        }
        let mut fields = input.fields().to_vec();
        for column in self.fills.columns().filter(|_| self.indicator) {
            let name = format!("{}_missing", column.name());
            if fields.iter().any(|field| *field.name() == name) {
                return Err(Error::DuplicateColumn { column: name });
            }
            fields.push(Arc::new(Field::new(name, DataType::Boolean, false)));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let groups = self.fills.groups(batch)?;
        let mut columns = batch.columns().to_vec();
        for column in self.fills.columns() {
            let (filled, missing) = self.fill(column, batch, groups.as_ref())?;
            let (count, of) = (missing.true_count(), missing.len());
            ledger.record(column.name(), Action::Filled, count, of);
            column.count_fallbacks(groups.as_ref(), missing.values(), ledger);
            columns[index_of(batch.schema_ref(), column.name())?] = filled;
            if self.indicator {
                columns.push(Arc::new(missing));
            }
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedImputer {
    const NAME: &'static str = "alchemy-clean/imputer";
}

fn value(fill: &Fill) -> Option<&FillValue> {
    match fill {
        Fill::Value(value) => Some(value),
        Fill::Draw(_) => None,
    }
}

fn observed(fill: &Fill) -> Option<&Observed> {
    match fill {
        Fill::Draw(observed) => Some(observed),
        Fill::Value(_) => None,
    }
}

fn corrupt(message: &str) -> Error {
    Error::Corrupt {
        what: "imputer".into(),
        message: message.into(),
    }
}

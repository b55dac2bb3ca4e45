//! Values carried from cell to cell along the order of rows.

mod cell;
mod gaps;
mod live;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::buffer::NullBuffer;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::{
    Groups, TemporalColumn, by_name, index_of, is_temporal, present, with_copies,
};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Action, ColumnSelector, Error, Ledger, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) use gaps::{Copies, backward, forward};
pub(crate) use live::LiveCarry;

use crate::plain::require;
use crate::rebuilt::rebuilt;

/// What is carried: the parameters of a forward and of a backward fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carry {
    columns: ColumnSelector,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
}

/// Finds what is copied where: of a column's valid cells, the groups of rows if there are several, and the limit.
type FindCopies = fn(&NullBuffer, Option<&Groups>, Option<u64>) -> Copies;

impl Carry {
    pub(crate) fn of(columns: ColumnSelector) -> Self {
        Self {
            columns,
            keys: Vec::new(),
            time: None,
            limit: None,
        }
    }

    pub(crate) fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        check_limit(self.limit)?;
        for key in &self.keys {
            index_of(input, key)?;
        }
        if let Some(time) = &self.time {
            let found = input.field(index_of(input, time)?).data_type();
            require(is_temporal(found), time, found, "a date or timestamp")?;
        }
        let mut fields = input.fields().to_vec();
        for name in self.names(input)? {
            let place = index_of(input, &name)?;
            fields[place] = Arc::new(fields[place].as_ref().clone().with_nullable(true));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    /// Fills a whole batch, from an empty past.
    pub(crate) fn fill(
        &self,
        batch: &RecordBatch,
        ledger: &mut Ledger,
        find: FindCopies,
    ) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let groups = self.groups(batch)?;
        let names = self.names(batch.schema_ref())?;
        let each = |name: &String| {
            let array = by_name(batch, name)?;
            let present = present(name, array)?;
            if present.null_count() == 0 {
                return Ok((array.clone(), 0));
            }
            let copies = find(&present, groups.as_ref(), self.limit);
            Ok((with_copies(array, &present, &copies)?, copies.len()))
        };
        let filled: Vec<(ArrayRef, usize)> = try_collect(names.par_iter().map(each))?;
        let mut columns = batch.columns().to_vec();
        for (name, (array, count)) in names.iter().zip(filled) {
            ledger.record(name, Action::Filled, count, array.len());
            columns[index_of(batch.schema_ref(), name)?] = array;
        }
        rebuilt(batch, schema, columns)
    }

    /// The columns to fill, each once.
    fn names(&self, schema: &Schema) -> Result<Vec<String>> {
        chosen(&self.columns, schema, |name| {
            self.time.as_deref() == Some(name) || self.keys.iter().any(|key| key == name)
        })
    }

    /// The groups of rows, checked for their order in time; `None` where all rows are one group.
    fn groups(&self, batch: &RecordBatch) -> Result<Option<Groups>> {
        if self.keys.is_empty() && self.time.is_none() {
            return Ok(None);
        }
        let groups = Groups::of(batch, &self.keys)?;
        if let Some(name) = &self.time {
            let times = TemporalColumn::new(name, by_name(batch, name)?)?;
            let mut last = vec![None; groups.first_rows().len()];
            groups.check_order(name, &times, 0, &mut last)?;
        }
        Ok((!self.keys.is_empty()).then_some(groups))
    }
}

/// The names of the chosen columns, each once. A choice by kind leaves out the columns that a step reads for `other` ends.
pub(crate) fn chosen(
    columns: &ColumnSelector,
    schema: &Schema,
    other: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let by_name = columns.names().is_some();
    let mut names: Vec<String> = Vec::new();
    for name in columns.resolve(schema)? {
        if !names.contains(&name) && (by_name || !other(&name)) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Refuses a limit of no row.
pub(crate) fn check_limit(limit: Option<u64>) -> Result<()> {
    match limit {
        Some(0) => Err(Error::parameter("limit", "must be at least 1")),
        _ => Ok(()),
    }
}

//! Values carried from batch to batch.

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch, UInt64Array, new_null_array};
use alchemy_core::arrow::compute::{cast, concat, take};
use alchemy_core::column::{Groups, index_of, present, with_copies};
use alchemy_core::{Action, Ledger, Live, Memories, Result};
use serde::{Deserialize, Serialize};

use super::Carry;
use super::cell::Cell;
use super::gaps::{Last, along};
use crate::plain::{plain, require};
use crate::rebuilt::rebuilt;

/// A forward fill at work: it remembers a cell of each column for each key.
#[derive(Debug)]
pub(crate) struct LiveCarry {
    spec: Carry,
    /// For each key what is carried of each column.
    memories: Memories<Vec<Carried>>,
}

impl LiveCarry {
    pub(crate) fn new(spec: Carry) -> Self {
        Self {
            spec,
            memories: Memories::default(),
        }
    }
}

impl Live for LiveCarry {
    fn push(&mut self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let input = batch.schema_ref();
        let schema = self.spec.output_schema(input)?;
        let names = self.spec.names(input)?;
        let time = self.spec.time.as_deref();
        let mut recalled = self.memories.recall(batch, &self.spec.keys, time)?;
        for state in &mut recalled.states {
            state.resize_with(names.len(), Carried::default);
        }
        let mut columns = batch.columns().to_vec();
        for (index, name) in names.iter().enumerate() {
            let column = &mut columns[index_of(input, name)?];
            let states = recalled.states.iter_mut().map(|state| &mut state[index]);
            let mut states: Vec<&mut Carried> = states.collect();
            let filled;
            (*column, filled) =
                carry_on(name, column, &recalled.groups, &mut states, self.spec.limit)?;
            ledger.record(name, Action::Filled, filled, batch.num_rows());
        }
        self.memories.remember(recalled);
        rebuilt(batch, schema, columns)
    }

    fn commit(&mut self) {
        self.memories.commit();
    }

    fn rollback(&mut self) {
        self.memories.rollback();
    }

    fn save(&self) -> Result<serde_json::Value> {
        self.memories.save()
    }

    fn restore(&mut self, state: serde_json::Value) -> Result<()> {
        self.memories.restore(state)
    }
}

/// What is carried of one column, for one key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Carried {
    value: Option<Cell>,
    /// Rows of the key since.
    age: u64,
}

/// Fills the next rows of a column, and moves on what is carried of each group: the filled column, and how many cells were.
fn carry_on(
    name: &str,
    array: &ArrayRef,
    groups: &Groups,
    carried: &mut [&mut Carried],
    limit: Option<u64>,
) -> Result<(ArrayRef, usize)> {
    let found = array.data_type();
    let values = plain(name, array)?;
    // What is carried stands before the new rows, one cell a group.
    let past = carried.len();
    let cells = past_cells(name, carried, &values)?;
    let mut parts: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
    parts.push(&values);
    let joined = concat(&parts)?;

    let present = present(name, &joined)?;
    let mut lasts: Vec<Last> = carried
        .iter()
        .enumerate()
        .map(|(row, carried)| Last {
            row: carried.value.as_ref().map(|_| row),
            age: carried.age,
        })
        .collect();
    let rows = (past..).zip(groups.ids().iter().copied());
    let copies = along(&present, rows, &mut lasts, limit);
    for (last, carried) in lasts.iter().zip(carried) {
        carried.age = last.row.map_or(0, |_| last.age);
        if let Some(row) = last.row.and_then(|row| row.checked_sub(past)) {
            // A copy: a slice would keep the whole batch alive.
            let row = UInt64Array::from_value(row as u64, 1);
            carried.value = Some(Cell(take(&values, &row, None)?));
        }
    }
    if copies.is_empty() {
        return Ok((cast(&values, found)?, 0));
    }
    let filled = with_copies(&joined, &present, &copies)?.slice(past, array.len());
    Ok((cast(&filled, found)?, copies.len()))
}

/// The carried cells, null where there is none.
fn past_cells(name: &str, carried: &[&mut Carried], values: &ArrayRef) -> Result<Vec<ArrayRef>> {
    let none = new_null_array(values.data_type(), 1);
    let cell = |carried: &&mut Carried| match &carried.value {
        Some(Cell(cell)) => {
            let (was, is) = (cell.data_type(), values.data_type());
            require(was == is, name, is, &format!("{was}, as before"))?;
            Ok(cell.clone())
        }
        None => Ok(none.clone()),
    };
    carried.iter().map(cell).collect()
}

//! Cells of a whole input, and the batch they become.

use arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_empty_array,
};
use arrow::compute::concat;
use rayon::prelude::*;

use super::cells::{Cells, Place};
use super::convert::{check_cells, convert};
use super::plan::{Column, Plan, schema};
use crate::parallel::try_collect;
use crate::{Error, Result};

/// Cells of all that was read so far.
#[derive(Debug)]
pub(super) struct Table {
    plan: Plan,
    /// The positions of the columns in the files.
    pub(super) positions: Vec<usize>,
    /// By column, then by block.
    pieces: Vec<Vec<StringArray>>,
    /// By block.
    places: Vec<Place>,
    pub(super) num_rows: usize,
}

impl Table {
    pub(super) fn new(plan: Plan) -> Self {
        let positions = plan.sources();
        Self {
            plan,
            pieces: vec![Vec::new(); positions.len()],
            positions,
            places: Vec::new(),
            num_rows: 0,
        }
    }

    /// Adds the cells of the blocks that follow.
    pub(super) fn push(&mut self, group: Vec<Cells>, max_field_bytes: usize) -> Result<()> {
        self.plan.learn(&group);
        for cells in group {
            let long = |texts: &StringArray| texts.value_data().len() > max_field_bytes;
            if cells.columns.iter().any(long) {
                for (column, texts) in self.plan.columns().iter().zip(&cells.columns) {
                    check_cells(texts, max_field_bytes, column, &cells.place)?;
                }
            }
            self.num_rows += cells.num_rows;
            self.places.push(cells.place);
            for (pieces, piece) in self.pieces.iter_mut().zip(cells.columns) {
                pieces.push(piece);
            }
        }
        Ok(())
    }

    /// Reads the cells as the types that hold all of them.
    pub(super) fn finish(self) -> Result<RecordBatch> {
        let columns = self.plan.columns();
        let arrays = self
            .pieces
            .into_par_iter()
            .zip(columns.par_iter())
            .map(|(pieces, column)| join(&pieces, column, &self.places));
        let arrays = try_collect(arrays)?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.num_rows));
        RecordBatch::try_new_with_options(schema(&columns), arrays, &options).map_err(Error::Arrow)
    }
}

/// One typed array from the cells of a column.
fn join(pieces: &[StringArray], column: &Column, places: &[Place]) -> Result<ArrayRef> {
    let arrays = pieces
        .par_iter()
        .zip(places)
        .map(|(cells, place)| convert(cells, column, place));
    let arrays = try_collect(arrays)?;
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        [] => Ok(new_empty_array(column.field.data_type())),
        parts => concat(parts).map_err(Error::Arrow),
    }
}

//! Which leaf of each tree a row arrives at.

use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;

use super::trees::{ROWS_PER_TASK, Trees};
use crate::binning::BinnedMatrix;
use crate::table::Table;

/// The number of the leaf that each row of `batch` arrives at, one column per tree.
///
/// # Errors
///
/// As [`crate::binning::Binner::columns`] and [`BinnedMatrix::new`].
pub(crate) fn leaf_indices(trees: &Trees<'_>, batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = trees.columns(batch)?;
    let pieces = Table::new(std::slice::from_ref(batch)).pieces(ROWS_PER_TASK);
    let blocks = pieces.par_iter().map(|piece| {
        let matrix = BinnedMatrix::new(&columns, &[*piece])?;
        let of_tree = trees.trees.iter();
        let of_tree =
            of_tree.map(|tree| (0..piece.len).map(|row| tree.leaf(&matrix, row)).collect());
        Ok(of_tree.collect::<Vec<Vec<u32>>>())
    });
    let blocks = try_collect(blocks)?;
    let column = |tree: usize| {
        let leaves = blocks.iter().flat_map(|block| block[tree].iter().copied());
        Arc::new(UInt32Array::from_iter_values(leaves)) as ArrayRef
    };
    let columns = (0..trees.trees.len()).map(column).collect();
    let fields =
        (0..trees.trees.len()).map(|tree| Field::new(tree.to_string(), DataType::UInt32, false));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    // A model may have no tree.
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        schema, columns, &options,
    )?)
}

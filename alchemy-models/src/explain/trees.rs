//! The trees of a model, as those see them who explain it.

use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};

use crate::binning::{Binner, FeatureBins};
use crate::table::{Column, Table};
use crate::tree::node::Tree;

/// Rows that one task explains: enough that laying a tree out for them costs little.
pub(super) const ROWS_PER_TASK: usize = 256;

/// The trees of a fitted model and how they become its outputs.
#[derive(Debug, Clone)]
pub(crate) struct Trees<'a> {
    pub(crate) binner: &'a Binner,
    pub(crate) trees: &'a [Tree],
    pub(crate) combine: Combine<'a>,
    /// What each output is of: a class, or the prediction.
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Combine<'a> {
    /// Each output adds trees of its own to its score; they come round by round, one per output in each.
    Sum(&'a [f64]),
    /// Each output is the mean of what all trees say of it.
    Mean,
}

impl Trees<'_> {
    pub(super) fn num_outputs(&self) -> usize {
        self.names.len()
    }

    /// The outputs that tree number `tree` adds to, each with the place of its value in a leaf.
    pub(super) fn outputs_of(&self, tree: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let outputs = self.num_outputs();
        let (first, count) = match self.combine {
            Combine::Sum(_) => (tree % outputs, 1),
            Combine::Mean => (0, outputs),
        };
        (0..count).map(move |value| (first + value, value))
    }

    /// What `output` is before any tree.
    pub(super) fn start(&self, output: usize) -> f64 {
        match self.combine {
            Combine::Sum(start) => start[output],
            Combine::Mean => 0.0,
        }
    }

    /// What the sum over trees is divided by.
    pub(super) fn divisor(&self) -> f64 {
        match self.combine {
            Combine::Sum(_) => 1.0,
            Combine::Mean => self.trees.len() as f64,
        }
    }

    /// The columns that trees read, found in `table`.
    ///
    /// # Errors
    ///
    /// As [`Binner::columns`].
    pub(super) fn columns(&self, batch: &RecordBatch) -> Result<Vec<(&FeatureBins, Column)>> {
        self.binner.columns(Table::new(std::slice::from_ref(batch)))
    }
}

/// What is said of each output as a column of its name.
///
/// # Errors
///
/// None for as many `scores` as there are outputs.
pub(crate) fn by_output(trees: &Trees<'_>, scores: Vec<Vec<f64>>) -> Result<RecordBatch> {
    let fields = trees.names.iter();
    let fields: Vec<Field> = fields
        .map(|name| Field::new(name, DataType::Float64, false))
        .collect();
    let columns = scores.into_iter();
    let columns = columns.map(|scores| Arc::new(Float64Array::from(scores)) as ArrayRef);
    let schema = Arc::new(Schema::new(fields));
    Ok(RecordBatch::try_new(schema, columns.collect())?)
}

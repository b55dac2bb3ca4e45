//! The trees of a model, as those see them who explain it.

use std::ops::Range;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};

use rayon::prelude::*;

use crate::binning::{Binner, FeatureBins};
use crate::table::{Column, Table};
use crate::tree::node::Tree;

/// Rows that one task explains.
pub(super) const ROWS_PER_TASK: usize = 256;

/// Trees that are made ready for explaining at a time, when they are not kept: few, as a forest's may be large.
const TREES_PER_RUN: usize = 32;

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

    /// The outputs that the values of leaves of tree number `tree` add to.
    pub(super) fn outputs_of(&self, tree: usize) -> Range<usize> {
        match self.combine {
            Combine::Sum(_) => {
                let output = tree % self.num_outputs();
                output..output + 1
            }
            Combine::Mean => 0..self.num_outputs(),
        }
    }

    /// The numbers of all trees, some at a time.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let num_trees = self.trees.len();
        let firsts = (0..num_trees).step_by(TREES_PER_RUN);
        firsts.map(move |first| first..num_trees.min(first + TREES_PER_RUN))
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

    /// What each output is when no feature is known.
    pub(super) fn bases(&self) -> Vec<f64> {
        let means = self.trees.par_iter().enumerate().map(|(index, tree)| {
            let values = 0..self.outputs_of(index).len();
            values.map(|value| mean(tree, value)).collect::<Vec<_>>()
        });
        let means: Vec<_> = means.collect();
        let mut bases = vec![0.0; self.num_outputs()];
        for (index, means) in means.into_iter().enumerate() {
            for (output, mean) in self.outputs_of(index).zip(means) {
                bases[output] += mean;
            }
        }
        for (output, base) in bases.iter_mut().enumerate() {
            *base = self.start(output) + *base / self.divisor();
        }
        bases
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

/// The mean of a tree over the shares of its leaves. Children come after their parents.
#[expect(clippy::cast_possible_truncation, reason = "nodes are numbered by u32")]
fn mean(tree: &Tree, value: usize) -> f64 {
    let mut means = vec![0.0; tree.num_nodes()];
    for node in (0..tree.num_nodes()).rev() {
        means[node] = match tree.left(node as u32) {
            None => tree.values(node as u32)[value],
            Some(left) => {
                let share = tree.share_left(left);
                share * means[left as usize] + (1.0 - share) * means[left as usize + 1]
            }
        };
    }
    means[0]
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

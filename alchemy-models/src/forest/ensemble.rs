//! A forest without its target: bins and trees.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::binning::{BinnedMatrix, Binner, FeatureBins};
use crate::explain::{Combine, Trees};
use crate::importance::Importance;
use crate::predict::RowScratch;
use crate::table::{Column, Table};
use crate::tree::node::Tree;
use crate::tree::predict::for_each_tree;

/// Rows that one task takes through all trees: the more, the fewer times a large tree comes through the cache.
const MOST_ROWS: usize = 8192;
const FEWEST_ROWS: usize = 1024;

/// Trees whose leaf values are averaged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(super) struct Ensemble {
    binner: Binner,
    trees: Vec<Tree>,
    outputs: usize,
}

#[derive(Deserialize)]
struct Stored {
    binner: Binner,
    trees: Vec<Tree>,
    outputs: usize,
}

impl Ensemble {
    pub(super) fn new(binner: Binner, trees: Vec<Tree>, outputs: usize) -> Self {
        Self {
            binner,
            trees,
            outputs,
        }
    }

    pub(super) fn features(&self) -> &[String] {
        self.binner.names()
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The columns that trees read, found in `table`.
    ///
    /// # Errors
    ///
    /// As [`Binner::columns`].
    pub(super) fn columns(&self, table: Table<'_>) -> Result<Vec<(&FeatureBins, Column)>> {
        self.binner.columns(table)
    }

    pub(super) fn num_trees(&self) -> usize {
        self.trees.len()
    }

    pub(super) fn importance(&self) -> Vec<Importance> {
        Importance::of(&self.binner, &self.trees)
    }

    /// The forest of the first `trees` trees.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for none, or more than there are.
    pub(super) fn first_trees(&self, trees: usize) -> Result<Self> {
        if !(1..=self.trees.len()).contains(&trees) {
            let message = format!("is {trees}, and the forest has {}", self.trees.len());
            return Err(Error::parameter("trees", message));
        }
        let first = self.trees[..trees].to_vec();
        Ok(Self::new(self.binner.clone(), first, self.outputs))
    }

    /// The trees; `names` are those of the outputs.
    pub(super) fn view(&self, names: Vec<String>) -> Trees<'_> {
        Trees {
            binner: &self.binner,
            trees: &self.trees,
            combine: Combine::Mean,
            names,
        }
    }

    /// The mean over trees of each row's leaf, output by output.
    pub(super) fn scores(&self, batch: &RecordBatch) -> Result<Vec<Vec<f64>>> {
        let table = Table::new(std::slice::from_ref(batch));
        let columns = self.binner.columns(table)?;
        let share = table.num_rows() / (4 * rayon::current_num_threads());
        let blocks = table
            .pieces(share.clamp(FEWEST_ROWS, MOST_ROWS))
            .into_par_iter()
            .map(|piece| Ok(self.means_of(&BinnedMatrix::new(&columns, &[piece])?)));
        let blocks = try_collect(blocks)?;
        let output = |output: usize| {
            blocks
                .iter()
                .flat_map(|block| block.iter().skip(output).step_by(self.outputs))
                .copied()
                .collect()
        };
        Ok((0..self.outputs).map(output).collect())
    }

    /// Row by row.
    fn means_of(&self, matrix: &BinnedMatrix) -> Vec<f64> {
        let mut sums = vec![0.0; matrix.num_rows() * self.outputs];
        for tree in &self.trees {
            tree.for_each_row(matrix, |row, values| {
                let sums = &mut sums[row * self.outputs..][..self.outputs];
                sums.iter_mut()
                    .zip(values)
                    .for_each(|(sum, value)| *sum += value);
            });
        }
        let num_trees = self.trees.len() as f64;
        sums.iter_mut().for_each(|sum| *sum /= num_trees);
        sums
    }

    /// Leaves the means for `row`, which has a number for each feature, in the outputs of `scratch`.
    ///
    /// # Errors
    ///
    /// As [`Binner::bin_row`].
    pub(super) fn means_of_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<()> {
        let RowScratch { bins, outputs, .. } = scratch;
        self.binner.bin_row(row, bins)?;
        outputs.clear();
        outputs.resize(self.outputs, 0.0);
        for_each_tree(&self.trees, bins, |_, values| {
            outputs
                .iter_mut()
                .zip(values)
                .for_each(|(sum, value)| *sum += value);
        });
        let num_trees = self.trees.len() as f64;
        outputs.iter_mut().for_each(|sum| *sum /= num_trees);
        Ok(())
    }

    /// The rank of `text` among the levels of `feature`.
    ///
    /// # Errors
    ///
    /// As [`Binner::rank`].
    pub(super) fn rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
        self.binner.rank(feature, text)
    }
}

impl TryFrom<Stored> for Ensemble {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            binner,
            trees,
            outputs,
        } = stored;
        if trees.is_empty() || outputs == 0 {
            return Err("a forest has no tree");
        }
        let columns = binner.num_columns();
        if !trees.iter().all(|tree| tree.fits(columns, outputs)) {
            return Err("a tree reads a column that is not there");
        }
        Ok(Self::new(binner, trees, outputs))
    }
}

/// Methods of the fitted forests that have the fields `ensemble`, an [`Ensemble`], and `oob`: one list, since inherent methods
/// cannot be shared by two types otherwise.
macro_rules! forest_methods {
    () => {
        /// The forest of the first `trees` trees, which is the forest that was grown with so many; it knows of no rows out of the bag.
        ///
        /// # Errors
        ///
        /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for no tree, or more than there are.
        pub fn first_trees(&self, trees: usize) -> Result<Self> {
            let mut first = self.clone();
            first.ensemble = self.ensemble.first_trees(trees)?;
            first.oob = None;
            Ok(first)
        }

        /// How many trees the forest has.
        #[must_use]
        pub fn num_trees(&self) -> usize {
            self.ensemble.num_trees()
        }

        /// How much each feature took part in the splits, in the order of the features.
        #[must_use]
        pub fn importance(&self) -> Vec<crate::importance::Importance> {
            self.ensemble.importance()
        }

        /// The number that stands for `text` in a row of numbers: its rank among the sorted texts of the training data; `None`,
        /// which counts as missing, for one that is not among them or if `feature` is no text.
        ///
        /// # Errors
        ///
        /// [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) if there is no such feature.
        pub fn text_rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
            self.ensemble.rank(feature, text)
        }
    };
}
pub(super) use forest_methods;

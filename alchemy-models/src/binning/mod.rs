//! Features as bins of a byte each.
//!
//! A [`Binner`] learns, for each feature, where its bins end; a [`BinnedMatrix`] holds rows as bins,
//! and [`RowTiles`] is a copy of it for histograms. Everything after this
//! module works on bins alone. A feature with no more distinct values than bins loses nothing; another gets bins of
//! nearly equal weight, learned from all rows or from a sample of about 200 000. Missing values have a bin of their own.
//! Text counts by the rank of the value among the sorted levels of the training data, and a level unknown there as
//! missing; where values are categories, their bins have no order. A feature that never varies has no column in the matrix.

mod binner_learner;
mod categories;
mod distinct;
mod edges;
mod feature;
mod kind;
mod learn;
mod matrix;
mod sample;
mod search;
mod tiles;

use std::collections::HashSet;

use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) use binner_learner::BinnerLearner;
pub(crate) use feature::{FeatureBins, MISSING};
pub(crate) use matrix::BinnedMatrix;
pub(crate) use tiles::{RowTiles, Tile};

use crate::table::{Column, Table};
use learn::{Learner, Meaning};

/// Rows that one task bins, walks down the trees or lays out; 32 columns of them fit a first-level cache.
pub(crate) const ROWS_PER_TASK: usize = 1024;

/// The bins of every feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Binner {
    names: Vec<String>,
    features: Vec<FeatureBins>,
}

#[derive(Deserialize)]
struct Stored {
    names: Vec<String>,
    features: Vec<FeatureBins>,
}

impl TryFrom<Stored> for Binner {
    type Error = &'static str;

    fn try_from(Stored { names, features }: Stored) -> Result<Self, &'static str> {
        if names.len() == features.len() {
            Ok(Self { names, features })
        } else {
            Err("a feature has no name or no bins")
        }
    }
}

impl Binner {
    /// Learns bins for the columns `names` of `table`, all by the order of their values; rows of weight zero do not count.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnNotFound`], [`alchemy_core::Error::DuplicateColumn`], or
    /// [`alchemy_core::Error::ColumnType`] for a column that is neither number, Boolean, time nor text.
    pub(crate) fn learn(
        table: Table<'_>,
        names: Vec<String>,
        weights: Option<&[f64]>,
        max_bins: usize,
    ) -> Result<Self> {
        Self::learn_with_categories(table, names, &[], weights, max_bins)
    }

    /// As [`learn`](Self::learn), the columns that are also in `categorical` by what their values are.
    ///
    /// # Errors
    ///
    /// As [`learn`](Self::learn).
    pub(crate) fn learn_with_categories(
        table: Table<'_>,
        names: Vec<String>,
        categorical: &[String],
        weights: Option<&[f64]>,
        max_bins: usize,
    ) -> Result<Self> {
        let columns = table.columns(&names)?;
        let categorical: HashSet<&String> = categorical.iter().collect();
        let features = columns.par_iter().map(|column| {
            let meaning = if categorical.contains(&column.name) {
                Meaning::Categories
            } else {
                Meaning::Ordered
            };
            let mut learner = Learner::new(&column.name, column.data_type(), meaning, max_bins);
            for (first, array) in column.parts() {
                let weights = weights.map(|weights| &weights[first..first + array.len()]);
                learner.update(first, array, weights)?;
            }
            Ok(learner.finish(weights))
        });
        let features = try_collect(features)?;
        Ok(Self { names, features })
    }

    /// The names of all features.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The place among all features of each column of the matrix.
    pub(crate) fn places(&self) -> Vec<usize> {
        (0..self.features.len())
            .filter(|place| self.features[*place].varies())
            .collect()
    }

    /// The name and the bins of each column of the matrix.
    pub(crate) fn named_columns(&self) -> Vec<(&str, &FeatureBins)> {
        let all = self.names.iter().map(String::as_str).zip(&self.features);
        all.filter(|(_, feature)| feature.varies()).collect()
    }

    /// The bins of each column of the matrix.
    fn varying(&self) -> impl Iterator<Item = &FeatureBins> {
        self.features.iter().filter(|feature| feature.varies())
    }

    /// Where the bins of each column of the matrix lie: see [`FeatureBins::positions`].
    pub(crate) fn positions(&self) -> Vec<Vec<f64>> {
        self.varying().map(FeatureBins::positions).collect()
    }

    /// How many columns the matrix has.
    pub(crate) fn num_columns(&self) -> usize {
        self.varying().count()
    }

    /// Whether each column of the matrix holds categories.
    pub(crate) fn categorical_columns(&self) -> Vec<bool> {
        self.varying().map(FeatureBins::is_categorical).collect()
    }

    /// Whether `feature` holds categories.
    pub(crate) fn is_categorical(&self, feature: &str) -> bool {
        let mut features = self.names.iter().zip(&self.features);
        features.any(|(name, bins)| name == feature && bins.is_categorical())
    }

    /// The columns of the matrix, found in `table`.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnNotFound`] or [`alchemy_core::Error::DuplicateColumn`] for any feature.
    pub(crate) fn columns(&self, table: Table<'_>) -> Result<Vec<(&FeatureBins, Column)>> {
        let all = self.features.iter().zip(table.columns(&self.names)?);
        Ok(all.filter(|(feature, _)| feature.varies()).collect())
    }

    /// The bins of one row, which has a number for each feature: text as its rank, times as microseconds.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if there are more or fewer values than features.
    pub(crate) fn bin_row(&self, row: &[f64], bins: &mut Vec<u8>) -> Result<()> {
        if row.len() != self.features.len() {
            let (found, expected) = (row.len(), self.features.len());
            let message = format!("has {found} values, and the model {expected} features");
            return Err(Error::parameter("row", message));
        }
        bins.clear();
        let features = self.features.iter().zip(row);
        let varying = features.filter(|(feature, _)| feature.varies());
        bins.extend(varying.map(|(feature, value)| feature.bin(*value)));
        // As in a matrix: a walk that stands on a leaf looks at column 0.
        bins.resize(bins.len().max(1), MISSING);
        Ok(())
    }

    /// The rank of `text` among the levels of `feature`; `None` if it has no such level.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`] if there is no such feature.
    pub(crate) fn rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
        let place = self.names.iter().position(|name| name == feature);
        let names = || self.names.iter().map(String::as_str);
        let place = place.ok_or_else(|| Error::column_not_found(feature, names()))?;
        Ok(self.features[place].rank(text))
    }

    /// The rows of `table` as bins.
    ///
    /// # Errors
    ///
    /// As [`columns`](Self::columns) and [`BinnedMatrix::new`].
    pub(crate) fn bin(&self, table: Table<'_>) -> Result<BinnedMatrix> {
        BinnedMatrix::new(&self.columns(table)?, &table.pieces(ROWS_PER_TASK))
    }

    /// Room for `num_rows` rows as bins.
    ///
    /// # Errors
    ///
    /// As [`BinnedMatrix::blank`].
    pub(crate) fn blank(&self, num_rows: usize) -> Result<BinnedMatrix> {
        let num_bins = self.varying().map(FeatureBins::num_bins);
        BinnedMatrix::blank(num_rows, num_bins.collect())
    }

    /// Puts the rows of `table` into `matrix`, from its row `first_row` on.
    ///
    /// # Errors
    ///
    /// As [`columns`](Self::columns) and [`BinnedMatrix::fill`].
    pub(crate) fn fill(
        &self,
        matrix: &mut BinnedMatrix,
        first_row: usize,
        table: Table<'_>,
    ) -> Result<()> {
        let pieces = table.pieces(ROWS_PER_TASK);
        matrix.fill(first_row, &self.columns(table)?, &pieces)
    }
}

//! SHAP values of a model.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;

use super::avx2::Avx2;
use super::kernel::{self, LANES, Lanes, Pass};
use super::layout::Layout;
use super::quadrature::{Place, Quadrature};
use super::trees::{ROWS_PER_TASK, Trees};
use crate::binning::{BinnedMatrix, FeatureBins};
use crate::table::{Column, Piece, Table};
use crate::tree::node::Tree;

/// The name of the base value's column in [`ShapValues::to_batch`].
const BASE: &str = "(base)";

/// How much each feature moved each prediction away from the mean of the model: SHAP values.
///
/// For each row the base value and the values of all features add up to what the trees say: the
/// [raw score](crate::FittedGradientBoostingClassifier::predict_raw) of a boosted model (log odds, not a probability; without
/// the offset, where there is one), the mean or the probability of a class of a forest. A model of several classes has a set
/// of values for each, its outputs; one of two classes that is boosted has one, for the higher class.
///
/// The value of a feature is its Shapley value: what the prediction gains when the feature becomes known, averaged over all
/// orders in which features may become known. While a feature is not known, a split on it is averaged over both sides by the
/// share of the training rows that went each way ("path-dependent" in the first reference). So the values explain the model,
/// not the world, and features that vary together share what either could have said.
///
/// A missing cell is a value like others: it has the side of each split that missing values take. A feature that no tree
/// splits on, such as one that never varies, gets 0. Nothing is null.
///
/// Values are exact but for rounding. They do not depend on threads, on the other rows of the batch, or on the platform.
/// The cost is about that of 50 predictions; it grows with the number of nodes times the number of different features on
/// the longest path of a tree.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::Fit;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_models::GradientBoostingRegressor;
///
/// let size = Float64Array::from_iter_values((0..300).map(|i| f64::from(i % 20)));
/// let age = Float64Array::from_iter_values((0..300).map(|i| f64::from(i % 7)));
/// let price = Float64Array::from_iter_values((0..300).map(|i| f64::from(10 * (i % 20) - i % 7)));
/// let columns = [("size", size), ("age", age), ("price", price)];
/// let homes = RecordBatch::try_from_iter(columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef)))?;
///
/// let model = GradientBoostingRegressor::new().with_target("price").fit(&homes)?;
/// let shap = model.shap(&homes)?;
/// assert_eq!(shap.features(), ["size", "age"]);
/// let means = shap.mean_absolute(0).unwrap();
/// assert!(means[0] > means[1]);
/// println!("{:?}", shap.to_batch(0)?);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", *Nature Machine
///   Intelligence* 2, 2020, <https://doi.org/10.1038/s42256-019-0138-9>.
/// - S. Lundberg and S.-I. Lee, "A Unified Approach to Interpreting Model Predictions", NIPS 2017.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapValues {
    features: Vec<String>,
    outputs: Vec<String>,
    bases: Vec<f64>,
    /// Output by output, feature by feature.
    values: Vec<Vec<f64>>,
    num_rows: usize,
}

impl ShapValues {
    /// The features, in the order of the model.
    #[must_use]
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// What each output is: the name of a class, or `prediction`.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// How many rows were explained.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// What the model says of `output` when no feature is known; `None` if there is no such output.
    #[must_use]
    #[doc(alias = "expected_value")]
    pub fn base(&self, output: usize) -> Option<f64> {
        self.bases.get(output).copied()
    }

    /// The values of a feature, one per row; `None` if there is no such output or feature.
    #[must_use]
    pub fn values(&self, output: usize, feature: usize) -> Option<&[f64]> {
        let values = || self.values.get(output * self.features.len() + feature);
        (feature < self.features.len())
            .then(values)
            .flatten()
            .map(Vec::as_slice)
    }

    /// The mean of each feature's absolute values: how much it matters to the predictions of these rows. `None` if there is no
    /// such output; zeros without rows.
    #[must_use]
    pub fn mean_absolute(&self, output: usize) -> Option<Vec<f64>> {
        let rows = self.num_rows.max(1) as f64;
        let mean = |values: &[f64]| values.iter().map(|value| value.abs()).sum::<f64>() / rows;
        let features = 0..self.features.len();
        features
            .map(|feature| self.values(output, feature).map(mean))
            .collect()
    }

    /// The values of `output` as a batch: a column per feature, named by it, and the base value in a last column `(base)`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if there is no such output.
    pub fn to_batch(&self, output: usize) -> Result<RecordBatch> {
        let base = self.base(output).ok_or_else(|| {
            let message = format!("is {output}, and there are {}", self.outputs.len());
            Error::parameter("output", message)
        })?;
        let first = output * self.features.len();
        let values = self.values[first..first + self.features.len()].iter();
        let array = |values: &Vec<f64>| Arc::new(Float64Array::from(values.clone())) as ArrayRef;
        let columns = values
            .map(array)
            .chain([Arc::new(Float64Array::from(vec![base; self.num_rows])) as ArrayRef]);
        let names = self.features.iter().map(String::as_str).chain([BASE]);
        let fields: Vec<Field> = names
            .map(|name| Field::new(name, DataType::Float64, false))
            .collect();
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns.collect(),
        )?)
    }
}

/// The SHAP values of the rows of `batch`.
///
/// # Errors
///
/// As [`crate::binning::Binner::columns`] and [`BinnedMatrix::new`].
pub(crate) fn shap(trees: &Trees<'_>, batch: &RecordBatch) -> Result<ShapValues> {
    shap_with(trees, batch, Avx2::detect())
}

pub(super) fn shap_with(
    trees: &Trees<'_>,
    batch: &RecordBatch,
    avx2: Option<Avx2>,
) -> Result<ShapValues> {
    let columns = trees.columns(batch)?;
    let pieces = Table::new(std::slice::from_ref(batch)).pieces(ROWS_PER_TASK);
    let blocks = pieces
        .par_iter()
        .map(|piece| block(trees, &columns, *piece, avx2));
    let blocks = try_collect(blocks)?;
    let features = trees.binner.names();
    let num_rows = batch.num_rows();
    let mut values = vec![vec![0.0; num_rows]; features.len() * trees.num_outputs()];
    let places = trees.binner.places();
    let filled = values.par_chunks_mut(features.len()).enumerate();
    filled.for_each(|(output, values)| {
        for (column, place) in places.iter().enumerate() {
            let vectors = blocks
                .iter()
                .flat_map(|block| block[output].iter().skip(column).step_by(columns.len()));
            let found = vectors.flatten();
            // Only the last block has rows to spare.
            values[*place]
                .iter_mut()
                .zip(found)
                .for_each(|(value, found)| *value = *found);
        }
    });
    Ok(ShapValues {
        features: features.to_vec(),
        outputs: trees.names.clone(),
        bases: bases(trees),
        values,
        num_rows,
    })
}

/// For each output the SHAP values of the rows of `piece`, group by group of rows, column by column.
fn block(
    trees: &Trees<'_>,
    columns: &[(&FeatureBins, Column)],
    piece: Piece,
    avx2: Option<Avx2>,
) -> Result<Vec<Vec<Lanes>>> {
    let matrix = BinnedMatrix::new(columns, &[piece])?;
    let bins = side_by_side(&matrix);
    let mut found = vec![vec![[0.0; LANES]; bins.len()]; trees.num_outputs()];
    let (mut layout, mut quadrature, mut factors) = (Layout::default(), Quadrature::default(), 0);
    for (index, tree) in trees.trees.iter().enumerate() {
        layout.lay_out(tree, columns.len());
        if layout.most_columns != factors {
            factors = layout.most_columns;
            quadrature = Quadrature::for_products_of(factors);
        }
        for (output, value) in trees.outputs_of(index) {
            let one = OneTree {
                tree,
                layout: &layout,
                value,
                num_columns: columns.len(),
                bins: &bins,
                avx2,
            };
            one.add(&quadrature, &mut found[output]);
        }
    }
    let divisor = trees.divisor();
    let values = found.iter_mut().flatten().flatten();
    values.for_each(|value| *value /= divisor);
    Ok(found)
}

/// The bins of [`LANES`] rows of each column, group by group of rows; rows to spare are missing.
pub(super) fn side_by_side(matrix: &BinnedMatrix) -> Vec<[u8; LANES]> {
    let num_columns = usize::from(matrix.num_columns());
    let groups = matrix.num_rows().div_ceil(LANES);
    let mut bins = vec![[crate::binning::MISSING; LANES]; groups * num_columns];
    for column in 0..matrix.num_columns() {
        let groups = bins
            .iter_mut()
            .skip(usize::from(column))
            .step_by(num_columns);
        for (out, bins) in groups.zip(matrix.column(column).chunks(LANES)) {
            out[..bins.len()].copy_from_slice(bins);
        }
    }
    bins
}

/// A tree and the rows that it is explained for.
#[derive(Clone, Copy)]
struct OneTree<'a> {
    tree: &'a Tree,
    layout: &'a Layout,
    value: usize,
    num_columns: usize,
    bins: &'a [[u8; LANES]],
    avx2: Option<Avx2>,
}

impl OneTree<'_> {
    /// Eight places at a time: each is a sum of its own.
    fn add(self, quadrature: &Quadrature, found: &mut [Lanes]) {
        if self.layout.forks.is_empty() {
            return;
        }
        for places in quadrature.places.chunks(8) {
            match places.len() {
                1 => self.add_at::<1>(places, found),
                2 => self.add_at::<2>(places, found),
                3 => self.add_at::<3>(places, found),
                4 => self.add_at::<4>(places, found),
                5 => self.add_at::<5>(places, found),
                6 => self.add_at::<6>(places, found),
                7 => self.add_at::<7>(places, found),
                _ => self.add_at::<8>(places, found),
            }
        }
    }

    fn add_at<const N: usize>(self, places: &[Place], found: &mut [Lanes]) {
        let Some(places) = places.first_chunk::<N>() else {
            return;
        };
        let pass = Pass {
            tree: self.tree,
            layout: self.layout,
            value: self.value,
            places,
        };
        match self.avx2 {
            Some(avx2) => avx2.add(pass, self.num_columns, self.bins, found),
            None => kernel::add(pass, self.num_columns, self.bins, found),
        }
    }
}

/// What each output is when no feature is known.
pub(super) fn bases(trees: &Trees<'_>) -> Vec<f64> {
    let mut bases: Vec<f64> = vec![0.0; trees.num_outputs()];
    let means: Vec<Vec<f64>> = trees
        .trees
        .par_iter()
        .enumerate()
        .map(|(index, tree)| {
            let values = trees.outputs_of(index).map(|(_, value)| value);
            values.map(|value| mean(tree, value)).collect()
        })
        .collect();
    for (index, means) in means.iter().enumerate() {
        for ((output, _), mean) in trees.outputs_of(index).zip(means) {
            bases[output] += mean;
        }
    }
    for (output, base) in bases.iter_mut().enumerate() {
        *base = trees.start(output) + *base / trees.divisor();
    }
    bases
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

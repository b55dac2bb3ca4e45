//! SHAP interaction values of a model.

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;

use super::explained::{Explained, explained_methods};
use super::pair_kernel::{PairTree, PairsSaid};
use super::rows::{Explain, Rows};
use super::trees::Trees;

/// Rows of one task: each row has as many numbers as there are pairs of columns.
const ROWS_PER_TASK: usize = 64;

/// How much features moved each prediction alone and in pairs: SHAP interaction values.
///
/// The value of a pair of different features is half of what both together do beyond what each does alone, so the two halves,
/// (a, b) and (b, a), are equal; the value of a feature with itself is what is left of its [SHAP value](crate::ShapValues).
/// So the values of a feature with all features, itself included, add up to its SHAP value, and all of them with the
/// [base value](Self::base) to the model's `predict_raw`. Units, outputs and missing cells are those of
/// [`ShapValues`](crate::ShapValues): log odds, not probabilities, of a boosted classifier. Pairs that no path of a tree tests
/// together get 0. Nothing is null, and values do not depend on threads or on the other rows of the batch.
///
/// Memory is 8 bytes per row, output and pair of features: 1,000 rows of 200 features take 160 MB. The cost is that of SHAP
/// values times the number of different features on a path.
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
/// let a = Float64Array::from_iter_values((0..400).map(|i| f64::from(i % 20)));
/// let b = Float64Array::from_iter_values((0..400).map(|i| f64::from(i / 20)));
/// let y = Float64Array::from_iter_values((0..400).map(|i| f64::from((i % 20) * (i / 20))));
/// let columns = [("a", a), ("b", b), ("y", y)];
/// let batch = RecordBatch::try_from_iter(columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef)))?;
///
/// let model = GradientBoostingRegressor::new().with_target("y").fit(&batch)?;
/// let pairs = model.shap_interactions(&batch)?;
/// let together = pairs.values(0, 0, 1).unwrap();
/// assert!(together[0] > 10.0 && together[19] < -10.0);
///
/// let alone = pairs.values(0, 0, 0).unwrap();
/// let shap = model.shap(&batch)?;
/// assert!((alone[7] + together[7] - shap.values(0, 0).unwrap()[7]).abs() < 1e-9);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", *Nature Machine
///   Intelligence* 2, 2020, <https://doi.org/10.1038/s42256-019-0138-9>.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapInteractions {
    /// Numbers per pair: (0, 0), (0, 1), (1, 1), (0, 2) and so on.
    explained: Explained,
}

impl ShapInteractions {
    explained_methods!();

    /// The values of a pair of features, or of a feature with itself, one per row; `None` if there is no such output or feature.
    #[must_use]
    pub fn values(&self, output: usize, a: usize, b: usize) -> Option<&[f64]> {
        let features = self.features().len();
        let pair = (a.max(b) < features).then(|| pair(a, b))?;
        self.explained.values(output, pairs(features), pair)
    }
}

/// The number of pairs of so many columns, each with itself included.
fn pairs(columns: usize) -> usize {
    columns * (columns + 1) / 2
}

/// The place of a pair, in whichever order.
pub(super) fn pair(a: usize, b: usize) -> usize {
    let (low, high) = (a.min(b), a.max(b));
    pairs(high) + low
}

/// The SHAP interaction values of the rows of `batch`.
///
/// # Errors
///
/// As [`crate::binning::Binner::columns`] and [`BinnedMatrix::new`].
pub(crate) fn interactions(trees: &Trees<'_>, batch: &RecordBatch) -> Result<ShapInteractions> {
    let num_columns = trees.binner.num_columns();
    let sizes = [trees.num_outputs(), pairs(num_columns)];
    let mut rows = Rows::new(trees.binner, batch, ROWS_PER_TASK, sizes)?;
    for range in trees.runs() {
        let ready = PairTree::of(trees, range);
        rows.for_each(|block| {
            for tree in &ready {
                for (value, output) in tree.outputs.clone().enumerate() {
                    let said = PairsSaid {
                        tree,
                        value,
                        num_columns,
                    };
                    block.add(output, &said);
                }
            }
        });
    }
    rows.for_each(|block| {
        block
            .found_mut()
            .for_each(|value| *value /= trees.divisor());
        for output in 0..trees.num_outputs() {
            block.add(output, &LeaveToOwn { num_columns });
        }
    });
    let features = trees.binner.names();
    let places = trees.binner.places();
    let places = (0..num_columns)
        .flat_map(|high| (0..=high).map(move |low| (low, high)))
        .map(|(low, high)| pair(places[low], places[high]));
    let explained = Explained {
        features: features.to_vec(),
        outputs: trees.names.clone(),
        bases: trees.bases(),
        num_rows: batch.num_rows(),
        values: rows.columns(pairs(features.len()), &places.collect::<Vec<_>>()),
    };
    Ok(ShapInteractions { explained })
}

/// Takes from each feature's SHAP value, which stands where its value with itself belongs, what it shares with others.
struct LeaveToOwn {
    num_columns: usize,
}

impl Explain for LeaveToOwn {
    fn add<const L: usize>(&self, _: &[[u8; L]], found: &mut [[f64; L]]) {
        for found in found.chunks_exact_mut(pairs(self.num_columns).max(1)) {
            for own in 0..self.num_columns {
                for other in (0..self.num_columns).filter(|other| *other != own) {
                    let shared = found[pair(own, other)];
                    let rest = found[pair(own, own)].iter_mut();
                    rest.zip(shared).for_each(|(rest, shared)| *rest -= shared);
                }
            }
        }
    }
}

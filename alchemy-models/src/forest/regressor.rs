//! A random forest for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Context, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::bag::Bag;
use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::fits::forest_fits;
use super::mean::{Mean, Numbers, round_pairs};
use super::oob::{OutOfBag, r_squared};
use super::params::{
    MaxFeatures, Params, Splitter, bootstrap_setter, forest_setters, max_features_setter,
    oob_setter,
};
use crate::dataset::{Columns, check_weighted, column_setters, numeric_target};
use crate::explain::{Trees, explain_methods};
use crate::importance::Importance;
use crate::predict::RowScratch;
use crate::stream::Data;
use crate::sum::weighted_mean;
use crate::table::Table;
use crate::tree::gradient::Rounded;
use crate::tree::node::Tree;

/// Learns to predict a number by averaging trees, each grown on rows drawn at random.
///
/// Every tree learns from a bootstrap sample: as many rows as there are, drawn with replacement. A node is split where the
/// squared error falls most, until its rows all have the same target or a limit is met; a leaf predicts their mean, and the
/// forest the mean of its trees. Defaults and meaning of the parameters are those of scikit-learn.
///
/// Features are numbers, Booleans, dates and timestamps, and text. Text counts by the rank of the value among the sorted
/// values of the training data; one that is not among them is missing. Missing values (null or NaN) are learned from: each
/// split sends them to the side that fits better, or, where there were none in training, to the side with more rows.
/// Infinity is an ordinary extreme value. Rows are put into at most 255 bins per feature, which are exact if a feature has no
/// more distinct values than that and hold nearly equal weight otherwise.
///
/// Memory is two bytes per row and feature that varies, one if more than 64 do, and for each thread about 50 bytes per row. The
/// result does not depend on the number of threads, on the cuts between batches, or on the
/// platform; it does depend on the order of rows, since rows are drawn.
///
/// # Errors
///
/// Fitting returns
/// - [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for a parameter outside its domain, or without a target;
/// - [`Error::ColumnNotFound`](alchemy_core::Error::ColumnNotFound) and
///   [`Error::DuplicateColumn`](alchemy_core::Error::DuplicateColumn) for a name that does not stand for one column;
/// - [`Error::ColumnType`](alchemy_core::Error::ColumnType) for a column that cannot be used as what it is used for;
/// - [`Error::InvalidTarget`](alchemy_core::Error::InvalidTarget) for a target that is missing, infinite or beyond 1e30;
/// - [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a weight that is missing, negative or beyond 1e30;
/// - [`Error::Empty`](alchemy_core::Error::Empty) without a row, a row of weight above zero, or a feature.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_core::{Fit, Predict};
/// use alchemy_models::RandomForestRegressor;
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = RandomForestRegressor::new().with_target("y").with_num_trees(20).fit(&train)?;
/// let predicted = model.predict(&train)?;
/// assert_eq!(predicted.as_primitive::<Float64Type>().value(120), 2.0);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - L. Breiman, "Random Forests", *Machine Learning* 45, 2001, <https://doi.org/10.1023/A:1010933404324>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestRegressor {
    columns: Columns,
    params: Params,
}

impl RandomForestRegressor {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::All, Splitter::Best),
        }
    }

    max_features_setter!("All");

    column_setters!();
    forest_setters!();
    oob_setter!();
    bootstrap_setter!("true");

    fn learn(&self, train: Data<'_>, context: &Context) -> Result<FittedRandomForestRegressor> {
        learn_numbers(&self.params, &self.columns, train, context)
    }
}

forest_fits!(RandomForestRegressor, FittedRandomForestRegressor);

/// Learns from `batches` as `params` say.
///
/// # Errors
///
/// Those of [`RandomForestRegressor::fit_batches`].
pub(super) fn learn_numbers(
    params: &Params,
    columns: &Columns,
    train: Data<'_>,
    context: &Context,
) -> Result<FittedRandomForestRegressor> {
    let (prepared, targets) = prepare_numbers(params, columns, train)?;
    let trees = trees_of_numbers(&prepared, &targets, context, |tree, _| tree)?;
    let oob = (params.oob)
        .then(|| OutOfBag::new(&prepared, &trees, 1, |rated| r_squared(rated, &targets)));
    Ok(FittedRandomForestRegressor {
        ensemble: Ensemble::new(prepared.binner, trees, 1),
        oob,
    })
}

/// Bins the features and reads the targets of a regression.
///
/// # Errors
///
/// As [`Prepared::new`], and those of targets and weights that are too large together.
pub(super) fn prepare_numbers<'a>(
    params: &'a Params,
    columns: &Columns,
    train: Data<'_>,
) -> Result<(Prepared<'a>, Vec<f64>)> {
    let read = |table: Table<'_>, name: &str| Ok((name.to_owned(), numeric_target(table, name)?));
    let (prepared, (name, targets)) = Prepared::new(params, columns, train, read)?;
    check_weighted(&name, &targets, prepared.weights())?;
    Ok((prepared, targets))
}

/// Grows the trees of a regression, and makes of each tree and its bag what `finish` makes of it.
///
/// # Errors
///
/// [`alchemy_core::Error::Cancelled`].
pub(super) fn trees_of_numbers<T: Send>(
    prepared: &Prepared<'_>,
    targets: &[f64],
    context: &Context,
    finish: impl Fn(Tree, &Bag) -> T + Sync,
) -> Result<Vec<T>> {
    let mean = weighted_mean(targets, prepared.weights());
    prepared.trees(context, |tree, bag| {
        let numbers = Numbers {
            targets,
            weights: &bag.weights,
        };
        let rows = bag.rows.clone();
        let grown = match round_pairs(&rows, &bag.weights, |row| targets[row] - mean) {
            Rounded::Packed(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(&numbers, scale, 1.0))
            }
            Rounded::Wide(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(&numbers, scale, 1.0))
            }
        };
        finish(grown, &bag)
    })
}

/// A fitted [`RandomForestRegressor`] or [`ExtraTreesRegressor`](crate::ExtraTreesRegressor).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestRegressor {
    ensemble: Ensemble,
    oob: Option<OutOfBag>,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    oob: Option<OutOfBag>,
}

impl TryFrom<Stored> for FittedRandomForestRegressor {
    type Error = &'static str;

    fn try_from(Stored { ensemble, oob }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == 1 && oob.as_ref().is_none_or(|oob| oob.fits(1)) {
            Ok(Self { ensemble, oob })
        } else {
            Err("a regression has more than one output")
        }
    }
}

impl FittedRandomForestRegressor {
    explain_methods!();

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

    fn trees(&self) -> Trees<'_> {
        self.ensemble.view(vec!["prediction".to_owned()])
    }

    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.ensemble.num_trees()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }

    /// The coefficient of determination of the [predictions out of the bag](Self::oob_predictions): 1 is perfect, 0 is as good as
    /// the mean. Rows count the same whatever their weight; rows of weight 0, and those that no tree left out, do not.
    ///
    /// `None` without [`with_oob`](RandomForestRegressor::with_oob), or if there is no such row or the targets are all the same.
    #[must_use]
    pub fn oob_score(&self) -> Option<f64> {
        self.oob.as_ref()?.score()
    }

    /// The prediction for each row of the training data by the trees that did not learn from it; null for a row that all trees
    /// learned from. `None` without [`with_oob`](RandomForestRegressor::with_oob).
    #[must_use]
    pub fn oob_predictions(&self) -> Option<ArrayRef> {
        let oob = self.oob.as_ref()?;
        Some(Arc::new(oob.output(0).collect::<Float64Array>()))
    }

    /// The prediction for one row.
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. The bits are those of [`predict`](Predict::predict).
    ///
    /// Nothing is allocated once `scratch` has grown. The trees are walked, eight at a time, about 30 ns per tree as long as the
    /// model fits the cache.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    pub fn predict_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64> {
        self.ensemble.means_of_row(row, scratch)?;
        Ok(scratch.outputs[0])
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
}

impl Predict for FittedRandomForestRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let means = self.ensemble.scores(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(means)))
    }
}

impl Model for FittedRandomForestRegressor {
    const NAME: &'static str = "alchemy-models/random_forest_regressor";
}

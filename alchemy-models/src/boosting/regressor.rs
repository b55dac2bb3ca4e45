//! Boosted trees for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::{Context, Error, Fit, Model, Predict, Result, Valid};
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::Request;
use super::loss::Squared;
use super::params::{Params, boosting_setters};
use crate::dataset::{Columns, column_setters, joined, numeric_target};
use crate::importance::Importance;
use crate::predict::RowScratch;
use crate::table::Table;

/// Learns to predict a number by adding up trees, each fitted to the errors of those before it.
///
/// Trees lower the squared error; training starts from the mean of the target. A leaf whose rows have errors e and weights w
/// takes the value `learning_rate` x T(sum of w e) / (sum of w + l2), where T moves a sum by l1 towards 0. The leaf whose split
/// lowers the loss most is split first, until [`num_leaves`](Self::with_num_leaves) is reached or nothing is gained. Defaults
/// are those of `LightGBM`.
///
/// Features are numbers, Booleans, dates and timestamps, and text. Text counts by the rank of the value among the sorted
/// values of the training data; one that is not among them is missing. Missing values (null or NaN) are learned from: each
/// split sends them to the side that lowers the loss more, or, where there were none in training, to the side with more rows.
/// Infinity is an ordinary extreme value. Rows are put into at most 255 bins per feature, which are exact if a feature has no
/// more distinct values than that and hold nearly equal weight otherwise.
///
/// Memory is one byte per row and feature that varies, rounded up to a multiple of 4 features, and about 40 bytes per row
/// and output. Each round reads these bins about three times. The result does not depend on the number of threads, on the
/// cuts between batches, or on the platform; it does depend on the order of rows where rows are drawn or sampled for bins.
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
/// use alchemy_models::GradientBoostingRegressor;
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let model = GradientBoostingRegressor::new().with_target("y").fit(&train)?;
/// let predicted = model.predict(&train)?;
/// assert!((predicted.as_primitive::<Float64Type>().value(120) - 2.0).abs() < 0.01);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - J. H. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", *Annals of Statistics* 29(5), 2001,
///   <https://doi.org/10.1214/aos/1013203451>.
/// - T. Chen and C. Guestrin, "`XGBoost`: A Scalable Tree Boosting System", KDD 2016,
///   <https://doi.org/10.1145/2939672.2939785>: the regularised objective.
/// - G. Ke et al., "`LightGBM`: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017: bins, leaf-wise growth, and
///   sampling by gradients.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientBoostingRegressor {
    columns: Columns,
    offset: Option<String>,
    params: Params,
}

impl GradientBoostingRegressor {
    /// A regressor with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    column_setters!();
    boosting_setters!();

    /// A numeric column to start from: the trees learn what to add to it. Default: none, and they start from the mean.
    ///
    /// Trees cannot predict beyond the targets they have seen. With the last known value of a series as offset they learn
    /// its changes, and follow it to levels that training never saw. A training row without an offset is an
    /// [`Error::InvalidValue`]; a row to predict without one has no prediction.
    #[must_use]
    #[doc(alias = "base_margin")]
    #[doc(alias = "init_score")]
    pub fn with_offset(mut self, column: impl Into<String>) -> Self {
        self.offset = Some(column.into());
        self
    }

    /// Learns from `train` and keeps the rounds up to the one with the lowest root mean squared error on `valid`, which must hold the target
    /// (and the weight, if there is one) too.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit), for either part.
    pub fn fit_validated(
        &self,
        train: &RecordBatch,
        valid: &Valid,
    ) -> Result<FittedGradientBoostingRegressor> {
        self.fit_validated_with(train, valid, &Context::new())
    }

    /// As [`fit_validated`](Self::fit_validated); `context` hears of every round and can cancel.
    ///
    /// # Errors
    ///
    /// As [`fit_validated`](Self::fit_validated), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
    pub fn fit_validated_with(
        &self,
        train: &RecordBatch,
        valid: &Valid,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        self.run(std::slice::from_ref(train), Some(valid), context)
    }

    /// Learns from a table in several batches, which is the same as learning from them in one.
    ///
    /// # Errors
    ///
    /// As [`fit`](Fit::fit), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
    pub fn fit_batches(
        &self,
        batches: &[RecordBatch],
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        self.run(batches, None, context)
    }

    fn run(
        &self,
        train: &[RecordBatch],
        valid: Option<&RecordBatch>,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        let Self {
            columns,
            offset,
            params,
        } = self;
        let opened = Request {
            params,
            columns,
            train,
            valid,
            context,
        }
        .open()?;
        let targets = |table| above_offset(table, opened.target(), offset.as_deref());
        let train_targets = targets(opened.train)?;
        let valid_targets = opened.valid.map(targets).transpose()?;
        Ok(FittedGradientBoostingRegressor {
            ensemble: opened.boost(&Squared, train_targets, valid_targets)?,
            offset: offset.clone(),
        })
    }
}

impl Fit for GradientBoostingRegressor {
    type Fitted = FittedGradientBoostingRegressor;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        self.run(std::slice::from_ref(batch), None, context)
    }
}

/// A fitted [`GradientBoostingRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedGradientBoostingRegressor {
    ensemble: Ensemble,
    offset: Option<String>,
}

impl FittedGradientBoostingRegressor {
    /// How many rounds the model holds: with a validation part those up to the best one, else all.
    #[must_use]
    pub fn num_rounds(&self) -> usize {
        self.ensemble.num_rounds()
    }

    /// The root mean squared error on the validation part after each round that was run; empty without such a part.
    #[must_use]
    pub fn history(&self) -> &[f64] {
        self.ensemble.history()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }

    /// The prediction for one row.
    ///
    /// `row` has one number for each of [`features`](Predict::features), in their order. A Boolean is 0 or 1, a date or
    /// timestamp its microseconds since 1970, text its [rank](Self::text_rank); NaN is missing, and so is a number that is no
    /// rank where text is expected. Where the model has an [offset](GradientBoostingRegressor::with_offset), it
    /// is for the caller to add. The bits are those of [`predict`](Predict::predict).
    ///
    /// Nothing is allocated once `scratch` has grown. With AVX2 it takes about 2 µs for 20 features and 500 trees of 31 leaves,
    /// as long as the trees read at most 128 features (64 where rows were missing in training) and have at most 256 leaves each;
    /// otherwise the trees are walked, which takes about four times as long.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if `row` has more or fewer values than there are
    /// features.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// # use std::sync::Arc;
    /// # use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
    /// # use alchemy_core::arrow::datatypes::Float64Type;
    /// # use alchemy_core::{Fit, Predict};
    /// # use alchemy_models::{GradientBoostingRegressor, RowScratch};
    /// # let x = Float64Array::from_iter_values((0..200).map(f64::from));
    /// # let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
    /// # let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
    /// let model = GradientBoostingRegressor::new().with_target("y").fit(&train)?;
    /// let mut scratch = RowScratch::new();
    /// let one = model.predict_row(&[120.0], &mut scratch)?;
    /// assert_eq!(one, model.predict(&train)?.as_primitive::<Float64Type>().value(120));
    /// # Ok(())
    /// # }
    /// ```
    pub fn predict_row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<f64> {
        self.ensemble.scores_of_row(row, scratch)?;
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

impl Predict for FittedGradientBoostingRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let scores = self.ensemble.scores(batch)?.swap_remove(0);
        let Some(offset) = &self.offset else {
            return Ok(Arc::new(Float64Array::from(scores)));
        };
        let offsets = NumericColumn::new(offset, by_name(batch, offset)?)?;
        let predictions: Float64Array = scores
            .iter()
            .enumerate()
            .map(|(row, score)| Some(offsets.view().get(row)? + score))
            .collect();
        Ok(Arc::new(predictions))
    }
}

impl Model for FittedGradientBoostingRegressor {
    const NAME: &'static str = "alchemy-models/gradient_boosting_regressor";
}

/// What the trees have to learn: the target, less the offset where there is one.
fn above_offset(table: Table<'_>, target: &str, offset: Option<&str>) -> Result<Vec<f64>> {
    let mut targets = numeric_target(table, target)?;
    let Some(offset) = offset else {
        return Ok(targets);
    };
    let array = joined(&table.column(offset)?)?;
    let offsets = NumericColumn::new(offset, &array)?;
    for (row, target) in targets.iter_mut().enumerate() {
        match offsets.view().get(row).filter(|offset| offset.is_finite()) {
            Some(offset) => *target -= offset,
            None => {
                let cell = offsets
                    .view()
                    .get(row)
                    .map_or_else(|| "null".into(), |o| o.to_string());
                return Err(Error::value(offset, row as u64, &cell, "a finite number"));
            }
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A series that climbs by 1, or by 3 where `steep`.
    fn climb(start: f64, rows: usize) -> RecordBatch {
        let steep: Vec<f64> = (0..rows)
            .map(|row| f64::from(u8::from(row % 2 == 0)))
            .collect();
        let last: Vec<f64> = (0..rows).map(|row| start + 2.0 * row as f64).collect();
        let next: Vec<f64> = last
            .iter()
            .zip(&steep)
            .map(|(last, steep)| last + 1.0 + 2.0 * steep)
            .collect();
        let columns = [("steep", steep), ("last", last), ("next", next)];
        RecordBatch::try_from_iter(
            columns.map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef)),
        )
        .unwrap()
    }

    #[test]
    fn an_offset_carries_the_trees_beyond_the_targets_they_saw() {
        let spec = GradientBoostingRegressor::new()
            .with_target("next")
            .with_features(["steep"])
            .with_offset("last")
            .with_num_rounds(200);
        let model = spec.fit(&climb(0.0, 200)).unwrap();
        let far = climb(1e6, 50);
        let predictions = NumericColumn::new("p", &model.predict(&far).unwrap()).unwrap();
        let truth = NumericColumn::new("next", &far["next"]).unwrap();
        for row in 0..50 {
            let (found, expected) = (
                predictions.view().get(row).unwrap(),
                truth.view().get(row).unwrap(),
            );
            assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_row_without_an_offset_teaches_nothing_and_gets_no_prediction() {
        let batch = climb(0.0, 50);
        let last: Float64Array = (0..50)
            .map(|row| (row != 7).then_some(2.0 * f64::from(row)))
            .collect();
        let gap = RecordBatch::try_from_iter_with_nullable([
            ("steep", batch["steep"].clone(), true),
            ("last", Arc::new(last) as ArrayRef, true),
            ("next", batch["next"].clone(), true),
        ])
        .unwrap();
        let spec = GradientBoostingRegressor::new()
            .with_target("next")
            .with_features(["steep"])
            .with_offset("last");
        let error = spec.fit(&gap).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"last\", row 7: \"null\" is not a finite number"
        );
        let predictions = spec.fit(&batch).unwrap().predict(&gap).unwrap();
        assert_eq!(predictions.null_count(), 1);
        assert!(predictions.is_null(7));
    }
}

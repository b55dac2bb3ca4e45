//! Objectives and metrics from outside the crate.

/// What to minimise instead of an [`Objective`](crate::Objective) or the log loss, given to a fit by
/// [`FitOptions::with_objective`](crate::FitOptions::with_objective).
///
/// A row of a regressor has one score, and so has a row of two classes, whose targets are 0 and 1. With more classes a row has a
/// score for each, in their order, and its target is the place of its class among them. Scores and derivatives of all rows
/// then come row by row, so that `scores.chunks_exact(num_classes)` goes over the rows.
///
/// Rows come in fixed blocks of at most 16384, several at a time, so results do not depend on the number of threads as long as
/// the functions depend on their arguments alone. They see neither weights nor offsets: derivatives are multiplied by the
/// weight of their row, and scores have the offset of their row in them.
///
/// A fitted model holds no code. A regressor predicts the score, and what it stands for is for the caller to know. A classifier
/// turns scores into probabilities as ever: one score by the logistic function, several by softmax.
///
/// # Examples
///
/// The logarithm of the hyperbolic cosine of the error, which is squared near 0 and absolute far away:
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::Predict;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
/// use alchemy_core::arrow::datatypes::Float64Type;
/// use alchemy_models::{CustomObjective, FitOptions, GradientBoostingRegressor};
///
/// struct LogCosh;
///
/// impl CustomObjective for LogCosh {
///     fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
///         for ((derivatives, score), target) in derivatives.iter_mut().zip(scores).zip(targets) {
///             let tanh = (score - target).tanh();
///             *derivatives = [tanh as f32, (1.0 - tanh * tanh).max(1e-3) as f32];
///         }
///     }
///
///     fn loss(&self, scores: &[f64], target: f64) -> f64 {
///         (scores[0] - target).cosh().ln()
///     }
/// }
///
/// let x = Float64Array::from_iter_values((0..200).map(f64::from));
/// let y = Float64Array::from_iter_values((0..200).map(|x| f64::from(x / 50)));
/// let train = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
///
/// let spec = GradientBoostingRegressor::new().with_target("y");
/// let model = spec.fit_options(std::slice::from_ref(&train), FitOptions::new().with_objective(&LogCosh))?;
/// let scores = model.predict(&train)?;
/// assert!((scores.as_primitive::<Float64Type>().value(120) - 2.0).abs() < 0.01);
/// # Ok(())
/// # }
/// ```
///
/// The log loss of classes whose labels are wrong one time in ten (label smoothing):
///
/// ```
/// use alchemy_models::CustomObjective;
///
/// struct Smoothed;
///
/// impl CustomObjective for Smoothed {
///     fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
///         let num_classes = scores.len() / targets.len();
///         let rows = scores.chunks_exact(num_classes).zip(derivatives.chunks_exact_mut(num_classes));
///         for ((scores, derivatives), target) in rows.zip(targets) {
///             let sum: f64 = scores.iter().map(|score| score.exp()).sum();
///             for (class, (score, derivatives)) in scores.iter().zip(derivatives).enumerate() {
///                 let p = score.exp() / sum;
///                 let expected = if class as f64 == *target { 0.9 } else { 0.1 / (num_classes - 1) as f64 };
///                 *derivatives = [(p - expected) as f32, (p * (1.0 - p)) as f32];
///             }
///         }
///     }
///
///     fn loss(&self, scores: &[f64], target: f64) -> f64 {
///         let sum: f64 = scores.iter().map(|score| score.exp()).sum();
///         let others = scores.len() - 1;
///         let losses = scores.iter().enumerate().map(|(class, score)| {
///             let expected = if class as f64 == target { 0.9 } else { 0.1 / others as f64 };
///             expected * (sum.ln() - score)
///         });
///         losses.sum()
///     }
/// }
/// ```
pub trait CustomObjective: Sync {
    /// Sets the constant scores that training starts from, one for each score of a row. Default: they stay 0. Not asked where
    /// rows have offsets, which are the start then.
    fn base_scores(&self, targets: &[f64], weights: Option<&[f64]>, scores: &mut [f64]) {
        let _ = (targets, weights, scores);
    }

    /// First and second derivative of each row's loss by each of its scores, left in `derivatives`.
    ///
    /// They must be finite, and the second not negative; fitting fails otherwise. A leaf takes the step -G / (H + l2) for sums
    /// G and H, so a second derivative near 0 makes for long steps. Of several scores the second derivatives are those by the
    /// same score twice.
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]);

    /// The loss of one row; its mean on a validation part is reported, unless there is a metric of its own.
    fn loss(&self, scores: &[f64], target: f64) -> f64;
}

/// What rounds are judged by on the validation part, given to a fit by
/// [`FitOptions::with_metric`](crate::FitOptions::with_metric).
///
/// # Examples
///
/// The largest error:
///
/// ```
/// use alchemy_models::CustomMetric;
///
/// struct LargestError;
///
/// impl CustomMetric for LargestError {
///     fn name(&self) -> &str {
///         "largest error"
///     }
///
///     fn evaluate(&self, predictions: &[f64], targets: &[f64], _weights: Option<&[f64]>) -> f64 {
///         let errors = predictions.iter().zip(targets).map(|(prediction, target)| (prediction - target).abs());
///         errors.fold(0.0, f64::max)
///     }
/// }
/// ```
pub trait CustomMetric: Sync {
    /// What the metric is called, for messages.
    fn name(&self) -> &str;

    /// The metric of `predictions`, which are those that the model would make after the round (scores, for the
    /// [`CustomObjective`] of a regressor). Of two classes they are the probabilities of the higher one, and targets are 0 and 1;
    /// of more, the probabilities of all classes, row by row, and a target is the place of its class among them. A result that
    /// is not finite ends training with an error.
    fn evaluate(&self, predictions: &[f64], targets: &[f64], weights: Option<&[f64]>) -> f64;

    /// Whether `new` is better than `best`. Default: whether it is lower.
    fn is_better(&self, new: f64, best: f64) -> bool {
        new < best
    }
}

/// The values of `columns` row by row.
pub(super) fn by_row<T: Copy>(columns: &[impl AsRef<[T]>]) -> Vec<T> {
    if let [column] = columns {
        return column.as_ref().to_vec();
    }
    let rows = columns.first().map_or(0, |column| column.as_ref().len());
    (0..rows)
        .flat_map(|row| columns.iter().map(move |column| column.as_ref()[row]))
        .collect()
}

#[cfg(test)]
mod tests;

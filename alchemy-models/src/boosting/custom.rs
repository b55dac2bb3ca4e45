//! Objectives and metrics from outside the crate.

/// What to minimise instead of an [`Objective`](crate::Objective), given to a fit by
/// [`FitOptions::with_objective`](crate::FitOptions::with_objective).
///
/// Rows come in fixed blocks of at most 16384, several at a time, so results do not depend on the number of threads as long as
/// the functions depend on their arguments alone. They see neither weights nor offsets: derivatives are multiplied by the
/// weight of their row, and scores have the offset of their row in them.
///
/// A fitted model holds no code: it predicts the score, and what a score stands for is for the caller to know.
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
///     fn loss(&self, score: f64, target: f64) -> f64 {
///         (score - target).cosh().ln()
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
pub trait CustomObjective: Sync {
    /// The constant score that training starts from. Default: 0. Not asked where rows have offsets, which are the start then.
    fn base_score(&self, targets: &[f64], weights: Option<&[f64]>) -> f64 {
        let _ = (targets, weights);
        0.0
    }

    /// First and second derivative of each row's loss by its score, left in `derivatives`.
    ///
    /// They must be finite, and the second not negative; fitting fails otherwise. A leaf takes the step -G / (H + l2) for sums
    /// G and H, so a second derivative near 0 makes for long steps.
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]);

    /// The loss of one row; its mean on a validation part is reported, unless there is a metric of its own.
    fn loss(&self, score: f64, target: f64) -> f64;
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

    /// The metric of `predictions`, which are those that the model would make after the round (scores, for a
    /// [`CustomObjective`]). A result that is not finite ends training with an error.
    fn evaluate(&self, predictions: &[f64], targets: &[f64], weights: Option<&[f64]>) -> f64;

    /// Whether `new` is better than `best`. Default: whether it is lower.
    fn is_better(&self, new: f64, best: f64) -> bool {
        new < best
    }
}

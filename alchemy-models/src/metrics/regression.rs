//! Metrics of predicted numbers.

use alchemy_core::Result;

use super::check_values;
use super::weights::Weights;

/// The mean absolute error, in the target's unit. `None` without weight.
///
/// # Errors
///
/// [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) for slices of different lengths;
/// [`Error::InvalidValue`](alchemy_core::Error::InvalidValue) for a NaN, and a weight that is negative or not finite.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::mae;
///
/// assert_eq!(mae(&[1.0, 2.0], &[2.0, 4.0], None)?, Some(1.5));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn mae(truth: &[f64], predictions: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    let weights = check(truth, predictions, weights)?;
    Ok(weights.mean(|row| (truth[row] - predictions[row]).abs()))
}

/// The root of the mean squared error, in the target's unit. `None` without weight.
///
/// # Errors
///
/// As [`mae`].
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::rmse;
///
/// assert_eq!(rmse(&[1.0, 2.0], &[2.0, 1.0], None)?, Some(1.0));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn rmse(truth: &[f64], predictions: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    let weights = check(truth, predictions, weights)?;
    let squared = weights.mean(|row| (truth[row] - predictions[row]).powi(2));
    Ok(squared.map(f64::sqrt))
}

/// The mean absolute error as a share of the truth: 0.04 is four percent.
///
/// `None` if the truth of any row that has weight is zero, for its share is undefined; and without weight. Leave such
/// rows out, or weigh them zero, if that is what you mean.
///
/// # Errors
///
/// As [`mae`].
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::mape;
///
/// assert_eq!(mape(&[2.0, -4.0], &[1.0, -4.0], None)?, Some(0.25));
/// assert_eq!(mape(&[2.0, 0.0], &[1.0, 0.0], None)?, None);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn mape(truth: &[f64], predictions: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    let weights = check(truth, predictions, weights)?;
    Ok(weights.mean(|row| ((truth[row] - predictions[row]) / truth[row]).abs()))
}

/// The coefficient of determination: 1 less the squared error over that of always predicting the mean of the truth.
///
/// Below 0 for predictions worse than that mean. `None` if the truth does not vary, and without weight.
///
/// # Errors
///
/// As [`mae`].
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::r2;
///
/// assert_eq!(r2(&[1.0, 2.0, 3.0], &[1.0, 2.0, 2.0], None)?, Some(0.5));
/// assert_eq!(r2(&[1.0, 1.0], &[1.0, 1.0], None)?, None);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn r2(truth: &[f64], predictions: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    let weights = check(truth, predictions, weights)?;
    let mut truths = weights.rows().map(|row| truth[row]);
    let is_constant = truths
        .next()
        .is_none_or(|first| truths.all(|value| value.total_cmp(&first).is_eq()));
    if is_constant {
        return Ok(None);
    }
    let mean = weights.mean(|row| truth[row]);
    let variance = mean.and_then(|mean| weights.mean(|row| (truth[row] - mean).powi(2)));
    let residual = weights.mean(|row| (truth[row] - predictions[row]).powi(2));
    let r2 = residual
        .zip(variance)
        .map(|(residual, variance)| 1.0 - residual / variance);
    Ok(r2.filter(|r2| r2.is_finite()))
}

/// The median absolute error, in the target's unit: half the weight of rows has an error at most as large.
///
/// Where two errors both halve the weight it is their mean, so without weights it is the usual median. `None` without
/// weight.
///
/// # Errors
///
/// As [`mae`].
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::median_absolute_error;
///
/// assert_eq!(median_absolute_error(&[0.0; 4], &[1.0, 2.0, 4.0, 99.0], None)?, Some(3.0));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn median_absolute_error(
    truth: &[f64],
    predictions: &[f64],
    weights: Option<&[f64]>,
) -> Result<Option<f64>> {
    let weights = check(truth, predictions, weights)?;
    let mut errors: Vec<(f64, f64)> = (0..truth.len())
        .map(|row| ((truth[row] - predictions[row]).abs(), weights.of(row)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    errors.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = errors.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for (i, (error, weight)) in errors.iter().enumerate() {
        below += weight;
        if below > half {
            return Ok(Some(*error).filter(|error| error.is_finite()));
        }
        if below >= half {
            let next = errors.get(i + 1).map_or(*error, |(next, _)| *next);
            return Ok(Some(error.midpoint(next)).filter(|error| error.is_finite()));
        }
    }
    Ok(None)
}

fn check<'a>(
    truth: &[f64],
    predictions: &[f64],
    weights: Option<&'a [f64]>,
) -> Result<Weights<'a>> {
    check_values("truth", truth, truth.len())?;
    check_values("predictions", predictions, truth.len())?;
    Weights::new(weights, truth.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truth_that_does_not_vary_has_no_r2() {
        // Three times 0.1 does not sum to a multiple of 0.1.
        assert_eq!(r2(&[0.1; 3], &[0.1, 0.2, 0.3], None).unwrap(), None);
    }

    #[test]
    fn nothing_in_gives_none() {
        for metric in [mae, rmse, mape, r2, median_absolute_error] {
            assert_eq!(metric(&[], &[], None).unwrap(), None);
            assert_eq!(metric(&[1.0], &[2.0], Some(&[0.0])).unwrap(), None);
        }
    }

    #[test]
    fn a_weight_counts_as_so_many_rows() {
        let (truth, predictions) = ([1.0, 2.0, 5.0], [2.0, 2.5, 3.0]);
        for metric in [mae, rmse, mape, r2, median_absolute_error] {
            let weighted = metric(&truth, &predictions, Some(&[2.0, 1.0, 3.0]))
                .unwrap()
                .unwrap();
            let repeated = metric(
                &[1.0, 1.0, 2.0, 5.0, 5.0, 5.0],
                &[2.0, 2.0, 2.5, 3.0, 3.0, 3.0],
                None,
            );
            assert!((weighted - repeated.unwrap().unwrap()).abs() < 1e-15);
        }
    }

    #[test]
    fn a_row_without_weight_does_not_make_mape_undefined() {
        assert_eq!(
            mape(&[2.0, 0.0], &[1.0, 5.0], Some(&[1.0, 0.0])).unwrap(),
            Some(0.5)
        );
    }

    #[test]
    fn what_overflows_is_none_and_nan_is_refused() {
        assert_eq!(rmse(&[f64::MAX], &[-f64::MAX], None).unwrap(), None);
        assert_eq!(mae(&[f64::INFINITY], &[0.0], None).unwrap(), None);
        assert_eq!(mae(&[f64::INFINITY], &[f64::INFINITY], None).unwrap(), None);
        let error = mae(&[1.0, 2.0], &[1.0, f64::NAN], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"predictions\", row 1: \"NaN\" is not a number"
        );
    }
}

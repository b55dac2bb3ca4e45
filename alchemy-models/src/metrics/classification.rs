//! Metrics of scores and probabilities.

use alchemy_core::{Error, Result};
use rayon::prelude::*;

use super::check_values;
use super::weights::Weights;

/// The area under the ROC curve: the chance that a positive row scores above a negative one, equal scores counting half.
///
/// `scores` may be probabilities, margins or any other numbers of which more means more likely positive; infinities
/// are the largest and smallest. Exact for unweighted rows: the rank statistic of Mann and Whitney (1947) with
/// average ranks of ties, not a sum over a curve's points. Sorts a copy of 24 bytes a row.
///
/// `None` if all the weight is on one class.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for slices of different lengths; [`Error::InvalidValue`] for a NaN score, and a weight
/// that is negative or not finite.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::roc_auc;
///
/// let auc = roc_auc(&[true, false, true, false], &[0.9, 0.4, 0.4, 0.1], None)?;
/// assert_eq!(auc, Some(0.875));
/// assert_eq!(roc_auc(&[true, true], &[0.9, 0.4], None)?, None);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn roc_auc(labels: &[bool], scores: &[f64], weights: Option<&[f64]>) -> Result<Option<f64>> {
    check_values("scores", scores, labels.len())?;
    let weights = Weights::new(weights, labels.len())?;
    let mut ranked: Vec<Ranked> = (0..labels.len())
        .map(|row| Ranked::new(scores[row], labels[row], weights.of(row)))
        .collect();
    // Zeros of either sign are one score, and `total_cmp` keeps them beside each other.
    ranked.par_sort_unstable_by(|a, b| {
        let by_score = a.score.total_cmp(&b.score);
        by_score
            .then_with(|| a.positive.total_cmp(&b.positive))
            .then_with(|| a.negative.total_cmp(&b.negative))
    });
    let (mut area, mut positive, mut negative) = (0.0, 0.0, 0.0);
    for ties in ranked.chunk_by(|a, b| a.score >= b.score) {
        let tied_positive: f64 = ties.iter().map(|row| row.positive).sum();
        let tied_negative: f64 = ties.iter().map(|row| row.negative).sum();
        area += tied_positive * (negative + tied_negative / 2.0);
        positive += tied_positive;
        negative += tied_negative;
    }
    Ok((positive > 0.0 && negative > 0.0).then(|| area / (positive * negative)))
}

/// A row's score, and its weight on the side of its label.
struct Ranked {
    score: f64,
    positive: f64,
    negative: f64,
}

impl Ranked {
    fn new(score: f64, label: bool, weight: f64) -> Self {
        let (positive, negative) = if label { (weight, 0.0) } else { (0.0, weight) };
        Self {
            score,
            positive,
            negative,
        }
    }
}

/// The mean negative natural logarithm of the probability given to what happened.
///
/// `probabilities` are those of the positive class. They are moved into `[ε, 1 - ε]` with ε = 2^-52, so one certain
/// and wrong prediction costs 36.04 and not infinity: scikit-learn's rule for 64-bit floats. `None` without weight.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for slices of different lengths; [`Error::InvalidValue`] for a probability outside
/// [0, 1], and a weight that is negative or not finite.
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::log_loss;
///
/// let loss = log_loss(&[true, false], &[0.5, 0.5], None)?.unwrap();
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn log_loss(
    labels: &[bool],
    probabilities: &[f64],
    weights: Option<&[f64]>,
) -> Result<Option<f64>> {
    check_probabilities(probabilities, labels.len())?;
    let weights = Weights::new(weights, labels.len())?;
    Ok(weights.mean(|row| {
        let probability = probabilities[row].clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if labels[row] {
            -probability.ln()
        } else {
            -(-probability).ln_1p()
        }
    }))
}

/// The mean squared distance of the probability from what happened (1 or 0): Brier's score (1950) for two outcomes.
///
/// `probabilities` are those of the positive class. `None` without weight.
///
/// # Errors
///
/// As [`log_loss`].
///
/// # Examples
///
/// ```
/// use alchemy_models::metrics::brier;
///
/// assert_eq!(brier(&[true, false], &[0.5, 0.0], None)?, Some(0.125));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn brier(
    labels: &[bool],
    probabilities: &[f64],
    weights: Option<&[f64]>,
) -> Result<Option<f64>> {
    check_probabilities(probabilities, labels.len())?;
    let weights = Weights::new(weights, labels.len())?;
    Ok(weights.mean(|row| {
        let happened = f64::from(u8::from(labels[row]));
        (probabilities[row] - happened).powi(2)
    }))
}

fn check_probabilities(probabilities: &[f64], rows: usize) -> Result<()> {
    check_values("probabilities", probabilities, rows)?;
    match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        None => Ok(()),
        Some(row) => {
            let found = probabilities[row].to_string();
            Err(Error::value(
                "probabilities",
                row as u64,
                &found,
                "between 0 and 1",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_any_size_rank() {
        let labels = [false, true, false, true];
        let scores = [f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY];
        assert_eq!(roc_auc(&labels, &scores, None).unwrap(), Some(0.875));
    }

    #[test]
    fn a_weight_counts_as_so_many_rows() {
        let weighted = roc_auc(
            &[true, false, true],
            &[0.4, 0.4, 0.1],
            Some(&[2.0, 3.0, 0.0]),
        )
        .unwrap();
        assert_eq!(weighted, Some(0.5));
        let weighted = log_loss(&[true, false], &[0.8, 0.3], Some(&[3.0, 1.0]))
            .unwrap()
            .unwrap();
        let repeated = log_loss(&[true, true, true, false], &[0.8, 0.8, 0.8, 0.3], None)
            .unwrap()
            .unwrap();
        assert!((weighted - repeated).abs() < 1e-15);
    }

    #[test]
    fn a_certain_error_costs_a_finite_loss() {
        let loss = log_loss(&[true], &[0.0], None).unwrap().unwrap();
        assert!((loss - 36.043_653_389_117_15).abs() < 1e-13, "{loss}");
        assert!(
            log_loss(&[false], &[1.0], None)
                .unwrap()
                .unwrap()
                .is_finite()
        );
    }

    #[test]
    fn what_is_not_a_probability_is_refused() {
        for bad in [1.5, -0.1, f64::NAN, f64::INFINITY] {
            let error = brier(&[true, true], &[0.5, bad], None).unwrap_err();
            assert!(
                matches!(error, Error::InvalidValue { row: 1, .. }),
                "{error}"
            );
        }
        assert!(roc_auc(&[true], &[f64::NAN], None).is_err());
        assert_eq!(brier(&[], &[], None).unwrap(), None);
    }
}

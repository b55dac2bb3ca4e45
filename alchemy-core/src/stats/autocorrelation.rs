//! How a series resembles its own past.

use super::co_moments::CoMoments;
use super::moments::Moments;

/// The autocorrelation of `values` at a lag: Σ (xₜ − m)(xₜ₋ₗ − m) / Σ (xₜ − m)², m the mean of all
/// values; `None` where it is undefined.
///
/// Numerator and denominator are exact. The values are a series without gaps: a NaN or an infinity
/// makes the result NaN.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::autocorrelation;
///
/// assert_eq!(autocorrelation(&[1.0, -1.0, 1.0, -1.0], 1), Some(-0.75));
/// ```
#[must_use]
pub fn autocorrelation(values: &[f64], lag: usize) -> Option<f64> {
    let late = values.get(lag..)?;
    let early = &values[..late.len()];
    if values.iter().any(|value| !value.is_finite()) {
        return Some(f64::NAN);
    }
    let all = Moments::from_iter(values.iter().copied());
    let pairs = CoMoments::from_iter(late.iter().copied().zip(early.iter().copied()));
    let (n, sum) = (all.count(), all.finite_sum());
    let denominator = all.central_second().scaled(n).over(2, &[]);
    if denominator.is_zero() {
        return None;
    }
    // n² Σ (xₜ − m)(xₜ₋ₗ − m) = n² Σ xₜ xₜ₋ₗ − n Σx (Σ xₜ + Σ xₜ₋ₗ) + (n − l) (Σx)²
    let mut ends = pairs.x().finite_sum().clone();
    ends.merge(pairs.y().finite_sum());
    let mut numerator = pairs
        .finite_products()
        .scaled(n)
        .minus(&sum.times(&ends))
        .scaled(n);
    numerator.merge(&sum.times(sum).scaled(late.len() as u64));
    Some(
        numerator
            .over(2, &[])
            .scaled()
            .over(denominator.scaled())
            .to_f64(),
    )
}

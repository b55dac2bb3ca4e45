//! Many tests at once.

/// Adjusts the p-values of a family of tests for there being many, by Benjamini and Hochberg's step-up procedure.
///
/// Where every test with an adjusted value of at most α is called a discovery, the expected share of false ones among
/// them is at most α, if the tests are independent or positively dependent. Each comes back at its own place,
/// between the p-value it came with and 1. NaN stays NaN and is not counted as a test.
///
/// # Examples
///
/// ```
/// use alchemy_drift::benjamini_hochberg;
///
/// assert_eq!(benjamini_hochberg(&[0.01, 0.5, 0.02, 0.25]), [0.04, 0.5, 0.04, 0.25 * 4.0 / 3.0]);
/// ```
///
/// # References
///
/// - Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", *Journal of the Royal Statistical Society B*
///   57(1), 1995.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len())
        .filter(|i| !p_values[*i].is_nan())
        .collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let tests = order.len() as f64;
    let mut adjusted = p_values.to_vec();
    let mut smallest = 1.0_f64;
    for (rank, test) in order.into_iter().enumerate().rev() {
        smallest = smallest.min(p_values[test] * tests / (rank + 1) as f64);
        adjusted[test] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_test_is_not_counted() {
        let adjusted = benjamini_hochberg(&[0.03, f64::NAN, 0.9]);
        assert!((adjusted[0] - 0.06).abs() < 1e-15 && adjusted[1].is_nan());
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}

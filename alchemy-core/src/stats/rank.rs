//! Ranks of values.

/// The rank of each value, from 1; equal values share the mean of their ranks. A NaN has the rank
/// NaN.
///
/// Takes n log n time.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::ranks;
///
/// assert_eq!(ranks(&[10.0, 30.0, 20.0, 20.0]), [1.0, 4.0, 2.5, 2.5]);
/// ```
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len())
        .filter(|row| !values[*row].is_nan())
        .collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut before = 0;
    #[expect(clippy::float_cmp, reason = "ties are equal values")]
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (tied.len() + 1) as f64 / 2.0;
        for row in tied {
            ranks[*row] = rank;
        }
        before += tied.len();
    }
    ranks
}

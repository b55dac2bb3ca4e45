//! The two-sample Kolmogorov–Smirnov statistic over all ways to deal the pooled values out again.
//!
//! Dealing is a walk over a grid from (0, 0) to (n, m), a step to the right for a value of one sample and up for one of
//! the other; every walk is as likely. The statistic of a walk is its largest distance from the diagonal, looked at
//! only where a run of equal values ends.
//!
//! - G. Schröer and D. Trenkler, "Exact and randomization distributions of Kolmogorov–Smirnov tests two or three
//!   samples", *Computational Statistics & Data Analysis* 20(2), 1995.

use crate::distribution::Distribution;

/// The chance of a walk that goes as far from the diagonal as that of the two samples, neither of them empty. Takes
/// time in proportion to the product of the sizes; sums chances only, so a small one is as good as a large one.
pub(crate) fn survival(a: &Distribution, b: &Distribution) -> f64 {
    let (n, m) = (a.total(), b.total());
    let mut ends = vec![false; n + m + 1];
    let mut farthest = 0;
    a.walk(b, |i, j| {
        ends[i + j] = true;
        farthest = farthest.max((i * m).abs_diff(j * n));
    });
    // Chances of a walk from (i, j) by j; those of i + 1 until they are overwritten. The last one stays 0.
    let mut chances = vec![0.0; m + 2];
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            chances[j] = if ends[i + j] && (i * m).abs_diff(j * n) >= farthest {
                1.0
            } else {
                let (right, up) = ((n - i) as f64, (m - j) as f64);
                (right * chances[j] + up * chances[j + 1]) / (right + up).max(1.0)
            };
        }
    }
    chances[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way to give `n` of the pooled values to the first sample.
    fn brute_force(a: &[f64], b: &[f64]) -> f64 {
        let pooled = [a, b].concat();
        let distance = |first: Vec<f64>, second: Vec<f64>| {
            Distribution::of(first)
                .distance(&Distribution::of(second))
                .unwrap()
        };
        let found = distance(a.to_vec(), b.to_vec());
        let (mut as_far, mut all) = (0, 0);
        for dealt in 0u32..1 << pooled.len() {
            if dealt.count_ones() as usize == a.len() {
                let (first, second): (Vec<_>, Vec<_>) =
                    (0..pooled.len()).partition(|i| dealt >> i & 1 == 1);
                let values = |rows: Vec<usize>| rows.into_iter().map(|i| pooled[i]).collect();
                as_far += usize::from(distance(values(first), values(second)) >= found - 1e-12);
                all += 1;
            }
        }
        f64::from(u32::try_from(as_far).unwrap()) / f64::from(all)
    }

    #[test]
    fn all_ways_to_deal_are_counted_with_and_without_ties() {
        let samples: [(&[f64], &[f64]); 5] = [
            (&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0, 7.0]),
            (&[1.0, 4.0, 3.5, 9.0], &[2.0, 5.0, 6.0, 7.0, 8.0]),
            (&[1.0, 1.0, 2.0], &[1.0, 2.0, 2.0, 3.0]),
            (&[0.0, 0.0, 0.0, 1.0], &[1.0, 1.0, 0.0, 1.0, 1.0]),
            (&[1.0, 1.0], &[1.0, 1.0, 1.0]),
        ];
        for (a, b) in samples {
            let chance = survival(&Distribution::of(a.to_vec()), &Distribution::of(b.to_vec()));
            let expected = brute_force(a, b);
            assert!(
                (chance - expected).abs() < 1e-14,
                "{a:?} {b:?}: {chance}, expected {expected}"
            );
        }
    }
}

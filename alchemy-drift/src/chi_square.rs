//! Pearson's test on counts of two samples.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Whether two samples of categories come from one distribution: Pearson's test of homogeneity, without a continuity
/// correction.
///
/// The p-value is that of the χ² distribution, which is good where few of the expected counts are below 5; of a column
/// that is nearly a key it says little.
///
/// # Examples
///
/// ```
/// use alchemy_drift::ChiSquareTest;
///
/// // How often "phone", "tablet" and "desktop" occur in the reference and now.
/// let test = ChiSquareTest::homogeneity(&[(300, 250), (100, 90), (600, 660)]).unwrap();
/// assert_eq!(test.degrees_of_freedom, 2);
/// assert!(test.p_value < 0.05);
/// ```
///
/// # References
///
/// - K. Pearson, "On the criterion that a given system of deviations…", *Philosophical Magazine* 50, 1900.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChiSquareTest {
    /// The sum of squared distances between counts and expected counts, each divided by the expected count.
    pub statistic: f64,
    /// One less than the number of levels that occur.
    pub degrees_of_freedom: usize,
    /// The chance of a statistic as large between two samples of one distribution.
    pub p_value: f64,
}

impl ChiSquareTest {
    /// Tests the counts of each level, in the reference and in the current sample.
    ///
    /// `None` if a sample is empty, or one level holds all: there is nothing that could differ. Levels that occur in
    /// neither sample are left out.
    #[must_use]
    pub fn homogeneity(levels: &[(usize, usize)]) -> Option<Self> {
        let occurring = || {
            levels
                .iter()
                .filter(|(a, b)| *a > 0 || *b > 0)
                .map(|(a, b)| (*a as f64, *b as f64))
        };
        let n: f64 = occurring().map(|(a, _)| a).sum();
        let m: f64 = occurring().map(|(_, b)| b).sum();
        let degrees_of_freedom = occurring().count().checked_sub(1)?;
        if n <= 0.0 || m <= 0.0 || degrees_of_freedom == 0 {
            return None;
        }
        // Of two rows the distances are equal, so both are in one term of each level.
        let statistic = occurring()
            .map(|(a, b)| (a * m - b * n).powi(2) / (a + b))
            .sum::<f64>()
            / (n * m);
        let distribution = ChiSquared::new(degrees_of_freedom as f64).ok()?;
        Some(Self {
            statistic,
            degrees_of_freedom,
            p_value: distribution.sf(statistic).clamp(0.0, 1.0),
        })
    }
}

/// The largest difference of the shares that the two samples give to any set of levels, from 0 to 1: the total
/// variation distance. `None` if a sample is empty.
pub(crate) fn total_variation(levels: &[(usize, usize)]) -> Option<f64> {
    let n: usize = levels.iter().map(|(a, _)| a).sum();
    let m: usize = levels.iter().map(|(_, b)| b).sum();
    let apart = |(a, b): &(usize, usize)| (*a as f64 / n as f64 - *b as f64 / m as f64).abs();
    (n > 0 && m > 0).then(|| levels.iter().map(apart).sum::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_differ_is_none() {
        assert_eq!(ChiSquareTest::homogeneity(&[]), None);
        assert_eq!(ChiSquareTest::homogeneity(&[(5, 0), (2, 0)]), None);
        assert_eq!(ChiSquareTest::homogeneity(&[(5, 7), (0, 0)]), None);
        assert_eq!(total_variation(&[(5, 0)]), None);
    }

    #[test]
    fn equal_shares_do_not_differ() {
        let test = ChiSquareTest::homogeneity(&[(10, 20), (30, 60)]).unwrap();
        assert_eq!((test.statistic, test.p_value), (0.0, 1.0));
        assert_eq!(total_variation(&[(10, 20), (30, 60)]), Some(0.0));
    }

    #[test]
    fn the_distance_is_that_of_the_best_set_of_levels() {
        assert_eq!(total_variation(&[(1, 0), (1, 2), (2, 2)]), Some(0.25));
        assert_eq!(total_variation(&[(1, 0), (0, 1)]), Some(1.0));
    }
}

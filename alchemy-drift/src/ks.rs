//! The two-sample Kolmogorov–Smirnov test.

use alchemy_core::Result;
use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::column::NumericColumn;
use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::{kolmogorov, permutation};

/// Up to this product of the two sizes the p-value is exact; the limit that R's `ks.test` uses.
const EXACT: u128 = 10_000;

/// Whether two samples of numbers come from one distribution.
///
/// The statistic is the largest distance between the two empirical distribution functions, from 0 to 1: the share by
/// which values up to some point are more frequent in one sample than in the other. Two-sided; ties are handled
/// exactly. As an effect size it does not depend on how many values there are, the p-value does: with a million
/// values a difference nobody cares about is significant.
///
/// The p-value of small samples, of n₁ n₂ up to 10 000, is exact: the share of all ways to deal the pooled values out
/// again that give a statistic as large, ties included. That of larger samples is the chance of a statistic as large in
/// one sample of n₁ n₂ / (n₁ + n₂) values, rounded to whole, half to even, from a known continuous distribution; it is
/// too large where there are many ties. It agrees to nine digits with `scipy`'s `ks_2samp(method="asymp")`, far into
/// the tail.
///
/// For numbers that stand for categories use [`ChiSquareTest`](crate::ChiSquareTest).
///
/// # Examples
///
/// ```
/// use alchemy_drift::KsTest;
///
/// let reference: Vec<f64> = (0..1000).map(f64::from).collect();
/// let current: Vec<f64> = reference.iter().map(|x| x + 100.0).collect();
/// let test = KsTest::two_sample(&reference, &current).unwrap();
/// assert_eq!(test.statistic, 0.1);
/// assert!(test.p_value < 1e-4);
/// ```
///
/// # References
///
/// - J. L. Hodges, "The significance probability of the Smirnov two-sample test", *Arkiv för Matematik* 3(5), 1958.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KsTest {
    /// The largest distance between the two empirical distribution functions.
    pub statistic: f64,
    /// The chance of a distance as large between two samples of one distribution.
    pub p_value: f64,
}

impl KsTest {
    /// Tests two samples; `None` if one has no value. NaN is missing, infinities are the largest and smallest values.
    ///
    /// Sorts a copy of each sample in parallel.
    #[must_use]
    pub fn two_sample(reference: &[f64], current: &[f64]) -> Option<Self> {
        let present = |values: &[f64]| {
            values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect()
        };
        Self::of(
            &Distribution::of(present(reference)),
            &Distribution::of(present(current)),
        )
    }

    /// Tests two columns called `name`: numbers, Booleans, dates or timestamps. Integers beyond 2^53 are rounded.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`](crate::Error::ColumnType) for text and its dictionaries: categories have no order.
    pub fn of_columns(
        name: &str,
        reference: &ArrayRef,
        current: &ArrayRef,
    ) -> Result<Option<Self>> {
        let distribution = |array| {
            NumericColumn::ordered(name, array)
                .map(|column| Distribution::of(column.view().valid()))
        };
        Ok(Self::of(&distribution(reference)?, &distribution(current)?))
    }

    pub(crate) fn of(reference: &Distribution, current: &Distribution) -> Option<Self> {
        let statistic = reference.distance(current)?;
        let (n, m) = (reference.total() as u128, current.total() as u128);
        let p_value = if n * m <= EXACT {
            permutation::survival(reference, current)
        } else {
            kolmogorov::survival(effective_size(n, m), statistic)
        };
        Some(Self { statistic, p_value })
    }
}

/// n m / (n + m) to the nearest whole number, half to even.
fn effective_size(n: u128, m: u128) -> u64 {
    let (whole, rest) = (n * m / (n + m), n * m % (n + m));
    let up = match (2 * rest).cmp(&(n + m)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => whole % 2,
        std::cmp::Ordering::Greater => 1,
    };
    u64::try_from(whole + up).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::Error;
    use alchemy_core::arrow::array::{BooleanArray, Date32Array, DictionaryArray, Float64Array};
    use alchemy_core::arrow::datatypes::Int8Type;

    use super::*;

    #[test]
    fn nothing_to_compare_is_none_and_nan_is_missing() {
        assert_eq!(KsTest::two_sample(&[], &[1.0]), None);
        assert_eq!(KsTest::two_sample(&[1.0], &[f64::NAN]), None);
        let test = KsTest::two_sample(&[1.0, f64::NAN], &[1.0]).unwrap();
        assert_eq!((test.statistic, test.p_value), (0.0, 1.0));
    }

    #[test]
    fn single_values_are_no_evidence() {
        let test = KsTest::two_sample(&[1.0], &[2.0]).unwrap();
        assert_eq!((test.statistic, test.p_value), (1.0, 1.0));
    }

    #[test]
    fn a_dictionary_of_text_is_a_type_error() {
        let text: DictionaryArray<Int8Type> = ["sports", "news"].into_iter().collect();
        let text = Arc::new(text) as ArrayRef;
        let error = KsTest::of_columns("category_affinity", &text, &text).unwrap_err();
        assert!(matches!(error, Error::ColumnType { .. }), "{error}");
        assert!(error.to_string().contains("category_affinity"));
    }

    #[test]
    fn what_has_an_order_can_be_tested() {
        let arrays: [ArrayRef; 3] = [
            Arc::new(Float64Array::from(vec![Some(1.0), None])),
            Arc::new(Date32Array::from(vec![1, 2])),
            Arc::new(BooleanArray::from(vec![true, false])),
        ];
        for array in arrays {
            let test = KsTest::of_columns("x", &array, &array).unwrap().unwrap();
            assert!(test.statistic.abs() < 1e-15);
        }
    }
}

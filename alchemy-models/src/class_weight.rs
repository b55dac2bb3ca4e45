//! How much the rows of each class count.

use std::collections::BTreeMap;

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::classes::Classes;
use crate::dataset::LARGEST;

/// How much each row of a class counts, besides the weight of the row itself.
///
/// A rare class is easily outvoted. Weights make up for it, and shift probabilities towards the classes that weigh more: they
/// are then no longer shares of the training rows.
///
/// # Examples
///
/// ```
/// use alchemy_models::{ClassWeight, RandomForestClassifier};
///
/// let balanced = RandomForestClassifier::new().with_class_weight(ClassWeight::Balanced);
/// let fourfold = RandomForestClassifier::new().with_class_weight(ClassWeight::of([("Yes", 4.0)]));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClassWeight {
    /// Every class weighs the same in sum: with `n` the weight of all rows, `k` the number of classes and `n_c` the weight of
    /// the rows of class `c`, each of these rows is multiplied by `n / (k n_c)`. Without row weights this is scikit-learn's
    /// `"balanced"`.
    Balanced,
    /// The weight of each class by its label, as text; of a class that is not listed, 1.
    Of(BTreeMap<String, f64>),
}

impl ClassWeight {
    /// [`Of`](Self::Of) these labels and weights; of a label that comes twice, the last weight.
    #[must_use]
    pub fn of<L: Into<String>>(weights: impl IntoIterator<Item = (L, f64)>) -> Self {
        let weights = weights
            .into_iter()
            .map(|(label, weight)| (label.into(), weight));
        Self::Of(weights.collect())
    }

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a weight that is not above 0 and up to 1e30.
    pub(crate) fn check(&self) -> Result<()> {
        let Self::Of(weights) = self else {
            return Ok(());
        };
        for (label, weight) in weights {
            if !(*weight > 0.0 && *weight <= LARGEST) {
                return Err(parameter(format!(
                    "is {weight} for {label:?}, not above 0 and up to 1e30"
                )));
            }
        }
        Ok(())
    }

    /// The weight of each row: its own, or 1, times that of its class. `codes` number the rows' `classes`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a label that is no class, or for a product beyond 1e30.
    pub(crate) fn row_weights(
        &self,
        classes: &Classes,
        codes: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<Vec<f64>> {
        let factors = match self {
            Self::Balanced => {
                let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
                balanced(classes.len(), codes, weight)
            }
            Self::Of(listed) => listed_factors(listed, classes)?,
        };
        let products: Vec<f64> = match weights {
            None => codes.iter().map(|code| factors[*code as usize]).collect(),
            Some(weights) => (codes.iter().zip(weights))
                .map(|(code, weight)| factors[*code as usize] * weight)
                .collect(),
        };
        match products.iter().position(|product| *product > LARGEST) {
            Some(row) => Err(parameter(format!(
                "makes the weight of row {row} {}, beyond 1e30",
                products[row]
            ))),
            None => Ok(products),
        }
    }
}

/// The factor of each of `num_classes` classes by which they come to weigh the same in sum; 0 for a class without weight.
pub(crate) fn balanced(
    num_classes: usize,
    codes: &[u32],
    weight: impl Fn(usize) -> f64,
) -> Vec<f64> {
    let mut sums = vec![0.0; num_classes];
    for (row, code) in codes.iter().enumerate() {
        sums[*code as usize] += weight(row);
    }
    let total: f64 = sums.iter().sum();
    let filled = sums.iter().filter(|sum| **sum > 0.0).count() as f64;
    let factor = |sum: f64| {
        if sum > 0.0 {
            total / (filled * sum)
        } else {
            0.0
        }
    };
    sums.into_iter().map(factor).collect()
}

fn listed_factors(listed: &BTreeMap<String, f64>, classes: &Classes) -> Result<Vec<f64>> {
    let names = classes.names();
    if let Some(label) = listed.keys().find(|label| !names.contains(label)) {
        return Err(parameter(format!(
            "names {label:?}, which is no class of the target"
        )));
    }
    let factor = |name: &String| listed.get(name).copied().unwrap_or(1.0);
    Ok(names.iter().map(factor).collect())
}

fn parameter(message: String) -> Error {
    Error::parameter("class_weight", message)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::table::Table;

    fn learn(labels: &[&str]) -> (Classes, Vec<u32>) {
        let column = Arc::new(StringArray::from(labels.to_vec())) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("y", column)]).unwrap();
        Classes::learn(Table::new(&[batch]), "y").unwrap()
    }

    #[test]
    fn balanced_classes_weigh_the_same_in_sum() {
        let (classes, codes) = learn(&["b", "a", "b", "b", "c"]);
        // compute_class_weight("balanced") of scikit-learn: n / (k * count).
        let found = ClassWeight::Balanced.row_weights(&classes, &codes, None);
        let [a, b] = [5.0 / 3.0, 5.0 / 9.0];
        assert_eq!(found.unwrap(), [b, a, b, b, a]);
        // By weight: c, whose rows do not count, is left out.
        let weights = [1.0, 4.0, 0.5, 0.5, 0.0];
        let found = ClassWeight::Balanced.row_weights(&classes, &codes, Some(&weights));
        assert_eq!(found.unwrap(), [1.5, 3.0, 0.75, 0.75, 0.0]);
    }

    #[test]
    fn listed_classes_have_their_weight_and_others_one() {
        let (classes, codes) = learn(&["no", "yes", "no"]);
        let weight = ClassWeight::of([("yes", 3.0), ("yes", 4.0)]);
        let found = weight.row_weights(&classes, &codes, Some(&[1.0, 0.5, 2.0]));
        assert_eq!(found.unwrap(), [1.0, 2.0, 2.0]);
    }

    #[test]
    fn what_is_no_weight_or_no_class_is_an_error() {
        let (classes, codes) = learn(&["no", "yes"]);
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e31] {
            let error = ClassWeight::of([("yes", weight)]).check().unwrap_err();
            assert!(error.to_string().contains("class_weight"), "{error}");
        }
        let found = |weight: ClassWeight, weights: Option<&[f64]>| {
            weight.check().unwrap();
            weight.row_weights(&classes, &codes, weights)
        };
        assert!(found(ClassWeight::of([("Yes", 1.0)]), None).is_err());
        assert!(found(ClassWeight::of([("yes", 1e20)]), Some(&[1.0, 1e20])).is_err());
        assert!(found(ClassWeight::of([("yes", 1e30)]), None).is_ok());
    }
}

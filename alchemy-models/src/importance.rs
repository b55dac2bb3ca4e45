//! Which features a tree ensemble relies on.

use crate::binning::Binner;
use crate::tree::node::Tree;

/// How much one feature took part in the splits of a tree ensemble.
///
/// Both figures favour features with many distinct values, and share the credit among correlated ones.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// The sum of the gains of its splits, as a share of all splits' gains.
    pub gain: f64,
    /// The number of its splits.
    pub num_splits: u64,
}

impl Importance {
    /// Of every feature, in the order of the model's features.
    pub(crate) fn of(binner: &Binner, trees: &[Tree]) -> Vec<Self> {
        let mut found: Vec<Self> = binner
            .names()
            .iter()
            .map(|name| Self {
                feature: name.clone(),
                gain: 0.0,
                num_splits: 0,
            })
            .collect();
        let places = binner.places();
        let mut total = 0.0;
        for (column, gain) in trees.iter().flat_map(Tree::splits) {
            let feature = &mut found[places[usize::from(column)]];
            feature.gain += gain;
            feature.num_splits += 1;
            total += gain;
        }
        if total > 0.0 {
            found.iter_mut().for_each(|feature| feature.gain /= total);
        }
        found
    }
}

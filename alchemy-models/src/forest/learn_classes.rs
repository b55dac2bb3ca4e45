//! How the forests of classes learn.

use alchemy_core::{Context, Error, Result};

use super::class_shares::{ClassShares, Labels};
use super::class_weight::ForestClassWeight;
use super::classifier::FittedRandomForestClassifier;
use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::mean::{Mean, round_pairs};
use super::oob::{OutOfBag, accuracy};
use super::params::Params;
use crate::classes::Classes;
use crate::dataset::Columns;
use crate::stream::Data;
use crate::table::Table;
use crate::tree::gradient::Rounded;
use crate::tree::node::Tree;

/// The most classes that a histogram is laid out for.
const MOST_CLASSES: usize = 256;

fn read_classes(table: Table<'_>, name: &str) -> Result<(Classes, Vec<u32>)> {
    let (classes, codes) = Classes::learn(table, name)?;
    if classes.len() > MOST_CLASSES {
        let message = format!("has {} classes, more than {MOST_CLASSES}", classes.len());
        return Err(Error::InvalidTarget {
            column: name.to_owned(),
            message,
        });
    }
    Ok((classes, codes))
}

/// Learns from `batches` as `params` and `class_weight` say.
///
/// # Errors
///
/// Those of [`RandomForestClassifier::fit_batches`].
pub(super) fn learn_classes(
    params: &Params,
    class_weight: &ForestClassWeight,
    columns: &Columns,
    train: Data<'_>,
    context: &Context,
) -> Result<FittedRandomForestClassifier> {
    class_weight.check()?;
    let (mut prepared, (classes, codes)) = Prepared::new(params, columns, train, read_classes)?;
    if let ForestClassWeight::PerForest(class_weight) = class_weight {
        prepared.reweigh(|weights| class_weight.row_weights(&classes, &codes, weights))?;
    }
    let num_classes = classes.len();
    let trees = prepared.trees(context, |tree, mut bag| {
        if *class_weight == ForestClassWeight::BalancedPerTree {
            bag.balance(num_classes, &codes);
        }
        let labels = Labels {
            codes: &codes,
            weights: &bag.weights,
            num_classes,
        };
        match num_classes {
            2 => labels.tree_of_two(&prepared, tree, bag.rows),
            3..=4 => labels.tree::<4>(&prepared, tree, bag.rows),
            5..=8 => labels.tree::<8>(&prepared, tree, bag.rows),
            9..=32 => labels.tree::<32>(&prepared, tree, bag.rows),
            _ => labels.tree::<MOST_CLASSES>(&prepared, tree, bag.rows),
        }
    })?;
    let oob = (params.oob).then(|| {
        OutOfBag::new(&prepared, &trees, num_classes, |rated| {
            accuracy(rated, &codes)
        })
    });
    let ensemble = Ensemble::new(prepared.binner, trees, num_classes);
    Ok(FittedRandomForestClassifier {
        ensemble,
        classes,
        oob,
    })
}

impl Labels<'_> {
    /// Grows a tree by the share of the second of two classes.
    fn tree_of_two(&self, prepared: &Prepared<'_>, tree: u64, rows: Vec<u32>) -> Tree {
        let rounded = round_pairs(&rows, self.weights, |row| f64::from(self.codes[row]));
        match rounded {
            Rounded::Packed(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(self, scale, 2.0))
            }
            Rounded::Wide(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(self, scale, 2.0))
            }
        }
    }

    /// Grows a tree whose sums have room for `K` classes.
    fn tree<const K: usize>(&self, prepared: &Prepared<'_>, tree: u64, rows: Vec<u32>) -> Tree {
        let (shares, labelled) = ClassShares::<K>::new(self, &rows);
        prepared.tree(tree, rows, labelled, shares)
    }
}

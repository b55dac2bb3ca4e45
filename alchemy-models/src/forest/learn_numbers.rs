//! How the forests of numbers learn.

use alchemy_core::{Context, Result};

use super::bag::Bag;
use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::mean::{Mean, Numbers, round_pairs};
use super::oob::{OutOfBag, r_squared};
use super::params::Params;
use super::regressor::FittedRandomForestRegressor;
use crate::dataset::{Columns, check_weighted, numeric_target};
use crate::stream::Data;
use crate::sum::weighted_mean;
use crate::table::Table;
use crate::tree::gradient::Rounded;
use crate::tree::node::Tree;

/// Learns from `batches` as `params` say.
///
/// # Errors
///
/// Those of [`RandomForestRegressor::fit_batches`].
pub(super) fn learn_numbers(
    params: &Params,
    columns: &Columns,
    train: Data<'_>,
    context: &Context,
) -> Result<FittedRandomForestRegressor> {
    let (prepared, targets) = prepare_numbers(params, columns, train)?;
    let trees = trees_of_numbers(&prepared, &targets, context, |tree, _| tree)?;
    let oob = (params.oob)
        .then(|| OutOfBag::new(&prepared, &trees, 1, |rated| r_squared(rated, &targets)));
    Ok(FittedRandomForestRegressor {
        ensemble: Ensemble::new(prepared.binner, trees, 1),
        oob,
    })
}

/// Bins the features and reads the targets of a regression.
///
/// # Errors
///
/// As [`Prepared::new`], and those of targets and weights that are too large together.
pub(super) fn prepare_numbers<'a>(
    params: &'a Params,
    columns: &Columns,
    train: Data<'_>,
) -> Result<(Prepared<'a>, Vec<f64>)> {
    let read = |table: Table<'_>, name: &str| Ok((name.to_owned(), numeric_target(table, name)?));
    let (prepared, (name, targets)) = Prepared::new(params, columns, train, read)?;
    check_weighted(&name, &targets, prepared.weights())?;
    Ok((prepared, targets))
}

/// Grows the trees of a regression, and makes of each tree and its bag what `finish` makes of it.
///
/// # Errors
///
/// [`alchemy_core::Error::Cancelled`].
pub(super) fn trees_of_numbers<T: Send>(
    prepared: &Prepared<'_>,
    targets: &[f64],
    context: &Context,
    finish: impl Fn(Tree, &Bag) -> T + Sync,
) -> Result<Vec<T>> {
    let mean = weighted_mean(targets, prepared.weights());
    prepared.trees(context, |tree, bag| {
        let numbers = Numbers {
            targets,
            weights: &bag.weights,
        };
        let rows = bag.rows.clone();
        let grown = match round_pairs(&rows, &bag.weights, |row| targets[row] - mean) {
            Rounded::Packed(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(&numbers, scale, 1.0))
            }
            Rounded::Wide(cells, scale) => {
                prepared.tree(tree, rows, cells, Mean::new(&numbers, scale, 1.0))
            }
        };
        finish(grown, &bag)
    })
}

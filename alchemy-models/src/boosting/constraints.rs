//! From names of features to rules of columns.

use std::collections::{HashMap, HashSet};

use alchemy_core::{Error, Result};

use super::params::Params;
use crate::binning::Binner;
use crate::tree::growth::ColumnRules;
use crate::tree::interaction::Interactions;

/// What trees may do with each column of the matrix.
///
/// # Errors
///
/// [`Error::ColumnNotFound`] for a name that is no feature, [`Error::InvalidParameter`] for a direction of a feature that has
/// no order or is named twice.
pub(super) fn column_rules(params: &Params, binner: &Binner) -> Result<ColumnRules> {
    let names = binner.names();
    let features: HashSet<&String> = names.iter().collect();
    let check = |name: &String| {
        if features.contains(name) {
            Ok(())
        } else {
            let names = names.iter().map(String::as_str);
            Err(Error::column_not_found(name, names))
        }
    };
    let columns: HashMap<&String, usize> = binner
        .places()
        .into_iter()
        .enumerate()
        .map(|(column, place)| (&names[place], column))
        .collect();
    let categorical = binner.categorical_columns();

    let mut monotone = vec![None; columns.len()];
    let mut named = HashSet::new();
    for (name, direction) in &params.monotone {
        check(name)?;
        if !named.insert(name) {
            let message = format!("names column {name:?} twice");
            return Err(Error::parameter("monotone", message));
        }
        if binner.is_categorical(name) {
            let message = format!("names column {name:?}, whose values are categories");
            return Err(Error::parameter("monotone", message));
        }
        // A feature that never varies has no column.
        if let Some(column) = columns.get(name) {
            monotone[*column] = Some(*direction);
        }
    }

    let mut sets = Vec::with_capacity(params.interactions.len());
    for set in &params.interactions {
        let mut flags = vec![false; columns.len()];
        for name in set {
            check(name)?;
            if let Some(column) = columns.get(name) {
                flags[*column] = true;
            }
        }
        sets.push(flags);
    }
    Ok(ColumnRules {
        categorical,
        monotone,
        interactions: (!sets.is_empty()).then(|| Interactions::new(sets)),
    })
}

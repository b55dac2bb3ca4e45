//! Quantiles against their definition.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::random::Stream;
use alchemy_core::{Fit, Predict};

use super::*;
use crate::forest::bag::Bag;
use crate::forest::fit::Prepared;
use crate::tree::node::Tree;

/// The weight of every training row for each row to predict, by its definition: O(rows^2 trees).
fn weights(prepared: &Prepared<'_>, trees: &[Tree]) -> Vec<Vec<f64>> {
    let num_rows = prepared.matrix.num_rows();
    let mut weights = vec![vec![0.0; num_rows]; num_rows];
    for (number, tree) in (0..).zip(trees) {
        let bag = Bag::draw(
            prepared.params,
            number,
            &prepared.rows,
            num_rows,
            prepared.weights(),
        );
        let leaves: Vec<u32> = (0..num_rows)
            .map(|row| tree.leaf(&prepared.matrix, row))
            .collect();
        for (row, weights) in weights.iter_mut().enumerate() {
            let same = |other: &usize| leaves[*other] == leaves[row];
            let whole: f64 = (0..num_rows)
                .filter(same)
                .map(|other| bag.weights[other])
                .sum();
            for other in (0..num_rows).filter(same) {
                weights[other] += bag.weights[other] / whole / trees.len() as f64;
            }
        }
    }
    weights
}

#[test]
fn quantiles_are_those_of_the_weights_by_definition() {
    let mut stream = Stream::new(9, &[]);
    let mut draw =
        |bound: u64| Float64Array::from_iter_values((0..120).map(|_| stream.below(bound) as f64));
    let columns = [
        ("a", draw(20)),
        ("b", draw(7)),
        ("y", draw(30)),
        ("w", draw(3)),
    ];
    let columns = columns.map(|(name, values)| (name, Arc::new(values) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let spec = QuantileForestRegressor::new()
        .with_target("y")
        .with_weight("w")
        .with_num_trees(9);
    let spec = spec
        .with_min_samples_leaf(3)
        .with_max_features(MaxFeatures::Count(1));
    let model = spec.fit(&batch).unwrap();
    let batches = std::slice::from_ref(&batch);
    let (prepared, targets) = prepare_numbers(&spec.params, &spec.columns, batches.into()).unwrap();
    let means = model.predict(&batch).unwrap();
    let means: &Float64Array = means.as_any().downcast_ref().unwrap();
    for (row, weights) in weights(&prepared, model.ensemble.trees())
        .iter()
        .enumerate()
    {
        let mean: f64 = weights
            .iter()
            .zip(&targets)
            .map(|(weight, target)| weight * target)
            .sum();
        assert!((means.value(row) - mean).abs() < 1e-9);
        for quantile in [0.0, 0.05, 0.31, 0.5, 0.77, 1.0] {
            let found = model
                .predict_quantiles(&batch.slice(row, 1), &[quantile])
                .unwrap();
            let found: &Float64Array = found.column(0).as_any().downcast_ref().unwrap();
            let up_to = |limit: f64, with: bool| -> f64 {
                let rows = weights.iter().zip(&targets);
                let rows =
                    rows.filter(|(_, target)| **target < limit || (with && **target == limit));
                rows.map(|(weight, _)| weight).sum()
            };
            let found = found.value(0);
            assert!(
                up_to(found, true) >= quantile - 1e-9,
                "row {row}, {quantile}"
            );
            assert!(
                up_to(found, false) < quantile.max(1e-9) + 1e-9,
                "row {row}, {quantile}"
            );
        }
    }
}

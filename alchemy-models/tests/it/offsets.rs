//! Scores that training and prediction start from.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, Float64Array, RecordBatch};
use alchemy_core::column::NumericColumn;
use alchemy_core::{Fit, Predict};
use alchemy_models::GradientBoostingRegressor;

/// A series that climbs by 1, or by 3 where `steep`.
fn climb(start: f64, rows: usize) -> RecordBatch {
    let steep: Vec<f64> = (0..rows)
        .map(|row| f64::from(u8::from(row % 2 == 0)))
        .collect();
    let last: Vec<f64> = (0..rows).map(|row| start + 2.0 * row as f64).collect();
    let next: Vec<f64> = last
        .iter()
        .zip(&steep)
        .map(|(last, steep)| last + 1.0 + 2.0 * steep)
        .collect();
    let columns = [("steep", steep), ("last", last), ("next", next)];
    RecordBatch::try_from_iter(
        columns.map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef)),
    )
    .unwrap()
}

#[test]
fn an_offset_carries_the_trees_beyond_the_targets_they_saw() {
    let spec = GradientBoostingRegressor::new()
        .with_target("next")
        .with_features(["steep"])
        .with_offset("last")
        .with_num_rounds(200);
    let model = spec.fit(&climb(0.0, 200)).unwrap();
    let far = climb(1e6, 50);
    let predictions = NumericColumn::new("p", &model.predict(&far).unwrap()).unwrap();
    let truth = NumericColumn::new("next", &far["next"]).unwrap();
    for row in 0..50 {
        let (found, expected) = (
            predictions.view().get(row).unwrap(),
            truth.view().get(row).unwrap(),
        );
        assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
    }
}

#[test]
fn a_row_without_an_offset_teaches_nothing_and_gets_no_prediction() {
    let batch = climb(0.0, 50);
    let last: Float64Array = (0..50)
        .map(|row| (row != 7).then_some(2.0 * f64::from(row)))
        .collect();
    let gap = RecordBatch::try_from_iter_with_nullable([
        ("steep", batch["steep"].clone(), true),
        ("last", Arc::new(last) as ArrayRef, true),
        ("next", batch["next"].clone(), true),
    ])
    .unwrap();
    let spec = GradientBoostingRegressor::new()
        .with_target("next")
        .with_features(["steep"])
        .with_offset("last");
    let error = spec.fit(&gap).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"last\", row 7: \"null\" is not a number between -1e30 and 1e30"
    );
    let predictions = spec.fit(&batch).unwrap().predict(&gap).unwrap();
    assert_eq!(predictions.null_count(), 1);
    assert!(predictions.is_null(7));
}

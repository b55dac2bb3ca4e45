//! Boosting on values without an order.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use alchemy_core::arrow::datatypes::{Float64Type, Int64Type};
use alchemy_core::{Classify, CsvReader, Error, Fit, Predict};
use alchemy_models::{
    FittedGradientBoostingRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
    Objective, RowScratch,
};

use crate::tables::{column, numbers};

fn table<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    let columns = columns.map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Codes 0 to 19 in turn, as text and as numbers; the target tells odd codes from even ones.
fn parity(rows: u32) -> RecordBatch {
    let codes = || (0..rows).map(|row| row * 7 % 20);
    let text = StringArray::from_iter_values(codes().map(|code| format!("c{code:02}")));
    table([
        ("text", Arc::new(text)),
        (
            "code",
            Arc::new(Int64Array::from_iter_values(codes().map(i64::from))),
        ),
        (
            "odd",
            Arc::new(BooleanArray::from_iter(
                codes().map(|code| Some(code % 2 == 1)),
            )),
        ),
        (
            "y",
            Arc::new(Float64Array::from_iter_values(
                codes().map(|code| f64::from(code % 2)),
            )),
        ),
    ])
}

/// One tree with one split.
fn stump() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(1)
        .with_learning_rate(1.0)
        .with_num_leaves(2)
        .with_cat_l2(0.0)
}

/// Whether all are equal but for the rounding of gradients.
#[track_caller]
fn assert_equal(found: &[f64], expected: &[f64]) {
    assert_close(found, expected, 1e-5);
}

fn predict(model: &FittedGradientBoostingRegressor, table: &RecordBatch) -> Vec<f64> {
    numbers(&model.predict(table).unwrap())
}

#[test]
fn one_split_parts_categories_that_no_order_keeps_together() {
    let table = parity(4000);
    let target = numbers(&table["y"]);
    let text = stump().with_features(["text"]);
    assert_equal(&predict(&text.fit(&table).unwrap(), &table), &target);
    for feature in ["text", "code", "odd"] {
        let spec = stump().with_features([feature]).with_categorical([feature]);
        assert_equal(&predict(&spec.fit(&table).unwrap(), &table), &target);
    }
    for ordered in [
        text.with_categorical(["code"]),
        stump().with_features(["code"]),
    ] {
        let found = predict(&ordered.fit(&table).unwrap(), &table);
        let errors = found.iter().zip(&target).map(|(a, b)| (a - b).abs());
        assert!(errors.sum::<f64>() > 0.4 * 4000.0);
    }
}

#[test]
fn columns_of_categories_are_checked() {
    let spec = stump().with_features(["text"]).with_categorical(["txet"]);
    assert!(matches!(
        spec.fit(&parity(100)).unwrap_err(),
        Error::ColumnNotFound { .. }
    ));
}

#[test]
fn what_training_never_saw_is_missing_and_missing_is_a_category() {
    let rows = 3000;
    let seen = |row: u32| match row % 6 {
        5 => None,
        code => Some(format!("c{code}")),
    };
    let text: StringArray = (0..rows).map(seen).collect();
    let y = (0..rows).map(|row| if row % 6 % 5 == 0 { 1.0 } else { -1.0 });
    let train = table([
        ("text", Arc::new(text) as ArrayRef),
        ("y", Arc::new(Float64Array::from_iter_values(y))),
    ]);
    let model = stump().fit(&train).unwrap();
    // "c0" and missing values are together on one side.
    assert_equal(&predict(&model, &train), &numbers(&train["y"]));
    let asked: StringArray = vec![Some("c0"), Some("c9"), None, Some("c1"), Some("")].into();
    let asked = table([("text", Arc::new(asked) as ArrayRef)]);
    assert_equal(&predict(&model, &asked), &[1.0, 1.0, 1.0, -1.0, 1.0]);

    let mut scratch = RowScratch::new();
    let mut row = |value: f64| model.predict_row(&[value], &mut scratch).unwrap();
    let rank = |text: &str| model.text_rank("text", text).unwrap();
    assert_eq!((rank("c3"), rank("c9")), (Some(3), None));
    let found = [0.0, 3.0, 9.0, f64::NAN, 0.5].map(&mut row);
    assert_equal(&found, &[1.0, -1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_category_without_a_row_goes_where_most_rows_go() {
    // In training nothing is missing, and three of four rows are in categories that go one way.
    let train = parity(4000);
    let kept: BooleanArray = (0..4000u32)
        .map(|row| Some(row * 7 % 20 % 2 == 1 || row % 3 == 0))
        .collect();
    let train = alchemy_core::arrow::compute::filter_record_batch(&train, &kept).unwrap();
    let model = stump().with_features(["text"]).fit(&train).unwrap();
    let asked: StringArray = vec![Some("c01"), Some("c02"), Some("new"), None].into();
    let asked = table([("text", Arc::new(asked) as ArrayRef)]);
    assert_equal(&predict(&model, &asked), &[1.0, 0.0, 1.0, 1.0]);
}

#[test]
fn of_a_hundred_thousand_levels_the_frequent_ones_are_told_apart() {
    let rows = 200_000_u32;
    // Every other row has one of 100 levels; the rest have a level each.
    let level = |row: u32| match row % 2 {
        0 => format!("f{:03}", row / 2 % 100),
        _ => format!("r{row:06}"),
    };
    let frequent = |row: u32| f64::from(row / 2 % 100 * 37 % 100);
    let y = (0..rows).map(|row| if row % 2 == 0 { frequent(row) } else { -50.0 });
    let train = table([
        (
            "level",
            Arc::new(StringArray::from_iter_values((0..rows).map(level))) as ArrayRef,
        ),
        ("y", Arc::new(Float64Array::from_iter_values(y))),
    ]);
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_learning_rate(0.5)
        .with_num_rounds(20);
    let model = spec.fit(&train).unwrap();
    for (found, expected) in predict(&model, &train).iter().zip(numbers(&train["y"])) {
        assert!((found - expected).abs() < 1.0, "{found}, not {expected}");
    }
    let bytes = postcard::to_stdvec(&model).unwrap();
    let loaded: FittedGradientBoostingRegressor = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(predict(&loaded, &train), predict(&model, &train));
}

fn golden() -> RecordBatch {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/categories.csv");
    CsvReader::new().with_infer_rows(4000).read(path).unwrap()
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error <= tolerance, "row {row}: {found}, not {expected}");
    }
}

#[test]
fn boosted_categories_are_those_of_lightgbm() {
    let table = golden();
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(["few", "city", "shop", "x"])
        .with_categorical(["few", "city", "shop"])
        .with_num_leaves(15);
    let found = predict(&spec.fit(&table).unwrap(), &table);
    assert_close(&found, &column(&table, "lgb_plain"), 1e-6);
    let free = (spec.clone())
        .with_cat_smooth(1.0)
        .with_cat_l2(0.0)
        .with_max_cat_threshold(8)
        .with_min_rows_per_category_group(5);
    let found = predict(&free.fit(&table).unwrap(), &table);
    assert_close(&found, &column(&table, "lgb_free"), 1e-6);
    let poisson = spec
        .with_target("count")
        .with_objective(Objective::Poisson)
        .with_min_samples_leaf(1)
        .with_min_child_weight(20.0);
    let found = predict(&poisson.fit(&table).unwrap(), &table);
    assert_close(&found, &column(&table, "lgb_poisson"), 1e-6);

    let spec = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(["few", "city", "shop", "x"])
        .with_categorical(["few", "city", "shop"])
        .with_num_leaves(15)
        .with_weight("weight")
        .with_min_samples_leaf(1)
        .with_min_child_weight(5.0)
        .with_cat_smooth(1.0)
        .with_cat_l2(0.0)
        .with_min_rows_per_category_group(1);
    let model = spec.fit(&table).unwrap();
    assert_eq!(
        model.classes().as_primitive::<Int64Type>().values(),
        &[0, 1]
    );
    let probabilities = model.predict_proba(&table).unwrap();
    let found = probabilities
        .column(1)
        .as_primitive::<Float64Type>()
        .values();
    assert_close(found, &column(&table, "lgb_logistic"), 1e-6);
}

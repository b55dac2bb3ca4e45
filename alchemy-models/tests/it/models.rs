//! What models promise on ordinary tables.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, AsArray, Float64Array, StringArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Fit, Predict, Role};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::learners::{boosting, forest};
use crate::tables::{floats, mixed, numbers, table, with};

/// Whether the numbers of both columns are within `tolerance` of each other.
pub(crate) fn close(left: &ArrayRef, right: &ArrayRef, tolerance: f64) -> bool {
    numbers(left)
        .iter()
        .zip(numbers(right))
        .all(|(left, right)| (left - right).abs() <= tolerance)
}

#[test]
fn the_target_and_the_weight_are_found_by_role() {
    let plain = mixed(500);
    let stamped = Role::Target.stamp_column(&plain, "y").unwrap();
    let stamped = Role::Weight.stamp_column(&stamped, "weight").unwrap();
    let stamped = Role::Ignored.stamp_column(&stamped, "label").unwrap();
    let by_role = GradientBoostingRegressor::new()
        .with_num_rounds(3)
        .fit(&stamped)
        .unwrap();
    assert_eq!(
        by_role.features(),
        ["normal", "heavy", "small", "flag", "city", "time"]
    );
    let spec = GradientBoostingRegressor::new()
        .with_num_rounds(3)
        .with_target("y")
        .with_weight("weight");
    let by_name = spec
        .with_features(by_role.features().to_vec())
        .fit(&plain)
        .unwrap();
    assert_eq!(by_role, by_name);
}

#[test]
fn integers_teach_what_equal_floats_teach() {
    let table = mixed(500);
    for name in ["small", "weight"] {
        let float = cast(table.column_by_name(name).unwrap(), &DataType::Float32).unwrap();
        let floats = with(&table, name, float);
        let spec = boosting()
            .with_weight("weight")
            .with_features(["normal", "small"]);
        assert_eq!(
            spec.fit(&table).unwrap(),
            spec.fit(&floats).unwrap(),
            "{name}"
        );
    }
    let target = with(
        &table,
        "y",
        cast(table.column_by_name("small").unwrap(), &DataType::Float64).unwrap(),
    );
    let spec = forest().with_features(["normal", "time"]);
    assert_eq!(spec.fit(&target).unwrap(), {
        let ints = with(&table, "y", table.column_by_name("small").unwrap().clone());
        spec.fit(&ints).unwrap()
    });
}

#[test]
fn nan_is_null_and_infinity_is_the_largest_value() {
    let value = |row: i32| match row % 10 {
        0 => None,
        1 => Some(f64::INFINITY),
        other => Some(f64::from(other)),
    };
    let y = floats((0..400).map(|row| match row % 10 {
        0 => 5.0,
        1 => 9.0,
        _ => 1.0,
    }));
    let nulls: Float64Array = (0..400).map(value).collect();
    let nans: Float64Array = (0..400).map(|row| value(row).or(Some(f64::NAN))).collect();
    let [nulls, nans] =
        [nulls, nans].map(|x| table([("x", Arc::new(x) as ArrayRef), ("y", y.clone())]));
    let spec = boosting().with_num_rounds(100);
    let model = spec.fit(&nulls).unwrap();
    assert_eq!(model, spec.fit(&nans).unwrap());
    assert!(close(&model.predict(&nans).unwrap(), &y, 0.01));
    let model = forest().with_bootstrap(false).fit(&nans).unwrap();
    assert!(close(&model.predict(&nulls).unwrap(), &y, 1e-12));
}

#[test]
fn text_is_read_in_any_encoding_and_an_unknown_level_is_missing() {
    let train = mixed(800);
    let model = boosting()
        .with_features(["city", "normal"])
        .fit(&train)
        .unwrap();
    let expected = model.predict(&train).unwrap();
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for encoding in [DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let other = with(
            &train,
            "city",
            cast(train.column_by_name("city").unwrap(), &encoding).unwrap(),
        );
        assert_eq!(&model.predict(&other).unwrap(), &expected);
        assert_eq!(
            boosting()
                .with_features(["city", "normal"])
                .fit(&other)
                .unwrap(),
            model
        );
    }
    let unknown = with(
        &train,
        "city",
        Arc::new(StringArray::from(vec!["Rom"; 800])),
    );
    let missing = with(
        &train,
        "city",
        Arc::new(StringArray::from(vec![None::<&str>; 800])),
    );
    assert_eq!(
        &model.predict(&unknown).unwrap(),
        &model.predict(&missing).unwrap()
    );
}

#[test]
fn text_of_many_levels_counts_by_its_order() {
    let levels: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..20_000).map(|row| format!("{:05}", row * 7 % 19_997)),
    ));
    let y = levels
        .as_string::<i32>()
        .iter()
        .map(|level| level.unwrap().parse::<f64>().unwrap());
    let table = table([
        ("level", levels.clone()),
        ("y", floats(y.collect::<Vec<_>>())),
    ]);
    let ordered = boosting().with_categorical(Vec::<String>::new());
    let model = ordered.with_num_rounds(100).fit(&table).unwrap();
    assert!(close(
        &model.predict(&table).unwrap(),
        table.column(1),
        400.0
    ));
}

#[test]
fn one_huge_target_does_not_drown_the_others() {
    let y = (0..1000).map(|row| {
        if row == 500 {
            1e12
        } else {
            f64::from(row % 10)
        }
    });
    let table = table([
        ("x", floats((0..1000).map(|row| f64::from(row % 10)))),
        ("y", floats(y)),
    ]);
    let spec = boosting().with_num_rounds(300);
    let predicted = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
    assert!(
        (predicted[3] - 3.0).abs() < 1.0 && (predicted[7] - 7.0).abs() < 1.0,
        "{:?}",
        &predicted[..10]
    );
}

#[test]
fn importance_goes_to_the_features_that_matter() {
    let table = mixed(2000);
    let features = ["normal", "city", "heavy", "small"];
    for importance in [
        boosting()
            .with_features(features)
            .fit(&table)
            .unwrap()
            .importance(),
        forest()
            .with_features(features)
            .with_max_depth(4)
            .fit(&table)
            .unwrap()
            .importance(),
    ] {
        assert_eq!(
            importance
                .iter()
                .map(|found| found.feature.as_str())
                .collect::<Vec<_>>(),
            features
        );
        assert!((importance.iter().map(|found| found.gain).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(importance[0].gain > 0.5 && importance[0].num_splits > 0);
        assert!(importance[2].gain < 0.1);
    }
}

#[test]
fn types_can_cross_threads_and_be_printed() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug>() {}
    check::<GradientBoostingClassifier>();
    check::<GradientBoostingRegressor>();
    check::<RandomForestClassifier>();
    check::<RandomForestRegressor>();
    check::<alchemy_models::FittedGradientBoostingClassifier>();
    check::<alchemy_models::FittedGradientBoostingRegressor>();
    check::<alchemy_models::FittedRandomForestClassifier>();
    check::<alchemy_models::FittedRandomForestRegressor>();
    check::<alchemy_models::ExtraTreesClassifier>();
    check::<alchemy_models::ExtraTreesRegressor>();
    check::<alchemy_models::QuantileForestRegressor>();
    check::<alchemy_models::FittedQuantileForestRegressor>();
    check::<alchemy_models::IsolationForest>();
    check::<alchemy_models::FittedIsolationForest>();
    check::<alchemy_models::Importance>();
}

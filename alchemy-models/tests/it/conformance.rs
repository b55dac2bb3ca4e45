//! Every model is held to every law of the family.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use alchemy_core::conformance::{ModelSubject, Suite, hostile};
use alchemy_models::{
    ClassWeight, GradientBoostingClassifier, GradientBoostingRegressor, MaxFeatures, Objective,
    RandomForestClassifier, RandomForestRegressor, models,
};

/// Counts for parameters that take time in proportion.
const FEW: [usize; 3] = [0, 1, 3];

/// Forty rows with missing and infinite values in every kind of feature.
fn sample() -> RecordBatch {
    const INF: f64 = f64::INFINITY;
    let rows = 40_i32;
    let present = |row: i32| row % 7 != 3;
    let x: Float64Array = (0..rows)
        .map(|row| match row {
            5 => Some(INF),
            6 => Some(-INF),
            _ => present(row).then_some(f64::from(row * 37 % 11) / 4.0),
        })
        .collect();
    let n: Int32Array = (0..rows)
        .map(|row| present(row + 1).then_some(row % 5 - 2))
        .collect();
    let money: Decimal128Array = (0..rows)
        .map(|row| present(row + 2).then_some(i128::from(row % 9) * 25))
        .collect();
    let flag: BooleanArray = (0..rows)
        .map(|row| present(row + 3).then_some(row % 3 == 0))
        .collect();
    let city: StringArray = (0..rows)
        .map(|row| present(row + 4).then_some(["Bern", "Ulm", ""][row.unsigned_abs() as usize % 3]))
        .collect();
    let t: TimestampMillisecondArray = (0..rows).map(|row| Some(i64::from(row / 2))).collect();
    let y: Float64Array = (0..rows)
        .map(|row| Some(f64::from(row % 5) + 0.5 * f64::from(row % 3)))
        .collect();
    let label: StringArray = (0..rows)
        .map(|row| Some(if row % 5 > 2 { "high" } else { "low" }))
        .collect();
    let columns: [(&str, ArrayRef); 8] = [
        ("x", Arc::new(x)),
        ("n", Arc::new(n)),
        ("money", Arc::new(money)),
        ("flag", Arc::new(flag)),
        ("city", Arc::new(city)),
        ("t", Arc::new(t)),
        ("y", Arc::new(y)),
        ("label", Arc::new(label)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

const FEATURES: [&str; 6] = ["x", "n", "money", "flag", "city", "t"];

/// Sets each parameter of a booster to each hostile value, one at a time.
macro_rules! hostile_boosters {
    ($spec:expr) => {{
        let spec = $spec;
        let floats = hostile::FLOATS.iter().flat_map(|value| {
            [
                spec.clone().with_learning_rate(*value),
                spec.clone().with_min_child_weight(*value),
                spec.clone().with_min_gain(*value),
                spec.clone().with_l1(*value),
                spec.clone().with_l2(*value),
                spec.clone().with_subsample(*value),
                spec.clone().with_colsample(*value),
                spec.clone().with_colsample_by_level(*value),
                spec.clone().with_colsample_by_node(*value),
                spec.clone().with_cat_smooth(*value),
                spec.clone().with_cat_l2(*value),
            ]
        });
        let counts = hostile::COUNTS.iter().flat_map(|count| {
            [
                spec.clone().with_num_leaves(*count),
                spec.clone().with_max_depth(*count),
                spec.clone().with_min_samples_leaf(*count),
                spec.clone().with_max_bins(*count),
                spec.clone().with_early_stopping_rounds(*count),
                spec.clone().with_max_cat_threshold(*count),
                spec.clone().with_min_rows_per_category_group(*count),
            ]
        });
        let few = FEW.iter().map(|count| spec.clone().with_num_rounds(*count));
        floats.chain(counts).chain(few).collect::<Vec<_>>()
    }};
}

/// Sets each parameter of a forest to each hostile value, one at a time.
macro_rules! hostile_forests {
    ($spec:expr) => {{
        let spec = $spec;
        let features = hostile::FLOATS
            .iter()
            .map(|share| MaxFeatures::Share(*share));
        let floats = features.map(|features| spec.clone().with_max_features(features));
        let counts = hostile::COUNTS.iter().flat_map(|count| {
            [
                spec.clone().with_max_features(MaxFeatures::Count(*count)),
                spec.clone().with_max_depth(*count),
                spec.clone().with_min_samples_split(*count),
                spec.clone().with_min_samples_leaf(*count),
                spec.clone().with_max_bins(*count),
            ]
        });
        let few = FEW.iter().map(|count| spec.clone().with_num_trees(*count));
        floats.chain(counts).chain(few).collect::<Vec<_>>()
    }};
}

#[test]
fn every_model_obeys_every_law() {
    let boosted = GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(3)
        .with_min_samples_leaf(2)
        .with_subsample(0.8);
    let boosted_classes = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_rounds(3)
        .with_min_samples_leaf(2);
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_trees(3);
    let forest_of_classes = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_trees(3);
    let mut of_objectives = hostile_boosters!(boosted.clone());
    of_objectives.extend(hostile::FLOATS.iter().flat_map(|value| {
        let objectives = [
            Objective::Huber { delta: *value },
            Objective::Quantile(*value),
            Objective::Tweedie { power: *value },
        ];
        objectives.map(|objective| boosted.clone().with_objective(objective))
    }));
    let mut of_classes = hostile_boosters!(boosted_classes.clone());
    of_classes.extend(hostile::FLOATS.iter().map(|value| {
        let weight = ClassWeight::of([("low", *value)]);
        boosted_classes.clone().with_class_weight(weight)
    }));
    let outcome = Suite::of(models().names())
        .with(ModelSubject::new(boosted.clone(), "y", sample()).with_hostile(of_objectives))
        .with(
            ModelSubject::new(boosted_classes.clone(), "label", sample()).with_hostile(of_classes),
        )
        .with(
            ModelSubject::new(forest.clone(), "y", sample()).with_hostile(hostile_forests!(forest)),
        )
        .with(
            ModelSubject::new(forest_of_classes.clone(), "label", sample())
                .with_hostile(hostile_forests!(forest_of_classes)),
        )
        .check();
    outcome.unwrap_or_else(|violation| panic!("{violation}"));
}

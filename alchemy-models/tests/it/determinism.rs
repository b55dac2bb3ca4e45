//! Models do not depend on threads, cuts or where their bytes have been.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampSecondArray,
    UInt64Array,
};
use alchemy_core::column::NumericColumn;
use alchemy_core::random::mix;
use alchemy_core::{Classify, Context, Fit, Model, Predict, Valid};
use alchemy_models::{
    ClassWeight, ExtraTreesClassifier, FitOptions, GradientBoostingClassifier,
    GradientBoostingRegressor, Growth, IsolationForest, MaxFeatures, Monotone, Objective,
    QuantileForestRegressor, RandomForestClassifier, RandomForestRegressor,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::explain::Explained;
use crate::tables::{cut, mixed, pick};

const FEATURES: [&str; 6] = ["normal", "heavy", "small", "flag", "city", "time"];

type FitBatches = fn(&[RecordBatch]) -> Vec<u8>;

fn bytes(model: &impl Model) -> Vec<u8> {
    postcard::to_stdvec(model).unwrap()
}

/// Each model with parameters that draw at random wherever they can.
const FITS: &[(&str, FitBatches)] = &[
    ("regressor", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_num_rounds(6);
        bytes(
            &spec
                .with_subsample(0.7)
                .with_colsample(0.7)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("weighted classifier", |batches| {
        let spec = GradientBoostingClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_rounds(6);
        bytes(
            &spec
                .with_weight("weight")
                .with_l2(1.0)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("quantiles over offsets", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_objective(Objective::Quantile(0.7))
            .with_offset("small")
            .with_weight("weight")
            .with_num_rounds(4);
        bytes(
            &spec
                .with_subsample(0.7)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("multiclass by gradients", |batches| {
        let spec = GradientBoostingClassifier::new()
            .with_target("small")
            .with_features(["normal", "y"]);
        bytes(
            &spec
                .with_num_rounds(4)
                .with_learning_rate(0.5)
                .with_goss(0.2, 0.1)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("medians", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_objective(Objective::Absolute)
            .with_num_rounds(4);
        bytes(&spec.fit_batches(batches, &Context::new()).unwrap())
    }),
    ("a rate, continued", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("small")
            .with_features(["normal", "y"])
            .with_objective(Objective::Poisson)
            .with_num_rounds(3);
        let first = spec.fit_batches(batches, &Context::new()).unwrap();
        let options = FitOptions::new().with_previous(&first);
        bytes(&spec.fit_options(batches, options).unwrap())
    }),
    ("classes over offsets", |batches| {
        let spec = GradientBoostingClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_class_weight(ClassWeight::Balanced)
            .with_offset("small")
            .with_num_rounds(3);
        bytes(&spec.fit_batches(batches, &Context::new()).unwrap())
    }),
    ("several classes over offsets", |batches| {
        let small = batches.iter().flat_map(|batch| {
            let column = NumericColumn::new("small", &batch["small"]).unwrap();
            column.view().to_vec()
        });
        let last = small.fold(0.0, f64::max);
        let classes = (0..10).filter(|class| f64::from(*class) <= last);
        let column = |class: u32| {
            if class.is_multiple_of(2) {
                "weight"
            } else {
                "y"
            }
        };
        let spec = GradientBoostingClassifier::new()
            .with_target("small")
            .with_features(["normal", "city"])
            .with_class_offsets(classes.map(|class| (class.to_string(), column(class))))
            .with_num_rounds(2);
        bytes(&spec.fit_batches(batches, &Context::new()).unwrap())
    }),
    ("multiclass", |batches| {
        let spec = GradientBoostingClassifier::new()
            .with_target("small")
            .with_features(["normal", "y"]);
        bytes(
            &spec
                .with_num_rounds(2)
                .with_subsample(0.5)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("categories", |batches| {
        let spec = GradientBoostingClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_categorical(["city", "small", "flag"])
            .with_num_rounds(6);
        bytes(
            &spec
                .with_weight("weight")
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("constraints", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_growth(Growth::DepthWise)
            .with_monotone([("normal", Monotone::Increasing)])
            .with_interactions([["normal", "city"], ["city", "time"]])
            .with_num_rounds(6);
        bytes(
            &spec
                .with_colsample_by_level(0.8)
                .with_colsample_by_node(0.7)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("forest regressor", |batches| {
        let spec = RandomForestRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_num_trees(5);
        bytes(
            &spec
                .with_max_features(MaxFeatures::Count(2))
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("forest classifier", |batches| {
        let spec = RandomForestClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_trees(5);
        bytes(
            &spec
                .with_weight("weight")
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("extra trees out of the bag", |batches| {
        let spec = ExtraTreesClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_trees(3);
        bytes(
            &spec
                .with_bootstrap(true)
                .with_max_samples(0.4)
                .with_balanced_trees()
                .with_min_samples_leaf(2)
                .with_oob()
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("quantile forest", |batches| {
        let spec = QuantileForestRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_num_trees(3);
        bytes(
            &spec
                .with_weight("weight")
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
    ("isolation forest", |batches| {
        let spec = IsolationForest::new().with_features(["normal", "heavy", "small", "time"]);
        bytes(
            &spec
                .with_contamination(0.1)
                .with_num_trees(20)
                .fit_batches(batches, &Context::new())
                .unwrap(),
        )
    }),
];

/// A table that no platform computes otherwise: integers, fractions of powers of two, texts and missing values.
fn plain(rows: u64) -> RecordBatch {
    let drawn = |row: u64, salt: u64| mix(row * 8 + salt);
    let share = |row: u64, salt: u64| (drawn(row, salt) >> 11) as f64 / (1u64 << 53) as f64;
    let y = |row: u64| share(row, 0) + if share(row, 1) < 0.25 { 2.0 } else { 0.0 };
    let columns: [(&str, ArrayRef); 7] = [
        (
            "normal",
            Arc::new(
                (0..rows)
                    .map(|row| (row % 11 != 3).then_some(share(row, 0)))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "heavy",
            Arc::new(Float64Array::from_iter_values(
                (0..rows).map(|row| 1.0 / (share(row, 1) + 1e-9)),
            )),
        ),
        (
            "small",
            Arc::new(UInt64Array::from_iter_values(
                (0..rows).map(|row| drawn(row, 2) % 5),
            )),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from_iter(
                (0..rows).map(|row| Some(share(row, 1) < 0.25)),
            )),
        ),
        (
            "city",
            Arc::new(StringArray::from_iter_values(
                (0..rows).map(|row| format!("c{}", drawn(row, 3) % 7)),
            )),
        ),
        (
            "time",
            Arc::new(TimestampSecondArray::from_iter_values(0..row_id(rows))),
        ),
        (
            "weight",
            Arc::new(UInt64Array::from_iter_values((0..rows).map(|row| row % 3))),
        ),
    ];
    let y = Float64Array::from_iter_values((0..rows).map(y));
    let label = y
        .values()
        .iter()
        .map(|y| if *y > 1.0 { "high" } else { "low" });
    let label = StringArray::from_iter_values(label);
    let targets: [(&str, ArrayRef); 2] = [("label", Arc::new(label)), ("y", Arc::new(y))];
    RecordBatch::try_from_iter(columns.into_iter().chain(targets)).unwrap()
}

fn row_id(row: u64) -> i64 {
    i64::try_from(row).unwrap()
}

/// The hash of each model's bytes, the same in every build and on every platform. A hash changes only with an algorithm, its
/// parameters or the form of its models: then the lines to put into the file are in the message.
#[test]
fn model_bytes_are_those_of_every_other_build() {
    let expected = include_str!("../golden/model_hashes.txt");
    let table = plain(5000);
    let line = |(name, fit): &(&str, FitBatches)| {
        format!("{:016x} {name}\n", xxh3_64(&fit(slice::from_ref(&table))))
    };
    let found: String = FITS.iter().map(line).collect();
    assert!(found == expected, "found\n{found}");
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn model_bytes_do_not_depend_on_threads_or_cuts() {
    // More rows than one histogram task and one partition block hold.
    let table = mixed(40_000);
    for (name, fit) in FITS {
        let expected = with_threads(1, || fit(slice::from_ref(&table)));
        for threads in [1, 2, 3, 7] {
            for size in [333, 16_384] {
                let found = with_threads(threads, || fit(&cut(&table, size)));
                assert!(
                    found == expected,
                    "{name} with {threads} threads in batches of {size}"
                );
            }
        }
    }
}

#[test]
fn small_tables_teach_the_same_in_any_pool_however_often() {
    const REPEATS: usize = 20;
    let table = mixed(400);
    for (name, fit) in FITS {
        let expected = with_threads(1, || fit(slice::from_ref(&table)));
        for threads in [1, 2, 3, 4, 8, 16] {
            with_threads(threads, || {
                for size in [1, 7, 400] {
                    let same = fit(&cut(&table, size)) == expected;
                    assert!(same, "{name}: {threads} threads, batches of {size}");
                }
            });
        }
        with_threads(16, || {
            let pieces = cut(&table, 64);
            assert!((0..REPEATS).all(|_| fit(&pieces) == expected), "{name}");
        });
    }
}

#[test]
fn a_slice_teaches_what_its_copy_teaches() {
    let table = mixed(1000);
    let slice = table.slice(131, 700);
    let copy = pick(&table, 131..831);
    for (name, fit) in FITS {
        assert!(
            fit(slice::from_ref(&slice)) == fit(slice::from_ref(&copy)),
            "{name}"
        );
    }
}

fn predictions(model: &dyn Predict, batch: &RecordBatch) -> Vec<ArrayRef> {
    let mut columns = vec![model.predict(batch).unwrap()];
    if let Some(classifier) = model.as_classifier() {
        columns.extend_from_slice(classifier.predict_proba(batch).unwrap().columns());
    }
    columns
}

#[test]
fn a_row_alone_is_predicted_as_in_any_batch() {
    let (train, test) = (mixed(2000), mixed(3000));
    let boosted = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .fit(&train)
        .unwrap();
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_trees(7);
    let forest = forest.fit(&train).unwrap();
    for model in [&boosted as &dyn Predict, &forest] {
        let whole = predictions(model, &test);
        assert!(
            predictions(model, &test.slice(0, 0))
                .iter()
                .all(|column| column.is_empty())
        );
        for (start, len) in [(0, 1), (17, 1), (5, 9), (1023, 2), (100, 2500), (2999, 1)] {
            let part = predictions(model, &test.slice(start, len));
            for (part, whole) in part.iter().zip(&whole) {
                assert_eq!(part, &whole.slice(start, len));
            }
        }
    }
}

fn assert_survives<M: Model + PartialEq>(model: &M, batch: &RecordBatch) {
    let stored = bytes(model);
    let loaded: M = postcard::from_bytes(&stored).unwrap();
    assert!(bytes(&loaded) == stored && loaded == *model);
    assert_eq!(predictions(&loaded, batch), predictions(model, batch));
}

#[test]
fn a_stored_model_is_loaded_as_it_was() {
    let table = mixed(1500);
    let valid = Valid::new(mixed(300));
    let regressor = GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(8);
    assert_survives(&regressor.fit_validated(&table, &valid).unwrap(), &table);
    let classifier = GradientBoostingClassifier::new()
        .with_target("small")
        .with_features(FEATURES)
        .with_num_rounds(3);
    assert_survives(&classifier.fit(&table).unwrap(), &table);
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_trees(3);
    assert_survives(&forest.fit(&table).unwrap(), &table);
    let forest = RandomForestClassifier::new()
        .with_target("flag")
        .with_features(["normal", "city"])
        .with_num_trees(3);
    let fitted = forest.fit(&table).unwrap();
    assert_survives(&fitted, &table);
    assert_eq!(fitted.classes().len(), 2);
}

/// A loaded model was checked, so it predicts without a panic whatever its bytes said; most changes are refused.
#[test]
fn a_spoiled_model_is_refused_or_harmless() {
    let table = mixed(300);
    let spec = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_rounds(2);
    let boosted = bytes(&spec.fit(&table).unwrap());
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_features(["normal", "flag"])
        .with_num_trees(2);
    let forest = bytes(&spec.fit(&table).unwrap());
    for at in 0..boosted.len() {
        for bit in 0..8 {
            predict_spoiled::<alchemy_models::FittedGradientBoostingClassifier>(
                &boosted, at, bit, &table,
            );
        }
    }
    for at in 0..forest.len() {
        predict_spoiled::<alchemy_models::FittedRandomForestRegressor>(&forest, at, at % 8, &table);
    }
}

fn predict_spoiled<M: Model + Explained>(
    stored: &[u8],
    at: usize,
    bit: usize,
    batch: &RecordBatch,
) {
    let mut spoiled = stored.to_vec();
    spoiled[at] ^= 1 << bit;
    if let Ok(model) = postcard::from_bytes::<M>(&spoiled) {
        let _ = model.predict(&batch.slice(0, 20));
        // Explaining takes longer: one bit of each byte.
        if bit == at % 8 {
            let _ = model.shap(&batch.slice(0, 3));
            let _ = model.nodes();
            let _ = model.tree_text(0);
        }
    }
    assert!(postcard::from_bytes::<M>(&stored[..at]).is_err());
}

//! One row of numbers is predicted as the same row of a batch.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use alchemy_core::arrow::datatypes::{Float64Type, Int64Type, TimestampSecondType};
use alchemy_core::{Fit, Predict, Result};
use alchemy_models::{
    FittedGradientBoostingClassifier, FittedGradientBoostingRegressor,
    FittedRandomForestClassifier, FittedRandomForestRegressor, GradientBoostingClassifier,
    GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor, RowScratch,
};

use crate::tables::{FEATURES, column, mixed, numbers, with};

/// What the four models have in common.
trait Rows: Predict {
    fn row(&self, row: &[f64], scratch: &mut RowScratch) -> Result<Vec<f64>>;
    fn rank(&self, feature: &str, text: &str) -> Result<Option<usize>>;
}

macro_rules! rows {
    ($($model:ty, $this:ident, $row:ident, $scratch:ident => $predicted:expr;)+) => {
        $(impl Rows for $model {
            fn row(&self, $row: &[f64], $scratch: &mut RowScratch) -> Result<Vec<f64>> {
                let $this = self;
                Ok($predicted)
            }
            fn rank(&self, feature: &str, text: &str) -> Result<Option<usize>> {
                self.text_rank(feature, text)
            }
        })+
    };
}

rows! {
    FittedGradientBoostingRegressor, model, row, scratch => vec![model.predict_row(row, scratch)?];
    FittedRandomForestRegressor, model, row, scratch => vec![model.predict_row(row, scratch)?];
    FittedGradientBoostingClassifier, model, row, scratch => model.predict_proba_row(row, scratch)?.to_vec();
    FittedRandomForestClassifier, model, row, scratch => model.predict_proba_row(row, scratch)?.to_vec();
}

/// The values of a row as numbers, in the order of [`FEATURES`].
fn as_numbers(model: &dyn Rows, batch: &RecordBatch, row: usize) -> Vec<f64> {
    let float = |name: &str| {
        let column = batch[name].as_primitive::<Float64Type>();
        if column.is_null(row) {
            f64::NAN
        } else {
            column.value(row)
        }
    };
    let city = batch["city"].as_string::<i32>();
    let city = city.is_valid(row).then(|| city.value(row));
    let rank = city.and_then(|city| model.rank("city", city).unwrap());
    vec![
        float("normal"),
        float("heavy"),
        batch["small"].as_primitive::<Int64Type>().value(row) as f64,
        f64::from(u8::from(batch["flag"].as_boolean().value(row))),
        rank.map_or(f64::NAN, |rank| rank as f64),
        batch["time"]
            .as_primitive::<TimestampSecondType>()
            .value(row) as f64
            * 1e6,
    ]
}

fn models() -> Vec<(&'static str, Box<dyn Rows>)> {
    let train = mixed(4000);
    let boosting = GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES);
    let classifier = GradientBoostingClassifier::new()
        .with_features(FEATURES)
        .with_num_rounds(5);
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(11);
    let shares = RandomForestClassifier::new()
        .with_features(FEATURES)
        .with_num_trees(5);
    let large = boosting
        .clone()
        .with_num_leaves(300)
        .with_min_samples_leaf(1)
        .with_num_rounds(3);
    vec![
        (
            "boosting",
            Box::new(boosting.with_num_rounds(40).fit(&train).unwrap()),
        ),
        ("large trees", Box::new(large.fit(&train).unwrap())),
        (
            "two classes",
            Box::new(classifier.clone().with_target("label").fit(&train).unwrap()),
        ),
        (
            "four classes",
            Box::new(
                classifier
                    .with_target("y_rank")
                    .fit(&ranked(&train))
                    .unwrap(),
            ),
        ),
        (
            "forest",
            Box::new(forest.with_features(FEATURES).fit(&train).unwrap()),
        ),
        (
            "forest of classes",
            Box::new(shares.with_target("label").fit(&train).unwrap()),
        ),
    ]
}

/// With a target of four classes that follow `y`.
fn ranked(batch: &RecordBatch) -> RecordBatch {
    let class = |y: &f64| match y {
        ..0.0 => "low",
        ..1.0 => "middle",
        ..2.0 => "high",
        _ => "highest",
    };
    let classes = column(batch, "y").iter().map(class).collect::<Vec<_>>();
    with(batch, "y_rank", Arc::new(StringArray::from(classes)))
}

fn predicted(model: &dyn Rows, batch: &RecordBatch) -> Vec<Vec<f64>> {
    match model.as_classifier() {
        Some(model) => {
            let shares = model.predict_proba(batch).unwrap();
            shares.columns().iter().map(numbers).collect()
        }
        None => vec![numbers(&model.predict(batch).unwrap())],
    }
}

#[test]
fn a_row_of_numbers_has_the_bits_of_its_row_in_a_batch() {
    let test = mixed(1500);
    // One scratch for all of them, as large as the largest needs it.
    let mut scratch = RowScratch::new();
    for (name, model) in models() {
        let model = model.as_ref();
        let whole = predicted(model, &test);
        for row in 0..test.num_rows() {
            let found = model
                .row(&as_numbers(model, &test, row), &mut scratch)
                .unwrap();
            let found: Vec<u64> = found.iter().map(|value| value.to_bits()).collect();
            let expected: Vec<u64> = whole.iter().map(|values| values[row].to_bits()).collect();
            assert_eq!(found, expected, "{name}, row {row}");
        }
    }
}

#[test]
fn cuts_and_threads_do_not_show_in_predictions() {
    let test = mixed(3000);
    for (name, model) in models() {
        let model = model.as_ref();
        let whole = predicted(model, &test);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                for (start, len) in [
                    (0, 3000),
                    (0, 1),
                    (700, 15),
                    (1, 63),
                    (1023, 65),
                    (5, 255),
                    (2, 1025),
                ] {
                    let part = predicted(model, &test.slice(start, len));
                    for (part, whole) in part.iter().zip(&whole) {
                        assert_eq!(
                            part[..],
                            whole[start..start + len],
                            "{name}: {start}, {len}"
                        );
                    }
                }
            });
        }
    }
}

#[test]
fn a_text_that_training_never_saw_is_missing() {
    for (name, model) in models() {
        assert_eq!(model.rank("city", "Bern").unwrap(), Some(0));
        assert_eq!(model.rank("city", "Ulm").unwrap(), Some(4));
        assert_eq!(model.rank("city", "Wien").unwrap(), None);
        assert_eq!(model.rank("small", "3").unwrap(), None);
        assert!(model.rank("town", "Bern").is_err());
        let mut scratch = RowScratch::new();
        let mut row = [0.5, 1.0, 3.0, 1.0, f64::NAN, 5e11];
        let missing = model.row(&row, &mut scratch).unwrap();
        for no_rank in [-1.0, 0.5, 5.0, f64::INFINITY] {
            row[4] = no_rank;
            assert_eq!(
                model.row(&row, &mut scratch).unwrap(),
                missing,
                "{name}: {no_rank}"
            );
        }
    }
}

#[test]
fn a_row_of_another_length_is_an_error() {
    for (_, model) in models() {
        for row in [&[0.0; 5][..], &[0.0; 7], &[]] {
            let error = model.row(row, &mut RowScratch::new()).unwrap_err();
            let expected = format!("has {} values, and the model 6 features", row.len());
            assert!(error.to_string().contains(&expected), "{error}");
        }
    }
}

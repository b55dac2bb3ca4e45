//! A table that is read twice teaches what it teaches as a whole, and is not held.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use alchemy_core::arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, RecordBatchReader,
    StringArray,
};
use alchemy_core::arrow::datatypes::SchemaRef;
use alchemy_core::arrow::error::ArrowError;
use alchemy_core::random::mix;
use alchemy_core::{Context, Error, Fit, Result, Valid};
use alchemy_models::{
    FitOptions, GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::tables::{FEATURES, cut, mixed};

fn reader(table: &RecordBatch, size: usize) -> Result<impl RecordBatchReader + use<>> {
    let batches = cut(table, size).into_iter().map(Ok);
    Ok(RecordBatchIterator::new(batches, table.schema()))
}

fn number() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(5)
}

#[test]
fn a_stream_teaches_what_its_batches_teach() {
    let table = mixed(3000);
    let context = Context::new();
    for size in [1, 333, 1024, 3000] {
        let open = || reader(&table, size);
        let batches = cut(&table, 700);

        let spec = number().with_weight("weight").with_subsample(0.7);
        let streamed = spec.fit_stream(open, FitOptions::new()).unwrap();
        assert_eq!(streamed, spec.fit_batches(&batches, &context).unwrap());
        let spec = number().with_categorical(["city", "small"]);
        let streamed = spec.fit_stream(open, FitOptions::new()).unwrap();
        assert_eq!(streamed, spec.fit_batches(&batches, &context).unwrap());

        let spec = GradientBoostingClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_rounds(3);
        let streamed = spec.fit_stream(open, FitOptions::new()).unwrap();
        assert_eq!(streamed, spec.fit_batches(&batches, &context).unwrap());

        let spec = RandomForestRegressor::new()
            .with_target("y")
            .with_features(FEATURES)
            .with_weight("weight")
            .with_num_trees(3);
        let streamed = spec.fit_stream(open, &context).unwrap();
        assert_eq!(streamed, spec.fit_batches(&batches, &context).unwrap());
        let spec = RandomForestClassifier::new()
            .with_target("label")
            .with_features(FEATURES)
            .with_num_trees(3);
        let streamed = spec.fit_stream(open, &context).unwrap();
        assert_eq!(streamed, spec.fit_batches(&batches, &context).unwrap());
    }
}

/// More rows than bins are learned from, so rows are sampled, by weight.
#[test]
fn a_stream_of_many_rows_is_sampled_as_its_batches() {
    const ROWS: u32 = 500_000;
    let hashed = |salt: u64| (0..ROWS).map(move |row| mix(u64::from(row) ^ (salt << 40)) as f64);
    let text = (0..ROWS).map(|row| format!("t{}", mix(u64::from(row)) % 1000));
    let columns: [(&str, ArrayRef); 5] = [
        ("x", Arc::new(Float64Array::from_iter_values(hashed(1)))),
        (
            "sparse",
            Arc::new(
                hashed(2)
                    .map(|x| (x < 1e19).then_some(x))
                    .collect::<Float64Array>(),
            ),
        ),
        ("text", Arc::new(StringArray::from_iter_values(text))),
        (
            "y",
            Arc::new(Float64Array::from_iter_values(
                hashed(1).map(|x| (x / 1e19).sin()),
            )),
        ),
        (
            "weight",
            Arc::new(Int64Array::from_iter_values(
                (0..ROWS).map(|row| i64::from(row % 4)),
            )),
        ),
    ];
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_weight("weight")
        .with_num_rounds(2);
    for spec in [spec.clone(), spec.with_categorical(Vec::<String>::new())] {
        let streamed = spec.fit_stream(|| reader(&table, 60_000), FitOptions::new());
        assert_eq!(streamed.unwrap(), spec.fit(&table).unwrap());
    }
}

#[test]
fn a_stream_takes_a_validation_part_an_offset_and_a_model_to_continue() {
    let table = mixed(800);
    let valid = Valid::new(mixed(300));
    let spec = number().with_offset("small");
    let options = || FitOptions::new().with_valid(&valid);
    let streamed = spec.fit_stream(|| reader(&table, 99), options()).unwrap();
    let whole = spec
        .fit_options(std::slice::from_ref(&table), options())
        .unwrap();
    assert_eq!(streamed, whole);

    let first = number().fit(&table).unwrap();
    let options = || FitOptions::new().with_previous(&first);
    let streamed = number()
        .fit_stream(|| reader(&table, 99), options())
        .unwrap();
    assert_eq!(streamed, number().with_num_rounds(10).fit(&table).unwrap());
}

/// Makes batches one by one, and looks whether those it has made are still held.
struct Watching {
    schema: SchemaRef,
    made: u32,
    features: Vec<Weak<dyn Array>>,
}

const BATCHES: u32 = 20;

impl Watching {
    fn batch(number: u32) -> RecordBatch {
        let x = (0..1000).map(|row| f64::from(row * 7919 % 1009 + number));
        let y = (0..1000).map(|row| f64::from(row % 10));
        let columns: [(&str, ArrayRef); 2] = [
            ("x", Arc::new(Float64Array::from_iter_values(x))),
            ("y", Arc::new(Float64Array::from_iter_values(y))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn open() -> Self {
        Self {
            schema: Self::batch(0).schema(),
            made: 0,
            features: Vec::new(),
        }
    }
}

impl Iterator for Watching {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let held = self
            .features
            .iter()
            .filter(|array| array.strong_count() > 0);
        assert_eq!(held.count(), 0, "after {} batches", self.made);
        if self.made == BATCHES {
            return None;
        }
        let batch = Self::batch(self.made);
        self.features = batch.columns().iter().map(Arc::downgrade).collect();
        self.made += 1;
        Some(Ok(batch))
    }
}

impl RecordBatchReader for Watching {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

#[test]
fn no_batch_of_a_stream_is_held() {
    let opened = RefCell::new(0);
    let open = || {
        *opened.borrow_mut() += 1;
        Ok(Watching::open())
    };
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(2);
    let model = spec.fit_stream(open, FitOptions::new()).unwrap();
    assert_eq!(*opened.borrow(), 2);
    let batches: Vec<RecordBatch> = (0..BATCHES).map(Watching::batch).collect();
    assert_eq!(model, spec.fit_batches(&batches, &Context::new()).unwrap());
}

#[test]
fn a_stream_that_changes_or_fails_is_an_error() {
    let table = mixed(500);
    let opened = RefCell::new(0);
    for second in [499, 100] {
        *opened.borrow_mut() = 0;
        let shrinking = || {
            *opened.borrow_mut() += 1;
            let rows = if *opened.borrow() == 1 { 500 } else { second };
            reader(&table.slice(0, rows), 64)
        };
        let error = number()
            .fit_stream(shrinking, FitOptions::new())
            .unwrap_err();
        let expected = format!("has 500 rows when read first and {second} when read again");
        assert!(error.to_string().contains(&expected), "{error}");
    }
    let failing = || {
        let batches = [
            Ok(table.clone()),
            Err(ArrowError::ParseError("torn".into())),
        ];
        Ok(RecordBatchIterator::new(batches, table.schema()))
    };
    let error = number().fit_stream(failing, FitOptions::new()).unwrap_err();
    assert!(error.to_string().contains("torn"), "{error}");
    let empty = || reader(&table.slice(0, 0), 64);
    let error = number().fit_stream(empty, FitOptions::new()).unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
    let open = || reader(&table, 64);
    let spec = number().with_features(["normal", "nowhere"]);
    let [streamed, whole] = [spec.fit_stream(open, FitOptions::new()), spec.fit(&table)]
        .map(|fitted| fitted.unwrap_err().to_string());
    assert_eq!(streamed, whole);
}

//! A user's step joins a pipeline, is stored, and is loaded again.

use std::sync::Arc;

use alchemy_clean::{ImputeStrategy, Imputer};
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Error, FittedPipeline, Pipeline, Result, Steps};
use alchemy_features::StandardScaler;
use user_step::Ratio;

fn batch() -> RecordBatch {
    let paid = Float64Array::from(vec![Some(10.0), None, Some(30.0), Some(80.0)]);
    let months = Float64Array::from(vec![1.0, 2.0, 4.0, 5.0]);
    let columns: [(&str, ArrayRef); 2] = [("paid", Arc::new(paid)), ("months", Arc::new(months))];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn fitted() -> Result<FittedPipeline> {
    Pipeline::new()
        .then(Imputer::new(ImputeStrategy::Median).with_columns(["paid"]))
        .then(Ratio { of: "paid".into(), to: "months".into(), name: "monthly".into() })
        .then(StandardScaler::new().with_columns(["monthly"]))
        .fit(&batch())
}

#[test]
fn a_pipeline_with_steps_of_three_crates_loads_back_bit_for_bit() {
    let fitted = fitted().unwrap();
    let text = fitted.to_json().unwrap();
    let steps = Steps::new().and(alchemy_clean::steps()).and(alchemy_features::steps()).with::<Ratio>();
    let loaded = FittedPipeline::from_json(&text, &steps).unwrap();
    assert_eq!(loaded.transform(&batch()).unwrap(), fitted.transform(&batch()).unwrap());
    assert_eq!(loaded.to_json().unwrap(), text);
    assert_eq!(loaded.transform(&batch()).unwrap().num_columns(), 3);
}

#[test]
fn without_the_users_step_loading_names_what_is_missing() {
    let steps = Steps::new().and(alchemy_clean::steps()).and(alchemy_features::steps());
    let error = FittedPipeline::from_json(&fitted().unwrap().to_json().unwrap(), &steps).unwrap_err();
    assert!(matches!(&error, Error::UnknownStep { step, crate_name, .. }
        if step == "user-step/ratio" && crate_name == "user-step"));
}

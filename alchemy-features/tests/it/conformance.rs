//! Every step of the crate, held to the laws of all steps.

use std::fmt::Debug;
use std::sync::Arc;

use alchemy_core::conformance::Subject;
use alchemy_core::{FittedPipeline, Pipeline};
use alchemy_features::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use alchemy_features::{
    Calendar, CalendarPart, Difference, Fit, FittedOneHotEncoder, FittedOrdinalEncoder,
    FittedStandardScaler, Lag, OneHotEncoder, OrdinalEncoder, Quantile, Rolling, StandardScaler,
    Step,
};

/// Twenty-four rows with nulls, ties and infinities, in order of time.
fn sample() -> RecordBatch {
    let rows = 24_i32;
    let host: StringArray = (0..rows)
        .map(|row| (row % 7 != 5).then_some(if row % 3 == 1 { "b" } else { "a" }))
        .collect();
    let ts: TimestampMillisecondArray = (0..rows)
        .map(|row| Some(i64::from(row) * 7_777_777))
        .collect();
    let cpu: Float64Array = (0..rows)
        .map(|row| match row {
            4 => Some(f64::INFINITY),
            9 => Some(f64::NEG_INFINITY),
            _ => (row % 5 != 3).then_some(f64::from(row * 37 % 11) / 4.0),
        })
        .collect();
    let memory: Float64Array = (0..rows)
        .map(|row| (row % 6 != 2).then_some(f64::from(row * 53 % 17) / 3.0))
        .collect();
    let size: Int64Array = (0..rows)
        .map(|row| (row % 4 != 1).then_some(i64::from(row % 3) - 1))
        .collect();
    let flag: BooleanArray = (0..rows)
        .map(|row| (row % 5 != 1).then_some(row % 2 == 0))
        .collect();
    let columns: [(&str, ArrayRef); 6] = [
        ("host", Arc::new(host)),
        ("ts", Arc::new(ts)),
        ("cpu", Arc::new(cpu)),
        ("memory", Arc::new(memory)),
        ("size", Arc::new(size)),
        ("flag", Arc::new(flag)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn conforms<F: Fit + Clone + 'static>(spec: F)
where
    F::Fitted: Step,
{
    Subject::new(spec, sample())
        .check()
        .unwrap_or_else(|violation| panic!("{violation}"));
}

#[test]
fn lag_conforms() {
    conforms(Lag::of("cpu").by([1, 3]));
    conforms(
        Lag::of("size")
            .by([2])
            .with_keys(["host", "flag"])
            .with_time("ts"),
    );
}

#[test]
fn rolling_conforms() {
    let all = |rolling: Rolling| {
        let rolling = rolling.sum().mean().std_dev().min().max().median();
        rolling.quantile(Quantile::LOWER_QUARTILE)
    };
    conforms(all(Rolling::of("cpu").window(4)));
    conforms(all(Rolling::of("memory")
        .window(5)
        .with_min_periods(2)
        .with_keys(["host"])
        .with_time("ts")));
    conforms(all(Rolling::of("size")
        .window(3)
        .with_min_periods(1)
        .ending(2)));
    conforms(all(Rolling::of("cpu").window(2).including_current()));
}

#[test]
fn calendar_conforms() {
    conforms(Calendar::of("ts"));
    conforms(Calendar::of("ts").with_parts([
        CalendarPart::Minute,
        CalendarPart::IsoWeek,
        CalendarPart::Year,
    ]));
}

#[test]
fn difference_conforms() {
    conforms(Difference::of("memory").minus(["size"]));
    conforms(Difference::of("cpu").minus(["cpu", "memory"]));
}

#[test]
fn one_hot_encoder_conforms() {
    conforms(OneHotEncoder::new());
    conforms(
        OneHotEncoder::new()
            .with_columns(["flag", "host", "size"])
            .with_missing_column(),
    );
}

#[test]
fn ordinal_encoder_conforms() {
    conforms(OrdinalEncoder::new());
    conforms(OrdinalEncoder::new().with_columns(["size", "flag"]));
}

#[test]
fn standard_scaler_conforms() {
    conforms(StandardScaler::new().with_columns(["memory", "size"]));
    conforms(
        StandardScaler::new()
            .with_columns("memory")
            .with_population_std_dev(),
    );
}

#[test]
fn all_steps_load_together() {
    let pipeline = Pipeline::new()
        .then(Lag::of("cpu").by([1]))
        .then(Rolling::of("cpu").window(3).mean())
        .then(Calendar::of("ts"))
        .then(Difference::of("memory").minus(["size"]))
        .then(OneHotEncoder::new())
        .then(OrdinalEncoder::new().with_columns("flag"))
        .then(StandardScaler::new().with_columns("memory"));
    let fitted = pipeline.fit(&sample()).unwrap();
    let loaded =
        FittedPipeline::from_json(&fitted.to_json().unwrap(), &alchemy_features::steps()).unwrap();
    assert_eq!(
        loaded.transform(&sample()).unwrap(),
        fitted.transform(&sample()).unwrap()
    );
}

#[test]
fn public_types_are_debug_clone_send_and_sync() {
    fn holds<T: Debug + Clone + Send + Sync>() {}
    holds::<Lag>();
    holds::<Rolling>();
    holds::<(Calendar, CalendarPart, Difference)>();
    holds::<(OneHotEncoder, FittedOneHotEncoder)>();
    holds::<(OrdinalEncoder, FittedOrdinalEncoder)>();
    holds::<(StandardScaler, FittedStandardScaler)>();
}

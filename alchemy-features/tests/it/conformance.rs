//! Every step of the crate, held to the laws of all steps.

use std::fmt::Debug;
use std::sync::Arc;

use alchemy_core::conformance::{Subject, Suite, hostile};
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

fn subject<F: Fit + Clone + 'static>(spec: F) -> Subject<F>
where
    F::Fitted: Step,
{
    Subject::new(spec, sample())
}

fn series_subjects(suite: Suite) -> Suite {
    let all = |rolling: Rolling| {
        let rolling = rolling.sum().mean().std_dev().min().max().median();
        rolling.quantile(Quantile::LOWER_QUARTILE)
    };
    let rolling = all(Rolling::of("memory")
        .window(5)
        .with_min_periods(2)
        .with_keys(["host"])
        .with_time("ts"));
    let late = all(Rolling::of("size").window(3).with_min_periods(1).ending(2));
    let lags = hostile::COUNTS.map(|lag| Lag::of("cpu").by([lag]));
    let windows = hostile::COUNTS.map(|rows| all(Rolling::of("cpu").window(rows)));
    let ends = hostile::COUNTS.map(|rows| all(Rolling::of("cpu").window(2).ending(rows)));
    let periods = hostile::COUNTS.map(|n| all(Rolling::of("cpu").window(2).with_min_periods(n)));
    suite
        .with(subject(Lag::of("cpu").by([1, 3])).with_hostile(lags))
        .with(subject(
            Lag::of("size")
                .by([2])
                .with_keys(["host", "flag"])
                .with_time("ts"),
        ))
        .with(subject(all(Rolling::of("cpu").window(4))).with_hostile(windows))
        .with(subject(rolling).with_hostile(ends))
        .with(subject(late).with_hostile(periods))
        .with(subject(all(Rolling::of("cpu")
            .window(2)
            .including_current())))
}

fn column_subjects(suite: Suite) -> Suite {
    let parts = [
        CalendarPart::Minute,
        CalendarPart::IsoWeek,
        CalendarPart::Year,
    ];
    suite
        .with(subject(Calendar::of("ts")))
        .with(subject(Calendar::of("ts").with_parts(parts)))
        .with(subject(Difference::of("memory").minus(["size"])))
        .with(subject(Difference::of("cpu").minus(["cpu", "memory"])))
}

fn learned_subjects(suite: Suite) -> Suite {
    let levels = hostile::COUNTS.map(|levels| u32::try_from(levels).unwrap_or(u32::MAX));
    let one_hot = OneHotEncoder::new()
        .with_columns(["flag", "host", "size"])
        .with_missing_column();
    let one_hot_limits = levels.map(|levels| OneHotEncoder::new().with_max_levels(levels));
    let ordinal_limits = levels.map(|levels| OrdinalEncoder::new().with_max_levels(levels));
    let population = StandardScaler::new()
        .with_columns("memory")
        .with_population_std_dev();
    suite
        .with(subject(OneHotEncoder::new()).with_hostile(one_hot_limits))
        .with(subject(one_hot))
        .with(subject(OrdinalEncoder::new()).with_hostile(ordinal_limits))
        .with(subject(
            OrdinalEncoder::new().with_columns(["size", "flag"]),
        ))
        .with(subject(
            StandardScaler::new().with_columns(["memory", "size"]),
        ))
        .with(subject(population))
}

#[test]
fn every_step_obeys_every_law() {
    let suite = Suite::of(alchemy_features::steps().names());
    let suite = learned_subjects(column_subjects(series_subjects(suite)));
    let outcome = suite.check();
    outcome.unwrap_or_else(|violation| panic!("{violation}"));
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

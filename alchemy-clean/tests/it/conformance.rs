//! Every step is held to every law of the family.

use std::fmt::Debug;
use std::sync::Arc;

use alchemy_clean::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use alchemy_clean::{
    Case, Duplicates, FillValue, Fit, FittedImputer, FittedNullColumnDropper, FittedOutlierCapper,
    ForwardFill, ImputeStrategy, Imputer, ImputerAccumulator, Interpolator, NullColumnDropper,
    NullColumnDropperAccumulator, NumericCoercer, OutlierCapper, OutlierCapperAccumulator, Side,
    Step, Synonyms, TextStandardiser, TimestampParser,
};
use alchemy_core::conformance::{Law, Subject};

const INF: f64 = f64::INFINITY;
const ROWS: usize = 24;

/// Cells by row, null in every fifth.
fn cells<T>(cell: impl Fn(usize) -> T) -> impl Iterator<Item = Option<T>> {
    (0..ROWS).map(move |row| (row % 5 != 3).then(|| cell(row)))
}

fn sample() -> RecordBatch {
    let x = [1.5, -0.0, INF, 2.5, 1.5, -7.0, 1e300, 0.0, -INF, 40.0, 3.0];
    let name = ["b", "a", "", "Straße ", " a  b", "a"];
    let price = ["1", "x", " ", "-2.5", "1e3"];
    let time = ["2024-01-02", "2024-01-02 03:04:05.678", "no time", ""];
    let columns: [(&str, ArrayRef); 10] = [
        (
            "x",
            Arc::new(cells(|row| x[row % x.len()]).collect::<Float64Array>()),
        ),
        (
            "small",
            Arc::new(cells(|row| row as f32 / 3.0).collect::<Float32Array>()),
        ),
        (
            "n",
            Arc::new(cells(|row| i64::MAX - (row % 4) as i64).collect::<Int64Array>()),
        ),
        (
            "money",
            Arc::new(cells(|row| (row % 7) as i128 * 125).collect::<Decimal128Array>()),
        ),
        (
            "flag",
            Arc::new(cells(|row| row % 3 == 0).collect::<BooleanArray>()),
        ),
        (
            "name",
            Arc::new(cells(|row| name[row % name.len()]).collect::<StringArray>()),
        ),
        (
            "price",
            Arc::new(cells(|row| price[row % price.len()]).collect::<StringArray>()),
        ),
        (
            "when",
            Arc::new(cells(|row| time[row % time.len()]).collect::<StringArray>()),
        ),
        (
            "host",
            Arc::new(cells(|row| ["p", "q"][row % 2]).collect::<StringArray>()),
        ),
        (
            "t",
            Arc::new(
                (0..ROWS)
                    .map(|row| Some(row as i64 / 2))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn subject<F: Fit + Clone + 'static>(spec: F) -> Subject<F>
where
    F::Fitted: Step,
{
    Subject::new(spec, sample())
}

#[test]
fn numeric_coercer() {
    subject(NumericCoercer::new(["price", "name", "n"]))
        .check()
        .unwrap();
}

#[test]
fn timestamp_parser() {
    subject(TimestampParser::new("when")).check().unwrap();
    let joining = TimestampParser::joining(["when", "n"]).with_output("time");
    subject(joining).check().unwrap();
    subject(TimestampParser::new("t").with_output("time"))
        .check()
        .unwrap();
}

#[test]
fn text_standardiser() {
    let spec = TextStandardiser::new(["name", "price"])
        .with_trim()
        .with_collapsed_spaces()
        .with_case(Case::Title)
        .with_synonyms(Synonyms::new([("strasse", "Street")]));
    subject(spec).check().unwrap();
}

#[test]
fn imputer() {
    let numbers = ["x", "small", "n", "money"];
    subject(
        Imputer::new(ImputeStrategy::Median)
            .with_columns(numbers)
            .with_indicator(),
    )
    .check()
    .unwrap();
    // x holds both infinities and has no mean.
    let mean = Imputer::new(ImputeStrategy::Mean).with_columns(&numbers[1..]);
    subject(mean).check().unwrap();
    subject(Imputer::new(ImputeStrategy::Mode).with_indicator())
        .check()
        .unwrap();
    for constant in [
        ImputeStrategy::constant(0),
        ImputeStrategy::constant("none"),
        ImputeStrategy::constant(true),
    ] {
        subject(Imputer::new(constant)).check().unwrap();
    }
}

#[test]
fn outlier_capper() {
    for side in [Side::Lower, Side::Upper, Side::Both] {
        subject(OutlierCapper::iqr(0.5, side)).check().unwrap();
    }
}

#[test]
fn null_column_dropper() {
    let spec = NullColumnDropper::new()
        .with_max_missing(0.1)
        .with_columns(["x", "name", "t"]);
    subject(spec)
        .except(
            Law::MissingColumn,
            "a column to be dropped may be gone already",
        )
        .except(
            Law::DuplicateName,
            "two columns to be dropped are dropped both",
        )
        .check()
        .unwrap();
}

#[test]
fn forward_fill() {
    subject(ForwardFill::of("x")).check().unwrap();
    let keyed = ForwardFill::of("money")
        .with_keys(["host"])
        .with_time("t")
        .with_limit(1);
    subject(keyed).check().unwrap();
}

#[test]
fn interpolator() {
    subject(Interpolator::new("x", "t").with_keys(["host"]))
        .check()
        .unwrap();
}

#[test]
fn public_types_are_debug_clone_send_and_sync() {
    fn holds<T: Debug + Clone + Send + Sync>() {}
    holds::<(Imputer, ImputerAccumulator, FittedImputer, FillValue)>();
    holds::<(OutlierCapper, OutlierCapperAccumulator, FittedOutlierCapper)>();
    holds::<(
        NullColumnDropper,
        NullColumnDropperAccumulator,
        FittedNullColumnDropper,
    )>();
    holds::<(NumericCoercer, TimestampParser, TextStandardiser)>();
    holds::<(ForwardFill, Interpolator, Duplicates)>();
}

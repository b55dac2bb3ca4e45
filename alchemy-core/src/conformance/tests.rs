//! The laws find what is wrong: each of these steps breaks one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::{Fuzz, Law, Shape, Subject, Suite};
use crate::column::{NumericColumn, by_name, index_of};
use crate::traits::{Step, Transform};
use crate::{Error, Ledger, Result, Steps};

/// Writes `y` beside the column `x`, each in its own way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Odd {
    /// Twice the value: nothing is wrong.
    Doubles,
    /// Panics on an infinity.
    Panics,
    /// Says NaN where there is nothing.
    SaysNan,
    /// Counts its calls in a place that all share.
    Counts,
    /// Looks at the whole batch without saying so.
    SubtractsTheMean,
    /// Announces another type.
    LiesAboutItsType,
    /// Takes an error of Arrow for an answer.
    Mumbles,
    /// Takes NaN for a value.
    CountsNan,
}

static CALLS: AtomicU64 = AtomicU64::new(0);

impl Odd {
    fn column(self, x: &[f64], raw: &ArrayRef) -> Result<Float64Array> {
        let known: Vec<f64> = x.iter().copied().filter(|x| !x.is_nan()).collect();
        let null = |y: f64| (!y.is_nan()).then_some(y);
        Ok(match self {
            Self::Doubles | Self::LiesAboutItsType => x.iter().map(|x| null(2.0 * x)).collect(),
            Self::Panics => {
                assert!(known.iter().all(|x| x.is_finite()), "no infinity, please");
                x.iter().copied().map(null).collect()
            }
            Self::SaysNan => x.iter().copied().map(Some).collect(),
            Self::Counts => {
                let calls = CALLS.fetch_add(1, Ordering::Relaxed) as f64;
                x.iter().map(|_| Some(calls)).collect()
            }
            Self::SubtractsTheMean => {
                let finite = known.iter().filter(|x| x.is_finite());
                let mean = finite.sum::<f64>() / x.len() as f64;
                x.iter().map(|x| null(x - mean)).collect()
            }
            Self::Mumbles => {
                let message = "something is wrong".to_owned();
                return Err(Error::Arrow(arrow::error::ArrowError::ComputeError(
                    message,
                )));
            }
            Self::CountsNan => {
                let values = raw.as_primitive_opt::<Float64Type>();
                let nan = |x: &Float64Array| x.values().iter().filter(|x| x.is_nan()).count();
                let nan = values.map_or(0, nan) as f64;
                x.iter().map(|_| Some(nan)).collect()
            }
        })
    }
}

impl Transform for Odd {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let empty = arrow::array::new_empty_array(input.field(index_of(input, "x")?).data_type());
        NumericColumn::new("x", &empty)?;
        let data_type = match self {
            Self::LiesAboutItsType => DataType::Int64,
            _ => DataType::Float64,
        };
        let y = Arc::new(Field::new("y", data_type, true));
        let fields = input.fields().iter().cloned().chain([y]);
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        let raw = by_name(batch, "x")?;
        let x = NumericColumn::new("x", raw)?.view().to_vec();
        let y = Arc::new(self.column(&x, raw)?) as ArrayRef;
        let schema = Self::Doubles.output_schema(batch.schema_ref())?;
        let columns = batch.columns().iter().cloned().chain([y]);
        Ok(RecordBatch::try_new(schema, columns.collect())?)
    }
}

impl Step for Odd {
    const NAME: &'static str = "tests/odd";
}

fn sample() -> RecordBatch {
    let x: Float64Array = (0..24)
        .map(|row| match row {
            3 => Some(f64::INFINITY),
            _ => (row % 5 != 1).then_some(f64::from(row)),
        })
        .collect();
    let n = Int64Array::from_iter_values(0..24);
    let columns = [("x", Arc::new(x) as ArrayRef), ("n", Arc::new(n))];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, c)| (name, c, true))).unwrap()
}

/// The first law that `step` breaks.
fn broken(step: Odd) -> Option<Law> {
    Subject::new(step, sample()).check().err()?.law
}

#[test]
fn a_sound_step_obeys_and_odd_ones_do_not() {
    assert_eq!(broken(Odd::Doubles), None);
    assert_eq!(broken(Odd::Panics), Some(Law::InputIsUnchanged));
    assert_eq!(broken(Odd::SaysNan), Some(Law::MissingIsNull));
    assert_eq!(broken(Odd::Counts), Some(Law::StateIsUnchanged));
    assert_eq!(broken(Odd::SubtractsTheMean), Some(Law::CutsDoNotShow));
    assert_eq!(
        broken(Odd::LiesAboutItsType),
        Some(Law::SchemaIsKnownBeforeData)
    );
    assert_eq!(broken(Odd::CountsNan), Some(Law::NanIsNull));
}

#[test]
fn a_panic_is_a_violation_that_says_so() {
    let violation = Subject::new(Odd::Panics, sample()).check().unwrap_err();
    let text = violation.to_string();
    assert!(
        text.starts_with("tests/odd breaks InputIsUnchanged: panics: no infinity"),
        "{text}"
    );
}

#[test]
fn an_excepted_law_is_not_asked() {
    let subject = Subject::new(Odd::SaysNan, sample());
    let excepted = subject.except(Law::MissingIsNull, "it is meant so");
    let law = excepted.check().err().and_then(|violation| violation.law);
    assert_ne!(law, Some(Law::MissingIsNull));
}

#[test]
fn a_suite_knows_what_is_registered() {
    let names = || Steps::new().with::<Odd>().names();
    let subject = || Subject::new(Odd::Doubles, sample());
    Suite::of(names()).with(subject()).check().unwrap();
    let forgotten = Suite::of(names()).check().unwrap_err();
    assert_eq!(
        forgotten.to_string(),
        "tests/odd is registered, but not in the suite"
    );
    let unknown = Suite::of([]).with(subject()).check().unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "tests/odd is in the suite, but not registered"
    );
}

#[test]
fn every_shape_has_a_batch_of_the_sample() {
    for shape in Shape::ALL {
        assert!(!shape.of(&sample()).unwrap().is_empty(), "{shape:?}");
    }
}

#[test]
fn a_run_finds_panics_and_errors_without_a_name_and_replays_them() {
    let fuzz = |step: Odd| {
        Fuzz::on_tables(300, move |draw, table| {
            let x = table.column_by_name(&draw.numeric_column());
            let Some(x) = x else { return Ok(()) };
            let batch = RecordBatch::try_from_iter_with_nullable([("x", x.clone(), true)])?;
            step.transform(&batch).map(drop)
        })
    };
    let report = fuzz(Odd::Doubles).unwrap();
    assert!(
        report.cases == 300 && report.transformed > 100,
        "{report:?}"
    );
    let found = fuzz(Odd::Mumbles).unwrap_err();
    assert!(found.message.contains("something is wrong"), "{found}");
    let found = fuzz(Odd::Panics).unwrap_err();
    assert!(found.message.contains("no infinity, please"), "{found}");
    assert_eq!(fuzz(Odd::Panics).unwrap_err(), found);
}

/// Numbers the rows of a batch, so a session does not give what a batch gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Numbers;

impl Transform for Numbers {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let row = Arc::new(Field::new("row", DataType::Int64, true));
        let fields = input.fields().iter().cloned().chain([row]);
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        let rows = Int64Array::from_iter_values((0..).take(batch.num_rows()));
        let columns = batch.columns().iter().cloned();
        let columns = columns.chain([Arc::new(rows) as ArrayRef]).collect();
        let schema = self.output_schema(batch.schema_ref())?;
        Ok(RecordBatch::try_new(schema, columns)?)
    }
}

impl Step for Numbers {
    const NAME: &'static str = "tests/numbers";
}

#[test]
fn a_pipeline_that_depends_on_cuts_is_found() {
    let fuzz = Fuzz::new(Steps::new().with::<Numbers>()).with_cases(100);
    let found = fuzz
        .with_step(|_, pipeline| pipeline.then(Numbers))
        .run()
        .unwrap_err();
    assert!(found.message.contains("in pushes of"), "{found}");
}

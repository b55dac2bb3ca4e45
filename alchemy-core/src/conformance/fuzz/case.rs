//! One case: a table, a pipeline, and all the ways to run it.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;

use super::table::below;
use super::{Draw, Fuzz, FuzzReport, Plan, columns};
use crate::conformance::check::{Outcome, caught, equal, ok, same_batch, typed, valid};
use crate::random::Stream;
use crate::{Context, Error, FittedPipeline, Pipeline, Result};

/// The most steps of a pipeline.
const MAX_STEPS: usize = 6;

/// A step of a pipeline: the number of its factory, and what its parameters are drawn from.
#[derive(Clone)]
struct Drawn {
    factory: usize,
    seed: u64,
    schema: SchemaRef,
}

impl Fuzz {
    pub(super) fn case(&self, stream: &mut Stream) -> Result<FuzzReport, String> {
        let plan = Plan::draw(stream);
        let train = plan.shaped_table(stream)?;
        let other = plan.table(stream)?;
        let mut report = FuzzReport::default();
        let mut schema = train.schema();
        let mut steps: Vec<Drawn> = Vec::new();
        // A step that is refused is left out, or most pipelines would be refused for one of theirs.
        for _ in 0..=below(stream, MAX_STEPS) {
            let mut longer = steps.clone();
            longer.push(Drawn {
                factory: below(stream, self.factories.len()),
                seed: stream.next_u64(),
                schema: schema.clone(),
            });
            let pipeline = self.pipeline(&longer);
            match in_context(&pipeline, &train, || output_schema(&pipeline, &train))? {
                Some(output) => {
                    schema = output;
                    steps = longer;
                }
                None => report.refused += 1,
            }
        }
        let pipeline = self.pipeline(&steps);
        let run = || self.run_pipeline(stream, &pipeline, &train, &other);
        let run = in_context(&pipeline, &train, run)?;
        Ok(report.plus(run))
    }

    fn pipeline(&self, steps: &[Drawn]) -> Pipeline {
        steps.iter().fold(Pipeline::new(), |pipeline, step| {
            let mut stream = Stream::new(step.seed, &[]);
            let mut draw = Draw::new(&mut stream, &step.schema);
            match self.factories.get(step.factory) {
                Some(factory) => factory(&mut draw, pipeline),
                None => pipeline,
            }
        })
    }

    fn run_pipeline(
        &self,
        stream: &mut Stream,
        pipeline: &Pipeline,
        train: &RecordBatch,
        other: &RecordBatch,
    ) -> Result<FuzzReport, String> {
        let mut report = FuzzReport::default();
        let fitted = match pipeline.fit_transform(train, &Context::new()) {
            Ok((fitted, output)) => {
                valid(&output)?;
                report.fitted = 1;
                fitted
            }
            Err(error) => return refusal(&error).map(|()| report),
        };
        let whole = outcome(fitted.transform(train))?;
        outcome(fitted.transform(other))?;
        if let Some(whole) = &whole {
            report.transformed = 1;
            let announced = ok(fitted.output_schema())?;
            equal(whole.schema_ref(), &announced, "schema announced")?;
        }
        let size = 1 + usize::try_from(stream.below(9)).unwrap_or(0);
        report.pushed = u64::from(push(&fitted, train, whole.as_ref(), size)?);
        match stream.below(4) {
            0 => self.store(&fitted, train, whole.as_ref())?,
            1 => report.streamed = u64::from(learn_from_pieces(pipeline, &fitted, train, size)?),
            _ => {}
        }
        Ok(report)
    }

    fn store(
        &self,
        fitted: &FittedPipeline,
        train: &RecordBatch,
        whole: Option<&RecordBatch>,
    ) -> Outcome {
        let text = ok(fitted.to_json())?;
        let loaded = ok(FittedPipeline::from_json(&text, &self.steps))?;
        equal(&ok(loaded.to_json())?, &text, "stored form")?;
        match (outcome(loaded.transform(train))?, whole) {
            (Some(found), Some(expected)) => same_batch(&found, expected, "when loaded"),
            (None, None) => Ok(()),
            _ => Err(
                "the loaded pipeline fails where the other works, or the other way round".into(),
            ),
        }
    }
}

/// The schema that `pipeline` gives when fitted on `train`, or nothing if it is refused.
fn output_schema(pipeline: &Pipeline, train: &RecordBatch) -> Result<Option<SchemaRef>, String> {
    let fitted = pipeline.fit(train);
    match fitted.and_then(|fitted| fitted.output_schema()) {
        Ok(schema) => Ok(Some(schema)),
        Err(error) => refusal(&error).map(|()| None),
    }
}

/// Runs `work`; what it finds is told with the pipeline and the columns.
fn in_context<T>(
    pipeline: &Pipeline,
    train: &RecordBatch,
    work: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    caught(work).map_err(|message| format!("{message}\n{pipeline:?}\non {}", columns(train)))
}

/// What `result` gives, or nothing if it is an error that says what to change.
fn outcome(result: Result<RecordBatch>) -> Result<Option<RecordBatch>, String> {
    match result {
        Ok(batch) => valid(&batch).map(|()| Some(batch)),
        Err(error) => refusal(&error).map(|()| None),
    }
}

fn refusal(error: &Error) -> Outcome {
    match error {
        Error::InvalidPipeline { .. } | Error::NotMergeable { .. } => Ok(()),
        other => typed(other),
    }
}

/// Pushes the rows through a session in pieces of `size`. Whether they gave what the batch gave.
fn push(
    fitted: &FittedPipeline,
    train: &RecordBatch,
    whole: Option<&RecordBatch>,
    size: usize,
) -> Result<bool, String> {
    let mut session = match fitted.session() {
        Ok(session) => session,
        Err(error) => return refusal(&error).map(|()| false),
    };
    let mut outputs = Vec::new();
    for start in (0..train.num_rows().max(1)).step_by(size) {
        let piece = train.slice(start, size.min(train.num_rows() - start));
        match (session.push(&piece), whole) {
            (Ok(output), _) => outputs.push(output),
            (Err(error), None) => return refusal(&error).map(|()| false),
            (Err(error), Some(_)) => {
                return Err(format!("a push fails where the batch works: {error}"));
            }
        }
    }
    let Some(whole) = whole else {
        return Ok(false);
    };
    let joined = ok(concat_batches(whole.schema_ref(), &outputs))?;
    same_batch(&joined, whole, &format!("in pushes of {size}"))?;
    Ok(true)
}

/// Whether a stream of pieces of `size` teaches what the batch taught.
fn learn_from_pieces(
    pipeline: &Pipeline,
    fitted: &FittedPipeline,
    train: &RecordBatch,
    size: usize,
) -> Result<bool, String> {
    let pieces = || {
        let starts = (0..train.num_rows().max(1)).step_by(size);
        let piece = |start: usize| train.slice(start, size.min(train.num_rows() - start));
        Ok(starts.map(move |start| Ok::<_, Error>(piece(start))))
    };
    match pipeline.fit_source(pieces, &Context::new()) {
        Ok(streamed) => {
            equal(
                &learned(&streamed)?,
                &learned(fitted)?,
                "what a stream teaches",
            )?;
            Ok(true)
        }
        Err(error) => refusal(&error).map(|()| false),
    }
}

fn learned(fitted: &FittedPipeline) -> Result<String, String> {
    let stored: serde_json::Value = ok(serde_json::from_str(&ok(fitted.to_json())?))?;
    Ok(stored["steps"].to_string())
}

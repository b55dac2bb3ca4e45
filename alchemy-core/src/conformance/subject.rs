//! A step that is held to the laws, and the laws that only steps have.

use arrow::array::{Array, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type};

use super::check::{Outcome, equal, ok, same_batch, same_columns, valid};
use super::held::Held;
use super::suite::{Case, check};
use super::{Law, Violation, laws, variants};
use crate::traits::{Fit, Learning, Reach, Step, Transform};
use crate::{Context, Error, FittedPipeline, Ledger, Pipeline, Result, Steps};

/// A spec of a step and a sample that it fits and transforms without error.
///
/// The sample should have some twenty rows with nulls, ties and, in float columns, infinities; columns are nullable.
#[derive(Debug, Clone)]
pub struct Subject<F> {
    spec: F,
    sample: RecordBatch,
    excepted: Vec<Law>,
    hostile: Vec<F>,
    keeps_types: bool,
}

impl<F: Fit + Clone + 'static> Subject<F>
where
    F::Fitted: Step,
{
    /// A subject that is held to every law of steps.
    #[must_use]
    pub fn new(spec: F, sample: RecordBatch) -> Self {
        Self {
            spec,
            sample,
            excepted: Vec::new(),
            hostile: Vec::new(),
            keeps_types: false,
        }
    }

    /// Leaves out `law`, for a `reason` that the reader of the test sees.
    #[must_use]
    pub fn except(mut self, law: Law, reason: &str) -> Self {
        debug_assert!(!reason.is_empty());
        self.excepted.push(law);
        self
    }

    /// Adds specs of hostile parameters, such as each of [`hostile::FLOATS`](super::hostile::FLOATS) in turn: each fits, or
    /// gives an error that names the parameter.
    #[must_use]
    pub fn with_hostile(mut self, specs: impl IntoIterator<Item = F>) -> Self {
        self.hostile.extend(specs);
        self
    }

    /// Promises that each column keeps its type, whatever it is, and every cell that is not null stays so.
    #[must_use]
    pub fn keeping_types(mut self) -> Self {
        self.keeps_types = true;
        self
    }

    /// Holds the spec to the laws.
    ///
    /// # Errors
    ///
    /// The first law that does not hold.
    pub fn check(&self) -> Result<(), Violation> {
        check(self, F::Fitted::NAME, &Law::OF_STEPS, &self.excepted)
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new().then(self.spec.clone())
    }

    fn schema_is_known_before_data(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        let output = self.applied(&fitted, &self.sample)?;
        equal(&output.num_rows(), &self.sample.num_rows(), "row count")?;
        let announced = ok(fitted.output_schema(self.sample.schema_ref()))?;
        equal(&output.schema(), &announced, "schema")
    }

    fn missing_is_null(&self) -> Outcome {
        let output = self.applied(&self.fitted(&self.sample)?, &self.sample)?;
        for (field, column) in output.schema_ref().fields().iter().zip(output.columns()) {
            let Some(nan) = nan_rows(column)? else {
                continue;
            };
            let before = self.sample.column_by_name(field.name());
            let before = before.map(nan_rows).transpose()?.flatten();
            let before = before.unwrap_or_else(|| vec![false; nan.len()]);
            if let Some(row) = (0..nan.len()).find(|row| nan[*row] && !before[*row]) {
                return Err(format!("column {:?}, row {row} is NaN", field.name()));
            }
        }
        Ok(())
    }

    fn cuts_do_not_show(&self) -> Outcome {
        laws::rows::cuts_do_not_show(self)?;
        let fitted = ok(self.pipeline().fit(&self.sample))?;
        if let Learning::Merge(_) = self.spec.learning() {
            for batch in [self.sample.clone(), ok(variants::shuffled(&self.sample))?] {
                for rows in [1, 7, 1024] {
                    let pieces = variants::pieces_and_gaps(&batch, rows);
                    let open = || Ok(pieces.clone().into_iter().map(Ok::<_, Error>));
                    let streamed = ok(self.pipeline().fit_source(open, &Context::new()))?;
                    let what = format!("state from pieces of {rows}");
                    equal(&learned(&streamed)?, &learned(&fitted)?, &what)?;
                }
            }
        }
        if matches!(self.fitted(&self.sample)?.reach(), Reach::Table) {
            return Ok(());
        }
        let whole = ok(fitted.transform(&self.sample))?;
        for rows in [1, 7, 1024] {
            let mut session = ok(fitted.session())?;
            let mut outputs = Vec::new();
            for piece in variants::pieces_and_gaps(&self.sample, rows) {
                let peeked = ok(session.peek(&piece))?;
                let pushed = ok(session.push(&piece))?;
                same_batch(&peeked, &pushed, "of a peek before the push")?;
                outputs.push(pushed);
                let state = ok(session.save())?;
                session = ok(fitted.session())?;
                ok(session.restore(state))?;
            }
            let joined = ok(concat_batches(&whole.schema(), &outputs))?;
            same_batch(&joined, &whole, &format!("in pieces of {rows}"))?;
        }
        Ok(())
    }

    fn stored_and_loaded(&self) -> Outcome {
        let fitted = ok(self.pipeline().fit(&self.sample))?;
        let text = ok(fitted.to_json())?;
        let steps = Steps::new().with::<F::Fitted>();
        let loaded = ok(FittedPipeline::from_json(&text, &steps))?;
        equal(&ok(loaded.to_json())?, &text, "stored form")?;
        same_batch(
            &ok(loaded.transform(&self.sample))?,
            &ok(fitted.transform(&self.sample))?,
            "of the loaded step",
        )
    }

    fn alone_and_in_pipeline(&self) -> Outcome {
        let alone = self.applied(&self.fitted(&self.sample)?, &self.sample)?;
        let together = ok(ok(self.pipeline().fit(&self.sample))?.transform(&self.sample))?;
        // A pipeline stamps roles on the fields.
        same_columns(&together, &alone, "in a pipeline")
    }

    fn fit_then_transform(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        let (other, output) =
            ok(self
                .spec
                .fit_transform_with(&self.sample, &Context::new(), &mut Ledger::new()))?;
        valid(&output)?;
        equal(
            &self.state(&other)?,
            &self.state(&fitted)?,
            "state of fit_transform",
        )?;
        let expected = self.applied(&fitted, &self.sample)?;
        same_batch(&output, &expected, "of fit_transform")?;
        let fewer = self.sample.slice(0, self.sample.num_rows() / 2);
        let found = self.applied(&fitted, &fewer)?.num_rows();
        equal(&found, &fewer.num_rows(), "rows out of half of the rows")
    }

    fn future_moves_nothing(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        if matches!(fitted.reach(), Reach::Table) {
            return Ok(());
        }
        let before = self.applied(&fitted, &self.sample)?;
        for row in [1, self.sample.num_rows() / 2] {
            let other = ok(variants::with_other_future(&self.sample, row))?;
            let after = self.applied(&fitted, &other)?;
            same_batch(
                &after.slice(0, row),
                &before.slice(0, row),
                &format!("before row {row}, with another future"),
            )?;
        }
        Ok(())
    }
}

impl<F: Fit + Clone + 'static> Held for Subject<F>
where
    F::Fitted: Step,
{
    type Fitted = F::Fitted;

    fn sample(&self) -> &RecordBatch {
        &self.sample
    }

    fn on(&self, sample: RecordBatch) -> Self {
        Self {
            sample,
            ..self.clone()
        }
    }

    fn parameters(&self) -> String {
        format!("{:?}", self.spec)
    }

    fn hostile(&self) -> Vec<Self> {
        let with = |spec: &F| Self {
            spec: spec.clone(),
            ..self.clone()
        };
        self.hostile.iter().map(with).collect()
    }

    fn fit(&self, batch: &RecordBatch) -> Result<F::Fitted> {
        self.spec.fit(batch)
    }

    fn state(&self, fitted: &F::Fitted) -> Result<Vec<u8>, String> {
        ok(serde_json::to_vec(fitted))
    }

    fn apply(&self, fitted: &F::Fitted, batch: &RecordBatch) -> Result<RecordBatch> {
        fitted.transform(batch)
    }

    fn check_schema(&self, fitted: &F::Fitted, batch: &RecordBatch) -> Result<()> {
        fitted.output_schema(batch.schema_ref()).map(drop)
    }

    fn is_row_wise(&self, fitted: &F::Fitted) -> bool {
        matches!(fitted.reach(), Reach::Row)
    }

    fn keeps_text_type(&self) -> bool {
        false
    }

    fn keeps_types(&self) -> bool {
        self.keeps_types
    }

    fn laws_on_any_shape(&self) -> Vec<Law> {
        let laws = Law::OF_STEPS_ON_ANY_SHAPE.into_iter();
        laws.filter(|law| !self.excepted.contains(law)).collect()
    }

    fn check_own(&self, law: Law) -> Outcome {
        match law {
            Law::SchemaIsKnownBeforeData => self.schema_is_known_before_data(),
            Law::MissingIsNull => self.missing_is_null(),
            Law::CutsDoNotShow => self.cuts_do_not_show(),
            Law::StoredAndLoaded => self.stored_and_loaded(),
            Law::AloneAndInPipeline => self.alone_and_in_pipeline(),
            Law::FitThenTransform => self.fit_then_transform(),
            Law::FutureMovesNothing => self.future_moves_nothing(),
            other => Err(format!("{other:?} is no law of steps")),
        }
    }
}

impl<F: Fit + Clone + 'static> Case for Subject<F>
where
    F::Fitted: Step,
{
    fn name(&self) -> &'static str {
        F::Fitted::NAME
    }

    fn check_case(&self) -> Result<(), Violation> {
        self.check()
    }
}

/// Which rows of a float column are NaN; `None` for another column.
fn nan_rows(column: &arrow::array::ArrayRef) -> Result<Option<Vec<bool>>, String> {
    use arrow::array::AsArray;
    if !column.data_type().is_floating() {
        return Ok(None);
    }
    let wide = ok(cast(column, &DataType::Float64))?;
    let values = wide.as_primitive::<Float64Type>();
    Ok(Some(
        values
            .iter()
            .map(|value| value.is_some_and(f64::is_nan))
            .collect(),
    ))
}

/// What the steps of a pipeline learned, without the ledger, whose examples follow the order of rows.
fn learned(fitted: &FittedPipeline) -> Result<String, String> {
    let text = ok(fitted.to_json())?;
    let stored: serde_json::Value = ok(serde_json::from_str(&text))?;
    Ok(stored["steps"].to_string())
}

//! A model that is held to the laws, and the laws that only models have.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray,
    UInt64Array,
};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use arrow::row::{RowConverter, Rows, SortField};

use super::check::{Outcome, equal, ok, same_batch};
use super::held::Held;
use super::suite::{Case, check};
use super::{Law, Violation, laws, variants};
use crate::traits::{Fit, Model, Predict};
use crate::{Error, Result};

/// How far the probabilities of a row may add up from 1.
const PROBABILITY_TOLERANCE: f64 = 1e-6;

/// A spec of a model, its target, and a sample that it learns from and predicts without error.
///
/// The sample should have some forty rows, features of every kind with missing and infinite values, and a target without
/// missing values; columns are nullable. A classifier is one whose fitted type says so with
/// [`as_classifier`](Predict::as_classifier).
#[derive(Debug, Clone)]
pub struct ModelSubject<F> {
    spec: F,
    target: String,
    sample: RecordBatch,
    excepted: Vec<Law>,
    hostile: Vec<F>,
}

impl<F: Fit + Clone + 'static> ModelSubject<F>
where
    F::Fitted: Model,
{
    /// A subject that is held to every law of models.
    #[must_use]
    pub fn new(spec: F, target: impl Into<String>, sample: RecordBatch) -> Self {
        Self {
            spec,
            target: target.into(),
            sample,
            excepted: Vec::new(),
            hostile: Vec::new(),
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

    /// Holds the spec to the laws.
    ///
    /// # Errors
    ///
    /// The first law that does not hold.
    pub fn check(&self) -> Result<(), Violation> {
        check(self, F::Fitted::NAME, &Law::OF_MODELS, &self.excepted)
    }

    fn with_target(&self, target: ArrayRef) -> Result<RecordBatch, String> {
        let index = ok(self.sample.schema_ref().index_of(&self.target))?;
        ok(variants::replace(&self.sample, index, target))
    }

    fn target(&self) -> Result<&ArrayRef, String> {
        let column = self.sample.column_by_name(&self.target);
        column.ok_or_else(|| format!("the sample has no target {:?}", self.target))
    }

    fn predictions_have_their_type(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        let output = self.applied(&fitted, &self.sample)?;
        let expected = match fitted.as_classifier() {
            Some(classifier) => classifier.classes().data_type().clone(),
            None => DataType::Float64,
        };
        equal(&output.num_rows(), &self.sample.num_rows(), "row count")?;
        equal(
            output.column(0).data_type(),
            &expected,
            "type of predictions",
        )?;
        equal(&output.column(0).null_count(), &0, "missing predictions")
    }

    fn stored_and_loaded(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        let stored = self.state(&fitted)?;
        let loaded: F::Fitted = ok(postcard::from_bytes(&stored))?;
        equal(&self.state(&loaded)?, &stored, "stored form")?;
        let expected = self.applied(&fitted, &self.sample)?;
        let found = self.applied(&loaded, &self.sample)?;
        same_batch(&found, &expected, "of the loaded model")
    }

    fn missing_target(&self) -> Outcome {
        let target = self.target()?;
        let rows = (0..target.len()).map(|row| (row != target.len() / 2).then_some(row as u64));
        let one_null = ok(take(target, &rows.collect::<UInt64Array>(), None))?;
        self.refuses_target(one_null, "a missing target")?;
        if target.data_type().is_numeric() && !self.is_classifier()? {
            let wide = ok(cast(target, &DataType::Float64))?;
            for odd in [f64::NAN, f64::INFINITY] {
                let values = wide.as_primitive::<Float64Type>().iter().enumerate();
                let with_odd: Float64Array = values
                    .map(|(row, value)| if row == 1 { Some(odd) } else { value })
                    .collect();
                self.refuses_target(Arc::new(with_odd), &format!("a target of {odd}"))?;
            }
        }
        Ok(())
    }

    fn refuses_target(&self, target: ArrayRef, what: &str) -> Outcome {
        match self.fit(&self.with_target(target)?) {
            Err(Error::InvalidTarget { column, .. }) if column == self.target => Ok(()),
            Err(error) => Err(format!("{what}: {error}")),
            Ok(_) => Err(format!("{what} is learned from")),
        }
    }

    fn is_classifier(&self) -> Result<bool, String> {
        Ok(self.fitted(&self.sample)?.as_classifier().is_some())
    }

    fn one_class(&self) -> Outcome {
        let target = self.target()?;
        let first = target.slice(0, 1);
        let constant = ok(concat(&vec![first.as_ref(); target.len()]))?;
        let batch = self.with_target(constant)?;
        match self.fit(&batch) {
            Ok(fitted) => {
                let output = self.applied(&fitted, &batch)?;
                let expected = self.is_classifier()?;
                let same = |row: usize| output.column(0).slice(row, 1).to_data() == first.to_data();
                if expected && !(0..output.num_rows()).all(same) {
                    return Err("another class is predicted".into());
                }
                Ok(())
            }
            Err(Error::InvalidTarget { column, .. }) if column == self.target => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn classes_come_back(&self) -> Outcome {
        if !self.is_classifier()? {
            return Ok(());
        }
        let rows = self.sample.num_rows();
        let text = ["no", "yes", "Maybe"];
        let text: StringArray = (0..rows).map(|row| Some(text[row % text.len()])).collect();
        let text = Arc::new(text) as ArrayRef;
        let numbers: Int32Array = (0..rows).map(|row| Some([7, -3][row % 2])).collect();
        let flags: BooleanArray = (0..rows).map(|row| Some(row % 3 == 0)).collect();
        let targets: [ArrayRef; 5] = [
            Arc::new(numbers),
            Arc::new(flags),
            ok(cast(&text, &DataType::LargeUtf8))?,
            ok(cast(&text, &DataType::Utf8View))?,
            text,
        ];
        for target in targets {
            let what = format!("classes of {}", target.data_type());
            let batch = self.with_target(target.clone())?;
            let fitted = self.fitted(&batch)?;
            let classifier = fitted.as_classifier().ok_or("is no classifier any more")?;
            equal(classifier.classes().data_type(), target.data_type(), &what)?;
            let classes = comparable(classifier.classes())?;
            let ascending = (1..classes.num_rows()).all(|i| classes.row(i - 1) < classes.row(i));
            if !ascending {
                return Err(format!("{what} are not in ascending order"));
            }
            let predicted = comparable(self.applied(&fitted, &batch)?.column(0))?;
            let known = |row| classes.iter().any(|class| class == row);
            if !predicted.iter().all(known) {
                return Err(format!("{what}: something else is predicted"));
            }
        }
        Ok(())
    }

    fn probabilities_add_up(&self) -> Outcome {
        let fitted = self.fitted(&self.sample)?;
        let Some(classifier) = fitted.as_classifier() else {
            return Ok(());
        };
        let output = ok(classifier.predict_proba(&self.sample))?;
        let classes = comparable(classifier.classes())?;
        equal(
            &output.num_columns(),
            &classes.num_rows(),
            "number of columns",
        )?;
        let predicted = comparable(&ok(fitted.predict(&self.sample))?)?;
        let columns: Vec<&Float64Array> = output
            .columns()
            .iter()
            .map(|column| column.as_primitive_opt().ok_or("is no Float64"))
            .collect::<Result<_, _>>()?;
        for row in 0..output.num_rows() {
            let shares: Vec<f64> = columns.iter().map(|column| column.value(row)).collect();
            let sum: f64 = shares.iter().sum();
            let in_range = shares.iter().all(|share| (0.0..=1.0).contains(share));
            if !in_range || (sum - 1.0).abs() > PROBABILITY_TOLERANCE {
                return Err(format!("row {row} has the probabilities {shares:?}"));
            }
            let most = shares.iter().copied().fold(0.0, f64::max);
            let is_likely = |(class, share): (usize, &f64)| {
                classes.row(class) == predicted.row(row) && *share >= most
            };
            if !shares.iter().enumerate().any(is_likely) {
                return Err(format!(
                    "row {row} has the probabilities {shares:?}, and not the likeliest class"
                ));
            }
        }
        Ok(())
    }
}

impl<F: Fit + Clone + 'static> Held for ModelSubject<F>
where
    F::Fitted: Model,
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
        ok(postcard::to_stdvec(fitted))
    }

    /// The prediction, and the probability of each class.
    fn apply(&self, fitted: &F::Fitted, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = vec![fitted.predict(batch)?];
        let mut fields = vec![Arc::new(Field::new(
            "prediction",
            columns[0].data_type().clone(),
            true,
        ))];
        if let Some(classifier) = fitted.as_classifier() {
            let probabilities = classifier.predict_proba(batch)?;
            columns.extend_from_slice(probabilities.columns());
            fields.extend(probabilities.schema_ref().fields().iter().cloned());
        }
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns,
        )?)
    }

    fn check_schema(&self, _fitted: &F::Fitted, _batch: &RecordBatch) -> Result<()> {
        Ok(())
    }

    fn is_row_wise(&self, _fitted: &F::Fitted) -> bool {
        true
    }

    fn keeps_text_type(&self) -> bool {
        true
    }

    fn keeps_types(&self) -> bool {
        false
    }

    fn laws_on_any_shape(&self) -> Vec<Law> {
        let laws = Law::OF_MODELS_ON_ANY_SHAPE.into_iter();
        laws.filter(|law| !self.excepted.contains(law)).collect()
    }

    fn check_own(&self, law: Law) -> Outcome {
        match law {
            Law::SchemaIsKnownBeforeData => self.predictions_have_their_type(),
            Law::CutsDoNotShow => laws::rows::cuts_do_not_show(self),
            Law::StoredAndLoaded => self.stored_and_loaded(),
            Law::MissingTarget => self.missing_target(),
            Law::OneClass => self.one_class(),
            Law::ClassesComeBack => self.classes_come_back(),
            Law::ProbabilitiesAddUp => self.probabilities_add_up(),
            other => Err(format!("{other:?} is no law of models")),
        }
    }
}

impl<F: Fit + Clone + 'static> Case for ModelSubject<F>
where
    F::Fitted: Model,
{
    fn name(&self) -> &'static str {
        F::Fitted::NAME
    }

    fn check_case(&self) -> Result<(), Violation> {
        self.check()
    }
}

/// The values of `array` in a form whose order is theirs.
fn comparable(array: &ArrayRef) -> Result<Rows, String> {
    let field = SortField::new(array.data_type().clone());
    let converter = ok(RowConverter::new(vec![field]))?;
    ok(converter.convert_columns(std::slice::from_ref(array)))
}

mod audit;

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::*;
use crate::Action;
use crate::column::{NumericColumn, by_name};
use crate::keyed::{Keyed, KeyedColumns};
use crate::registry::Steps;
use crate::traits::{Accumulate, FitMerge, Learning, RowPass, Transform};

/// Appends `previous`: the value of the row of the same key before.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Previous {
    keys: Vec<String>,
}

impl Keyed for Previous {
    const NAME: &'static str = "test/previous";
    /// As bits, for JSON has no infinity.
    type State = Option<u64>;

    fn columns(&self) -> KeyedColumns<'_> {
        KeyedColumns {
            input: "x",
            keys: &self.keys,
            time: Some("t"),
        }
    }

    fn outputs(&self, _input: &Field) -> Result<Vec<Field>> {
        Ok(vec![Field::new("previous", DataType::Float64, true)])
    }

    fn push(&self, state: &mut Option<u64>, value: f64, outputs: &mut [f64]) {
        outputs[0] = state
            .replace(value.to_bits())
            .map_or(f64::NAN, f64::from_bits);
    }
}

/// Subtracts the largest `x` of training.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct BelowMax;

#[derive(Debug, Serialize, Deserialize)]
struct FittedBelowMax {
    max: f64,
}

impl Fit for BelowMax {
    type Fitted = FittedBelowMax;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedBelowMax> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for BelowMax {
    type Accumulator = FittedBelowMax;

    fn accumulator(&self, _schema: &Schema) -> Result<FittedBelowMax> {
        Ok(FittedBelowMax { max: f64::MIN })
    }
}

impl Accumulate for FittedBelowMax {
    type Output = Self;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        NumericColumn::new("x", by_name(batch, "x")?)?
            .view()
            .for_each(|x| self.max = self.max.max(x));
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.max = self.max.max(other.max);
        Ok(())
    }

    fn finish(self) -> Result<Self> {
        Ok(self)
    }
}

impl Transform for FittedBelowMax {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let place = crate::column::index_of(input, "x")?;
        let empty = arrow::array::new_empty_array(input.field(place).data_type());
        NumericColumn::new("x", &empty)?;
        let mut fields = input.fields().to_vec();
        let field = fields[place].as_ref().clone().with_nullable(true);
        fields[place] = Arc::new(field.with_data_type(DataType::Float64));
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let column = NumericColumn::new("x", by_name(batch, "x")?)?;
        let x: Float64Array = (0..batch.num_rows())
            .map(|row| Some(column.view().get(row)? - self.max))
            .collect();
        ledger.record("x", Action::Standardised, x.len(), x.len());
        let mut columns = batch.columns().to_vec();
        columns[crate::column::index_of(batch.schema_ref(), "x")?] = Arc::new(x);
        Ok(RecordBatch::try_new(
            self.output_schema(batch.schema_ref())?,
            columns,
        )?)
    }
}

impl Step for FittedBelowMax {
    const NAME: &'static str = "test/below_max";
}

/// Keeps every second row of the table.
#[derive(Debug)]
struct EverySecond;

impl SelectRows for EverySecond {
    fn name(&self) -> &'static str {
        "test/every_second"
    }

    fn start(&self) -> Box<dyn RowPass> {
        struct Seen(usize);
        impl RowPass for Seen {
            fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
                let first = self.0;
                self.0 += batch.num_rows();
                Ok((first..self.0).map(|row| Some(row % 2 == 0)).collect())
            }
        }
        Box::new(Seen(0))
    }
}

fn table(rows: usize) -> RecordBatch {
    let x: Float64Array = (0..rows)
        .map(|row| (row % 7 != 3).then_some((row * 37 % 101) as f64))
        .collect();
    let key: StringArray = (0..rows)
        .map(|row| Some(["a", "b", "c"][row % 3]))
        .collect();
    let t: Date32Array = (0..rows).map(|row| i32::try_from(row).ok()).collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("x", Arc::new(x)),
        ("key", Arc::new(key)),
        ("t", Arc::new(t)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(rows);
    starts
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
        .collect()
}

fn previous() -> Previous {
    Previous {
        keys: vec!["key".into()],
    }
}

fn steps() -> Steps {
    Steps::new().with::<Previous>().with::<FittedBelowMax>()
}

#[test]
fn a_stream_in_any_pieces_fits_what_one_batch_fits() {
    let batch = table(100);
    let pipeline = Pipeline::new()
        .then(previous())
        .training_rows(EverySecond)
        .then(BelowMax);
    let whole = pipeline.fit(&batch).unwrap();
    for rows in [1, 7, 33, 100] {
        let open = || Ok(pieces(&batch, rows).into_iter().map(Ok::<_, Error>));
        let streamed = pipeline.fit_source(open, &Context::new()).unwrap();
        assert_eq!(
            streamed.to_json().unwrap(),
            whole.to_json().unwrap(),
            "{rows}"
        );
    }
    assert_eq!(whole.ledger().count("", Action::RowDropped), 50);
}

#[test]
fn training_batches_are_the_training_rows_of_the_whole_table() {
    let batch = table(100);
    let pipeline = Pipeline::new()
        .then(previous())
        .training_rows(EverySecond)
        .then(BelowMax);
    let (whole, rows) = pipeline.fit_transform(&batch, &Context::new()).unwrap();
    let joined = |parts: &[RecordBatch]| {
        arrow::compute::concat_batches(parts[0].schema_ref(), parts).unwrap()
    };
    for size in [1, 7, 33, 100] {
        let open = || Ok(pieces(&batch, size).into_iter().map(Ok::<_, Error>));
        let mut sunk = Vec::new();
        let sink = |batch| {
            sunk.push(batch);
            Ok(())
        };
        let fitted = pipeline
            .fit_transform_source(open, &Context::new(), sink)
            .unwrap();
        assert_eq!(fitted.to_json().unwrap(), whole.to_json().unwrap());
        assert_eq!(joined(&sunk), rows, "{size}");

        let stored = FittedPipeline::from_json(&whole.to_json().unwrap(), &steps()).unwrap();
        let mut batches = pipeline.training_batches(&stored, open().unwrap()).unwrap();
        let streamed: Vec<RecordBatch> = batches.by_ref().map(Result::unwrap).collect();
        assert_eq!(joined(&streamed), rows, "{size}");
        assert_eq!(streamed.len(), 100_usize.div_ceil(size));
        assert_eq!(batches.ledger().steps(), whole.ledger().steps());
        let mut entries = batches.ledger().entries();
        assert!(entries.by_ref().eq(whole.ledger().entries()));
    }
}

#[test]
fn training_batches_are_those_of_the_pipeline_that_was_fitted_and_end_with_an_error() {
    /// Learns from the whole table.
    #[derive(Debug)]
    struct AtOnce;

    impl Fit for AtOnce {
        type Fitted = FittedBelowMax;

        fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedBelowMax> {
            BelowMax.fit_with(batch, context)
        }
    }

    let batch = table(10);
    let source = || pieces(&batch, 4).into_iter().map(Ok::<_, Error>);
    let fitted = Pipeline::new().then(BelowMax).fit(&batch).unwrap();
    for other in [Pipeline::new(), Pipeline::new().then(previous())] {
        let error = other.training_batches(&fitted, source()).unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
    }
    let at_once = Pipeline::new().then(AtOnce);
    let error = at_once.training_batches(&fitted, source()).unwrap_err();
    assert!(matches!(error, Error::NotMergeable { .. }), "{error}");

    let short = batch.project(&[1, 2]).unwrap();
    let parts = [batch.clone(), short, batch.clone()].map(Ok::<_, Error>);
    let pipeline = Pipeline::new().then(BelowMax);
    let mut batches = pipeline.training_batches(&fitted, parts).unwrap();
    assert!(batches.next().unwrap().is_ok());
    let error = batches.next().unwrap().unwrap_err();
    assert!(matches!(error, Error::ColumnNotFound { .. }), "{error}");
    assert!(batches.next().is_none());
}

#[test]
fn rows_pushed_in_pieces_give_the_bits_of_one_batch_also_after_a_restart() {
    let batch = table(60);
    let fitted = Pipeline::new()
        .then(BelowMax)
        .then(previous())
        .fit(&batch)
        .unwrap();
    let whole = fitted.transform(&batch).unwrap();
    let loaded = FittedPipeline::from_json(&fitted.to_json().unwrap(), &steps()).unwrap();
    for rows in [1, 7, 60] {
        let mut session = loaded.session().unwrap();
        let mut outputs = Vec::new();
        for piece in pieces(&batch, rows) {
            let peeked = session.peek(&piece).unwrap();
            let pushed = session.push(&piece).unwrap();
            assert_eq!(peeked, pushed);
            outputs.push(pushed);
            let saved = session.save().unwrap();
            session = loaded.session().unwrap();
            session.restore(saved).unwrap();
        }
        assert_eq!(
            arrow::compute::concat_batches(&whole.schema(), &outputs).unwrap(),
            whole
        );
    }
}

#[test]
fn a_failed_push_leaves_every_step_as_it_was() {
    let batch = table(30);
    let twice = Pipeline::new()
        .then(previous())
        .then(BelowMax)
        .fit(&batch)
        .unwrap();
    let mut session = twice.session().unwrap();
    session.push(&batch.slice(0, 20)).unwrap();
    let before = session.save().unwrap();
    // Row 25 advances its key before the late row 5 is met.
    let late =
        arrow::compute::concat_batches(&batch.schema(), &[batch.slice(25, 1), batch.slice(5, 1)])
            .unwrap();
    let error = session.push(&late).unwrap_err();
    assert!(matches!(error, Error::RowOrder { row: 21, .. }), "{error}");
    assert_eq!(session.save().unwrap(), before);
    session.push(&batch.slice(20, 10)).unwrap();
    assert!(
        session
            .restore(serde_json::json!([["other/step", null]]))
            .is_err()
    );
}

#[test]
fn a_selection_of_training_rows_may_not_stand_before_a_step_that_looks_back() {
    let pipeline = Pipeline::new().training_rows(EverySecond).then(previous());
    let error = pipeline.fit(&table(10)).unwrap_err();
    assert!(
        matches!(&error, Error::InvalidPipeline { step, .. } if step == "test/previous"),
        "{error}"
    );
}

#[test]
fn an_unknown_step_is_named_with_its_crate() {
    let text = Pipeline::new()
        .then(BelowMax)
        .fit(&table(9))
        .unwrap()
        .to_json()
        .unwrap();
    let error = FittedPipeline::from_json(&text, &Steps::new().with::<Previous>()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "test/below_max version 1 was written by crate test; it is not registered here. Registered: test/previous"
    );
    let newer = text.replace("\"version\":1", "\"version\":2");
    assert!(matches!(
        FittedPipeline::from_json(&newer, &steps()),
        Err(Error::StepVersion { found: 2, .. })
    ));
}

#[test]
fn a_cancelled_fit_stops() {
    let cancel = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let context = Context::new().with_cancel(cancel);
    let result = Pipeline::new()
        .then(BelowMax)
        .fit_transform(&table(9), &context);
    assert!(matches!(result, Err(Error::Cancelled)));
}

#[cfg(feature = "conformance")]
#[test]
fn the_test_steps_obey_the_laws() {
    use crate::conformance::{Law, Subject};
    Subject::new(previous(), table(30)).check().unwrap();
    let below_max = Subject::new(BelowMax, table(30));
    below_max
        .except(Law::Shapes, "it stores a number, and JSON has no infinity")
        .check()
        .unwrap();
}

#[cfg(feature = "conformance")]
#[test]
fn a_step_that_looks_ahead_is_caught() {
    use crate::conformance::{Law, Subject};

    /// Appends the last `x` of the batch to every row.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Last;

    impl Transform for Last {
        fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
            crate::column::index_of(input, "x")?;
            let last = Arc::new(Field::new("last", DataType::Float64, true));
            Ok(Arc::new(Schema::new(
                input
                    .fields()
                    .iter()
                    .cloned()
                    .chain([last])
                    .collect::<Vec<_>>(),
            )))
        }

        fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
            let column = NumericColumn::new("x", by_name(batch, "x")?)?;
            let last = batch
                .num_rows()
                .checked_sub(1)
                .and_then(|row| column.view().get(row));
            let last = Arc::new(Float64Array::from(vec![last; batch.num_rows()])) as ArrayRef;
            let columns = batch.columns().iter().cloned().chain([last]).collect();
            Ok(RecordBatch::try_new(
                self.output_schema(batch.schema_ref())?,
                columns,
            )?)
        }
    }

    impl Step for Last {
        const NAME: &'static str = "test/last";
    }

    let subject = Subject::new(Last, table(30));
    assert_eq!(subject.check().unwrap_err().law, Some(Law::CutsDoNotShow));
    let violation = subject
        .except(Law::CutsDoNotShow, "found above")
        .except(Law::OrderDoesNotShow, "the last row is another one")
        .except(Law::OtherRowsDoNotShow, "the last row is another one")
        .check()
        .unwrap_err();
    assert_eq!(violation.law, Some(Law::FutureMovesNothing));
}

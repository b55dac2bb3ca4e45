//! One function per law.

use std::fmt::{Debug, Display};

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use rayon::ThreadPoolBuilder;

use super::{Law, Subject, shapes};
use crate::traits::{Fit, Learning, Reach, Step, Transform};
use crate::{Context, Error, FittedPipeline, Pipeline, Result, Steps};

/// What a law found wrong.
type Outcome = Result<(), String>;

/// Offsets around the edges of the bytes and words of a validity bitmap.
const OFFSETS: [usize; 6] = [1, 7, 8, 63, 64, 65];

impl<F: Fit + Clone + 'static> Subject<F>
where
    F::Fitted: Step,
{
    pub(super) fn check_law(&self, law: Law) -> Outcome {
        match law {
            Law::FitIsRepeatable => equal(
                &json(&self.fit(&self.sample)?)?,
                &json(&self.fit(&self.sample)?)?,
                "state",
            ),
            Law::InputIsUnchanged => self.input_is_unchanged(),
            Law::SchemaIsKnownBeforeData => self.schema_is_known_before_data(),
            Law::SliceEqualsCopy => self.slice_equals_copy(),
            Law::EmptyBatch => self.empty_batch(),
            Law::AllNull => self.all_null(),
            Law::MissingColumn => self.missing_column(),
            Law::WrongType => self.wrong_type(),
            Law::DuplicateName => self.duplicate_name(),
            Law::ThreadsDoNotShow => self.threads_do_not_show(),
            Law::CutsDoNotShow => self.cuts_do_not_show(),
            Law::StoredAndLoaded => self.stored_and_loaded(),
            Law::TextEncodings => self.text_encodings(),
            Law::NanIsNull => {
                self.same_output(&ok(shapes::with_nan(&self.sample))?, "NaN for null")
            }
            Law::FutureMovesNothing => self.future_moves_nothing(),
        }
    }

    fn fit(&self, batch: &RecordBatch) -> Result<F::Fitted, String> {
        ok(self.spec.fit(batch))
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new().then(self.spec.clone())
    }

    fn input_is_unchanged(&self) -> Outcome {
        let before = ok(shapes::at_offset(&self.sample, 0))?;
        let fitted = self.fit(&self.sample)?;
        ok(fitted.transform(&self.sample))?;
        equal(&self.sample, &before, "input")
    }

    fn schema_is_known_before_data(&self) -> Outcome {
        let fitted = self.fit(&self.sample)?;
        let output = ok(fitted.transform(&self.sample))?;
        equal(&output.num_rows(), &self.sample.num_rows(), "row count")?;
        equal(
            &output.schema(),
            &ok(fitted.output_schema(self.sample.schema_ref()))?,
            "schema",
        )?;
        output
            .columns()
            .iter()
            .try_for_each(|column| ok(column.to_data().validate_full()))
    }

    fn slice_equals_copy(&self) -> Outcome {
        for offset in OFFSETS {
            self.same_output(
                &ok(shapes::at_offset(&self.sample, offset))?,
                &format!("offset {offset}"),
            )?;
        }
        Ok(())
    }

    /// Fitting and transforming `variant` gives what the sample gives.
    fn same_output(&self, variant: &RecordBatch, what: &str) -> Outcome {
        let (ours, theirs) = (self.fit(&self.sample)?, self.fit(variant)?);
        equal(
            &json(&theirs)?,
            &json(&ours)?,
            &format!("state with {what}"),
        )?;
        let plain = |batch| ok(shapes::canonical(&batch));
        let (ours, theirs) = (
            plain(ok(ours.transform(&self.sample))?)?,
            plain(ok(theirs.transform(variant))?)?,
        );
        equal(
            &theirs.columns(),
            &ours.columns(),
            &format!("output with {what}"),
        )
    }

    fn empty_batch(&self) -> Outcome {
        let empty = self.sample.slice(0, 0);
        let output = ok(self.fit(&self.sample)?.transform(&empty))?;
        equal(&output.num_rows(), &0, "rows of the transform of no rows")?;
        match self.spec.fit(&empty) {
            Ok(_) | Err(Error::Empty { .. }) => Ok(()),
            Err(Error::AllNull { column }) => self.names(&column),
            Err(error) => Err(format!("fit on no rows: {error}")),
        }
    }

    fn all_null(&self) -> Outcome {
        let nulls = ok(shapes::all_null(&self.sample))?;
        match self.fit(&self.sample)?.transform(&nulls) {
            Ok(_) | Err(Error::RowOrder { .. } | Error::InvalidValue { .. }) => {}
            Err(error) => return Err(format!("transform of nulls: {error}")),
        }
        match self.spec.fit(&nulls) {
            Ok(_) => Ok(()),
            Err(
                Error::AllNull { column }
                | Error::InvalidTarget { column, .. }
                | Error::RowOrder { column, .. },
            ) => self.names(&column),
            Err(error) => Err(format!("fit on nulls: {error}")),
        }
    }

    fn names(&self, column: &str) -> Outcome {
        let known = self.sample.schema_ref().index_of(column).is_ok();
        if known {
            Ok(())
        } else {
            Err(format!("the error names {column:?}, which is no column"))
        }
    }

    fn missing_column(&self) -> Outcome {
        let read = self.each_column(
            shapes::without,
            |error, name| matches!(error, Error::ColumnNotFound { column, .. } if column == name),
        )?;
        if read {
            Ok(())
        } else {
            Err("no column is missed when it is missing".into())
        }
    }

    fn wrong_type(&self) -> Outcome {
        self.each_column(
            shapes::with_foreign_type,
            |error, name| matches!(error, Error::ColumnType { column, .. } if column == name),
        )?;
        Ok(())
    }

    fn duplicate_name(&self) -> Outcome {
        self.each_column(
            shapes::doubled,
            |error, name| matches!(error, Error::DuplicateColumn { column } if column == name),
        )?;
        Ok(())
    }

    /// Spoils each column in turn: transforming works or fails as `expected`, and so does fitting. Whether one failed.
    fn each_column(
        &self,
        spoil: impl Fn(&RecordBatch, usize) -> Result<RecordBatch>,
        expected: impl Fn(&Error, &str) -> bool,
    ) -> Result<bool, String> {
        let fitted = self.fit(&self.sample)?;
        let mut failed = false;
        for (index, field) in self.sample.schema_ref().fields().iter().enumerate() {
            let spoiled = ok(spoil(&self.sample, index))?;
            let errors = [
                fitted.transform(&spoiled).err(),
                fitted.output_schema(spoiled.schema_ref()).err(),
                self.spec.fit(&spoiled).err(),
            ];
            for error in errors.iter().flatten() {
                failed = true;
                if !expected(error, field.name()) {
                    return Err(format!("spoiled column {:?}: {error}", field.name()));
                }
            }
        }
        Ok(failed)
    }

    fn threads_do_not_show(&self) -> Outcome {
        let nulls = ok(shapes::all_null(&self.sample))?;
        let run = |threads: usize| {
            let pool = ok(ThreadPoolBuilder::new().num_threads(threads).build())?;
            pool.install(|| {
                let fitted = self.fit(&self.sample)?;
                let transformed = ok(fitted.transform(&self.sample))?;
                let failure = self.fit(&nulls).err();
                Ok::<_, String>((json(&fitted)?, transformed, failure))
            })
        };
        let one = run(1)?;
        for threads in [2, 3, 8] {
            equal(
                &run(threads)?,
                &one,
                &format!("outcome with {threads} threads"),
            )?;
        }
        Ok(())
    }

    fn cuts_do_not_show(&self) -> Outcome {
        let fitted = ok(self.pipeline().fit(&self.sample))?;
        if let Learning::Merge(_) = self.spec.learning() {
            for batch in [self.sample.clone(), ok(shapes::shuffled(&self.sample))?] {
                for rows in [1, 7, batch.num_rows().max(1)] {
                    let open = || Ok(shapes::pieces(&batch, rows).into_iter().map(Ok::<_, Error>));
                    let streamed = ok(self.pipeline().fit_source(open, &Context::new()))?;
                    equal(
                        &learned(&streamed)?,
                        &learned(&fitted)?,
                        &format!("state from pieces of {rows}"),
                    )?;
                }
            }
        }
        if self.reads_table()? {
            return Ok(());
        }
        let whole = ok(fitted.transform(&self.sample))?;
        for rows in [1, 7] {
            let mut session = ok(fitted.session())?;
            let mut outputs = Vec::new();
            for piece in shapes::pieces(&self.sample, rows) {
                let peeked = ok(session.peek(&piece))?;
                let pushed = ok(session.push(&piece))?;
                equal(&peeked, &pushed, "push after peek")?;
                outputs.push(pushed);
                let state = ok(session.save())?;
                session = ok(fitted.session())?;
                ok(session.restore(state))?;
            }
            equal(
                &ok(concat_batches(&whole.schema(), &outputs))?,
                &whole,
                &format!("output in pieces of {rows}"),
            )?;
        }
        Ok(())
    }

    fn reads_table(&self) -> Result<bool, String> {
        Ok(matches!(self.fit(&self.sample)?.reach(), Reach::Table))
    }

    fn stored_and_loaded(&self) -> Outcome {
        let fitted = ok(self.pipeline().fit(&self.sample))?;
        let text = ok(fitted.to_json())?;
        let loaded = ok(FittedPipeline::from_json(
            &text,
            &Steps::new().with::<F::Fitted>(),
        ))?;
        equal(&ok(loaded.to_json())?, &text, "stored form")?;
        equal(
            &ok(loaded.transform(&self.sample))?,
            &ok(fitted.transform(&self.sample))?,
            "output of the loaded step",
        )
    }

    fn text_encodings(&self) -> Outcome {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        for encoding in [DataType::LargeUtf8, DataType::Utf8View, dictionary] {
            self.same_output(
                &ok(shapes::with_text_as(&self.sample, &encoding))?,
                &encoding.to_string(),
            )?;
        }
        Ok(())
    }

    fn future_moves_nothing(&self) -> Outcome {
        if self.reads_table()? {
            return Ok(());
        }
        let fitted = self.fit(&self.sample)?;
        let before = ok(fitted.transform(&self.sample))?;
        for row in [1, self.sample.num_rows() / 2] {
            let after = ok(fitted.transform(&ok(shapes::with_other_future(&self.sample, row))?))?;
            equal(
                &after.slice(0, row),
                &before.slice(0, row),
                &format!("rows before row {row}"),
            )?;
        }
        Ok(())
    }
}

/// What the steps of a pipeline learned, without the ledger, whose examples follow the order of rows.
fn learned(fitted: &FittedPipeline) -> Result<String, String> {
    let text = ok(fitted.to_json())?;
    let stored: serde_json::Value = ok(serde_json::from_str(&text))?;
    Ok(stored["steps"].to_string())
}

fn json(step: &impl Step) -> Result<String, String> {
    ok(serde_json::to_string(step))
}

fn ok<T, E: Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn equal<T: PartialEq + Debug>(found: &T, expected: &T, what: &str) -> Outcome {
    if found == expected {
        Ok(())
    } else {
        Err(format!(
            "{what} differs: found\n{found:#?}\nexpected\n{expected:#?}"
        ))
    }
}

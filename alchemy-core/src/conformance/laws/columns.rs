//! Columns that are missing, too many, moved, doubled, or of another type.

use arrow::array::RecordBatch;

use crate::conformance::check::{Outcome, equal, ok, typed, valid};
use crate::conformance::held::Held;
use crate::conformance::variants;
use crate::{Error, Result};

pub(in crate::conformance) fn missing<H: Held>(subject: &H) -> Outcome {
    let read = each_column(
        subject,
        variants::without,
        |error, name| matches!(error, Error::ColumnNotFound { column, .. } if column == name),
    )?;
    if read {
        Ok(())
    } else {
        Err("no column is missed when it is missing".into())
    }
}

pub(in crate::conformance) fn wrong_type<H: Held>(subject: &H) -> Outcome {
    for foreign in variants::foreign_types() {
        let spoil = |batch: &RecordBatch, index| variants::with_foreign(batch, index, &foreign);
        each_column(subject, spoil, is_about_type)
            .map_err(|message| format!("{foreign}: {message}"))?;
    }
    Ok(())
}

pub(in crate::conformance) fn duplicate<H: Held>(subject: &H) -> Outcome {
    each_column(
        subject,
        variants::doubled,
        |error, name| matches!(error, Error::DuplicateColumn { column } if column == name),
    )?;
    Ok(())
}

pub(in crate::conformance) fn retyped<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    for (index, field) in sample.schema_ref().fields().iter().enumerate() {
        let retyped = ok(variants::retyped(sample, index))?;
        match subject.apply(&fitted, &retyped) {
            Ok(output) => valid(&output)?,
            Err(Error::InvalidValue { column, .. }) if column == *field.name() => {}
            Err(error) if is_about_type(&error, field.name()) => {}
            Err(error) => return Err(format!("retyped column {:?}: {error}", field.name())),
        }
    }
    Ok(())
}

pub(in crate::conformance) fn extra<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    let more = ok(variants::with_extra(sample))?;
    let output = match subject.apply(&fitted, &more) {
        Ok(output) => output,
        Err(error) => return typed(&error),
    };
    valid(&output)?;
    let kept = ok(without_extra(&output))?;
    let expected = subject.applied(&fitted, sample)?;
    same_by_name(&kept, &expected, "beside a column more")?;
    match subject.fit(&more) {
        Ok(fitted) => subject.applied(&fitted, &more).map(drop),
        Err(error) => typed(&error),
    }
}

pub(in crate::conformance) fn reordered<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    let backwards: Vec<usize> = (0..sample.num_columns()).rev().collect();
    let output = subject.applied(&fitted, &ok(sample.project(&backwards))?)?;
    let expected = subject.applied(&fitted, sample)?;
    same_by_name(&output, &expected, "of columns in another order")
}

fn without_extra(batch: &RecordBatch) -> Result<RecordBatch> {
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|index| batch.schema_ref().field(*index).name() != variants::EXTRA)
        .collect();
    Ok(batch.project(&kept)?)
}

fn same_by_name(found: &RecordBatch, expected: &RecordBatch, what: &str) -> Outcome {
    equal(
        &found.num_columns(),
        &expected.num_columns(),
        &format!("number of columns {what}"),
    )?;
    for (field, column) in expected
        .schema_ref()
        .fields()
        .iter()
        .zip(expected.columns())
    {
        let name = field.name();
        let found = found
            .column_by_name(name)
            .ok_or_else(|| format!("column {name:?} is missing {what}"))?;
        equal(found, column, &format!("column {name:?} {what}"))?;
    }
    Ok(())
}

fn is_about_type(error: &Error, name: &str) -> bool {
    matches!(
        error,
        Error::ColumnType { column, .. } | Error::InvalidTarget { column, .. } if column == name
    )
}

/// Spoils each column in turn: applying works or fails as `expected`, and so does fitting. Whether one failed.
fn each_column<H: Held>(
    subject: &H,
    spoil: impl Fn(&RecordBatch, usize) -> Result<RecordBatch>,
    expected: impl Fn(&Error, &str) -> bool,
) -> Result<bool, String> {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    let mut failed = false;
    for (index, field) in sample.schema_ref().fields().iter().enumerate() {
        let spoiled = ok(spoil(sample, index))?;
        let outputs = [
            subject.apply(&fitted, &spoiled),
            subject
                .fit(&spoiled)
                .and_then(|fitted| subject.apply(&fitted, &spoiled)),
        ];
        for output in outputs.iter().flatten() {
            valid(output)?;
        }
        let schema = subject.check_schema(&fitted, &spoiled);
        let errors = outputs.iter().filter_map(|output| output.as_ref().err());
        for error in errors.chain(schema.as_ref().err()) {
            failed = true;
            if !expected(error, field.name()) {
                return Err(format!("spoiled column {:?}: {error}", field.name()));
            }
        }
    }
    Ok(failed)
}

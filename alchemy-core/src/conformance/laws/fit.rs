//! What a fit owes its caller.

use arrow::array::RecordBatch;

use crate::Error;
use crate::conformance::check::{Outcome, equal, ok, same_batch, typed, valid};
use crate::conformance::held::Held;
use crate::conformance::variants;

pub(in crate::conformance) fn is_repeatable<H: Held>(subject: &H) -> Outcome {
    let state = || subject.state(&subject.fitted(subject.sample())?);
    equal(&state()?, &state()?, "state of a second fit")
}

pub(in crate::conformance) fn leaves_input<H: Held>(subject: &H) -> Outcome {
    let parameters = subject.parameters();
    let before = ok(variants::at_offset(subject.sample(), 0))?;
    let fitted = subject.fitted(subject.sample())?;
    subject.applied(&fitted, subject.sample())?;
    equal(&subject.parameters(), &parameters, "spec after a fit")?;
    same_batch(subject.sample(), &before, "of the input after a fit")
}

pub(in crate::conformance) fn leaves_state<H: Held>(subject: &H) -> Outcome {
    let fitted = subject.fitted(subject.sample())?;
    let before = subject.state(&fitted)?;
    let first = subject.applied(&fitted, subject.sample())?;
    let second = subject.applied(&fitted, subject.sample())?;
    equal(&subject.state(&fitted)?, &before, "state after use")?;
    same_batch(&second, &first, "at the second use")
}

pub(in crate::conformance) fn empty_batch<H: Held>(subject: &H) -> Outcome {
    let empty = subject.sample().slice(0, 0);
    let output = subject.applied(&subject.fitted(subject.sample())?, &empty)?;
    equal(&output.num_rows(), &0, "rows out of no rows")?;
    match subject.fit(&empty) {
        Ok(_) | Err(Error::Empty { .. }) => Ok(()),
        Err(Error::AllNull { column } | Error::InvalidTarget { column, .. }) => {
            names(subject.sample(), &column)
        }
        Err(error) => Err(format!("fit on no rows: {error}")),
    }
}

pub(in crate::conformance) fn all_null<H: Held>(subject: &H) -> Outcome {
    let nulls = ok(variants::all_null(subject.sample()))?;
    match subject.apply(&subject.fitted(subject.sample())?, &nulls) {
        Ok(output) => valid(&output)?,
        Err(Error::RowOrder { .. } | Error::InvalidValue { .. }) => {}
        Err(error) => return Err(format!("use on nulls: {error}")),
    }
    match subject.fit(&nulls) {
        Ok(_) => Ok(()),
        Err(
            Error::AllNull { column }
            | Error::InvalidTarget { column, .. }
            | Error::InvalidValue { column, .. }
            | Error::RowOrder { column, .. },
        ) => names(subject.sample(), &column),
        Err(error) => Err(format!("fit on nulls: {error}")),
    }
}

pub(in crate::conformance) fn one_column<H: Held>(subject: &H) -> Outcome {
    for index in 0..subject.sample().num_columns() {
        let one = ok(subject.sample().project(&[index]))?;
        match subject.fit(&one) {
            Ok(fitted) => drop(subject.applied(&fitted, &one)?),
            Err(error) => typed(&error)?,
        }
    }
    Ok(())
}

pub(in crate::conformance) fn hostile_parameters<H: Held>(subject: &H) -> Outcome {
    for hostile in subject.hostile() {
        let outcome = hostile
            .fit(subject.sample())
            .and_then(|fitted| hostile.apply(&fitted, subject.sample()));
        let outcome = match outcome {
            Ok(output) => valid(&output),
            Err(error) => typed(&error),
        };
        outcome.map_err(|message| format!("{}: {message}", hostile.parameters()))?;
    }
    Ok(())
}

fn names(sample: &RecordBatch, column: &str) -> Outcome {
    let known = sample.schema_ref().index_of(column).is_ok();
    if known {
        Ok(())
    } else {
        Err(format!("the error names {column:?}, which is no column"))
    }
}

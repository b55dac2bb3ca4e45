//! The same values in other bytes.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;

use crate::Error;
use crate::conformance::check::{Outcome, equal, ok, same_columns};
use crate::conformance::held::Held;
use crate::conformance::variants::{self, OFFSETS};

pub(in crate::conformance) fn slices<H: Held>(subject: &H) -> Outcome {
    for offset in OFFSETS {
        let slice = ok(variants::at_offset(subject.sample(), offset))?;
        same_output(subject, &slice, &format!("at offset {offset}"))?;
    }
    Ok(())
}

pub(in crate::conformance) fn text_encodings<H: Held>(subject: &H) -> Outcome {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for encoding in [DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let encoded = ok(variants::with_text_as(subject.sample(), &encoding))?;
        same_output(subject, &encoded, &format!("as {encoding}"))?;
    }
    Ok(())
}

pub(in crate::conformance) fn dictionaries<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let text = ok(variants::with_dictionaries(sample, crate::column::is_text))?;
    same_output(subject, &text, "as dictionaries")?;
    // A dictionary of numbers is read by whoever reads numbers, or refused by name.
    let numbers = ok(variants::with_dictionaries(
        sample,
        crate::column::is_numeric,
    ))?;
    match subject.fit(&numbers) {
        Ok(_) => same_output(subject, &numbers, "as dictionaries of numbers"),
        Err(Error::ColumnType { .. }) => Ok(()),
        Err(error) => Err(format!("dictionaries of numbers: {error}")),
    }
}

pub(in crate::conformance) fn nan_is_null<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    same_output(
        subject,
        &ok(variants::with_nan(sample))?,
        "with NaN for null",
    )?;
    for float in [DataType::Float32, DataType::Float16] {
        let narrow = subject.on(ok(variants::with_floats_as(sample, &float))?);
        let Ok(_) = narrow.fit(narrow.sample()) else {
            continue;
        };
        let nan = ok(variants::with_nan(narrow.sample()))?;
        same_output(&narrow, &nan, &format!("with NaN for null in {float}"))?;
    }
    Ok(())
}

/// Fitting and applying to `variant` gives what the sample gives.
fn same_output<H: Held>(subject: &H, variant: &RecordBatch, what: &str) -> Outcome {
    let (ours, theirs) = (subject.fitted(subject.sample())?, subject.fitted(variant)?);
    let text = |fitted| {
        let state = subject.state(fitted)?;
        Ok::<_, String>(String::from_utf8_lossy(&state).into_owned())
    };
    if !subject.keeps_text_type() || variant.schema() == subject.sample().schema() {
        equal(&text(&theirs)?, &text(&ours)?, &format!("state {what}"))?;
    }
    let plain = |batch| ok(variants::canonical(&batch));
    let ours = plain(subject.applied(&ours, subject.sample())?)?;
    let theirs = plain(subject.applied(&theirs, variant)?)?;
    same_columns(&theirs, &ours, what)
}

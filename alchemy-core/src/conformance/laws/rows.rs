//! Rows beside a row, before and after it.

use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::{concat_batches, take_record_batch};

use crate::conformance::check::{Outcome, ok, same_batch};
use crate::conformance::held::Held;
use crate::conformance::variants;

/// Rows of a sample that batches of 1024 cut.
const MANY_ROWS: usize = 1100;

pub(in crate::conformance) fn order_does_not_show<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    if !subject.is_row_wise(&fitted) {
        return Ok(());
    }
    let order = UInt64Array::from(variants::order(sample.num_rows()));
    let moved = |batch: &RecordBatch| ok(take_record_batch(batch, &order));
    let found = subject.applied(&fitted, &moved(sample)?)?;
    let expected = moved(&subject.applied(&fitted, sample)?)?;
    same_batch(&found, &expected, "of rows in another order")
}

pub(in crate::conformance) fn others_do_not_show<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    if !subject.is_row_wise(&fitted) {
        return Ok(());
    }
    let whole = subject.applied(&fitted, sample)?;
    let nulls = ok(variants::all_null(sample))?;
    for kept in [1, sample.num_rows() / 2] {
        let rows = sample.slice(0, kept);
        let alone = subject.applied(&fitted, &rows)?;
        same_batch(&alone, &whole.slice(0, kept), "of rows alone")?;
        let among = ok(concat_batches(sample.schema_ref(), [&rows, &nulls]))?;
        let among = subject.applied(&fitted, &among)?.slice(0, kept);
        same_batch(&among, &whole.slice(0, kept), "of rows among nulls")?;
    }
    Ok(())
}

/// Where a row's output depends on that row only, pieces give the pieces of the whole.
pub(in crate::conformance) fn cuts_do_not_show<H: Held>(subject: &H) -> Outcome {
    let fitted = subject.fitted(subject.sample())?;
    if !subject.is_row_wise(&fitted) || subject.sample().num_rows() == 0 {
        return Ok(());
    }
    let many = ok(variants::repeated(subject.sample(), MANY_ROWS))?;
    for (batch, rows) in [(subject.sample(), 1), (subject.sample(), 7), (&many, 1024)] {
        let whole = subject.applied(&fitted, batch)?;
        let pieces = variants::pieces_and_gaps(batch, rows);
        let outputs: Vec<RecordBatch> = pieces
            .iter()
            .map(|piece| subject.applied(&fitted, piece))
            .collect::<Result<_, _>>()?;
        let joined = ok(concat_batches(whole.schema_ref(), &outputs))?;
        same_batch(&joined, &whole, &format!("in batches of {rows}"))?;
    }
    Ok(())
}

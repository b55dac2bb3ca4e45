//! Text: what it holds, and what it is in another form.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Datum, Int64Array, LargeStringBuilder, Scalar as One,
    StringArray,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::compute::kernels::comparison;
use arrow::error::ArrowError;

use super::Expr;
use super::evaluate::{Rows, nulls_of, refusal};
use crate::column::{TextColumn, is_text};
use crate::{Pattern, Result};

/// What `expr`, a test or a form of the text that `of` is, gives.
pub(super) fn of_text(expr: &Expr, of: &Expr, rows: &Rows<'_>) -> Result<ArrayRef> {
    let array = of.over(rows)?;
    if !is_text(array.data_type()) {
        return Err(refusal(of, array.data_type(), "text"));
    }
    match expr {
        Expr::Contains(_, part) => part_of(&array, part, comparison::contains),
        Expr::StartsWith(_, start) => part_of(&array, start, comparison::starts_with),
        Expr::EndsWith(_, end) => part_of(&array, end, comparison::ends_with),
        Expr::Matches(_, pattern) => matches(&array, pattern),
        Expr::Length(_) => length(&array),
        _ => lower(&array),
    }
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError>;

fn part_of(array: &ArrayRef, part: &str, kernel: Kernel) -> Result<ArrayRef> {
    let part = cast(&StringArray::from(vec![part]), array.data_type())?;
    Ok(Arc::new(kernel(array, &One::new(part))?))
}

fn matches(array: &ArrayRef, pattern: &Pattern) -> Result<ArrayRef> {
    let mut bits = Vec::with_capacity(array.len());
    TextColumn::new("", array)?
        .for_each(|cell| bits.push(cell.is_some_and(|cell| pattern.is_match(cell))));
    let bits = BooleanBuffer::from(bits);
    Ok(Arc::new(BooleanArray::new(bits, nulls_of(array))))
}

fn length(array: &ArrayRef) -> Result<ArrayRef> {
    let mut lengths = Vec::with_capacity(array.len());
    let count = |cell: &str| i64::try_from(cell.chars().count()).unwrap_or(i64::MAX);
    TextColumn::new("", array)?.for_each(|cell| lengths.push(cell.map_or(0, count)));
    Ok(Arc::new(Int64Array::new(lengths.into(), nulls_of(array))))
}

/// Case may lengthen text, so it is built with 64-bit offsets whatever the input has.
fn lower(array: &ArrayRef) -> Result<ArrayRef> {
    let mut output = LargeStringBuilder::with_capacity(array.len(), 0);
    let mut buffer = String::new();
    TextColumn::new("", array)?.for_each(|cell| match cell {
        Some(cell) if cell.is_ascii() => {
            buffer.clear();
            buffer.push_str(cell);
            buffer.make_ascii_lowercase();
            output.append_value(&buffer);
        }
        Some(cell) => output.append_value(cell.to_lowercase()),
        None => output.append_null(),
    });
    Ok(cast(&output.finish(), array.data_type())?)
}

//! One column held against another, row by row.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef};

use super::Comparison;
use super::exact::Exact;
use crate::column::{Numeric, NumericColumn, TemporalColumn, is_temporal};
use crate::{Error, Result};

/// Calls `fail` with every row in which `left` and `right` do not compare as they should; gives how many have both.
pub(super) fn each_failure(
    (left_name, left): (&str, &ArrayRef),
    is: Comparison,
    (right_name, right): (&str, &ArrayRef),
    fail: &mut dyn FnMut(usize),
) -> Result<usize> {
    let times = is_temporal(left.data_type());
    if times != is_temporal(right.data_type()) {
        return Err(Error::ColumnType {
            column: right_name.to_owned(),
            found: right.data_type().clone(),
            expected: format!("{} or the like, as {left_name:?} is", left.data_type()),
        });
    }
    if times && left.data_type() != right.data_type() {
        let (left, right) = (
            TemporalColumn::new(left_name, left)?,
            TemporalColumn::new(right_name, right)?,
        );
        let order = |row| Some(left.nanos(row)?.cmp(&right.nanos(row)?));
        return Ok(hold(left.len(), is, order, fail));
    }
    let read = if times {
        NumericColumn::ordered
    } else {
        NumericColumn::new
    };
    let (a, b) = (read(left_name, left)?, read(right_name, right)?);
    let (a, b) = (a.view(), b.view());
    Ok(match (&a, &b) {
        (Numeric::I64(a), Numeric::I64(b)) => hold(
            left.len(),
            is,
            |row| Some(a.get(row)?.cmp(&b.get(row)?)),
            fail,
        ),
        (Numeric::F64(a), Numeric::F64(b)) => hold(
            left.len(),
            is,
            |row| a.get(row)?.partial_cmp(&b.get(row)?),
            fail,
        ),
        _ => hold(
            left.len(),
            is,
            |row| Exact::at(&a, row)?.order(Exact::at(&b, row)?),
            fail,
        ),
    })
}

fn hold(
    rows: usize,
    is: Comparison,
    order: impl Fn(usize) -> Option<Ordering>,
    fail: &mut dyn FnMut(usize),
) -> usize {
    let mut checked = 0;
    for row in 0..rows {
        if let Some(order) = order(row) {
            checked += 1;
            if !is.holds(order) {
                fail(row);
            }
        }
    }
    checked
}

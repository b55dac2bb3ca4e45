//! Arithmetic.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, Int64Array, PrimitiveArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::display::name_of;
use super::evaluate::{Rows, refusal, without_nan};
use super::{Expr, Operator};
use crate::Result;
use crate::column::{NumericColumn, is_numeric};

pub(super) fn arithmetic(
    left: &Expr,
    operator: Operator,
    right: &Expr,
    rows: &Rows<'_>,
) -> Result<ArrayRef> {
    // A literal is one value for all rows, as long as the other side says how many there are.
    let (a, b) = match (left, right) {
        (Expr::Literal(_), Expr::Literal(_)) => (numbers(left, rows)?, numbers(right, rows)?),
        (Expr::Literal(_), _) => (numbers(left, &rows.one())?, numbers(right, rows)?),
        (_, Expr::Literal(_)) => (numbers(left, rows)?, numbers(right, &rows.one())?),
        _ => (numbers(left, rows)?, numbers(right, rows)?),
    };
    let is_whole = a.data_type().is_integer() && b.data_type().is_integer();
    match operator {
        Operator::Add if is_whole => integers(&a, &b, i64::overflowing_add),
        Operator::Subtract if is_whole => integers(&a, &b, i64::overflowing_sub),
        Operator::Multiply if is_whole => integers(&a, &b, i64::overflowing_mul),
        Operator::Add => floats(&a, &b, |a, b| a + b),
        Operator::Subtract => floats(&a, &b, |a, b| a - b),
        Operator::Multiply => floats(&a, &b, |a, b| a * b),
        // Not ∞: what is divided by zero is unknown.
        Operator::Divide => floats(&a, &b, |a, b| if b == 0.0 { f64::NAN } else { a / b }),
    }
}

pub(super) fn abs(of: &Expr, rows: &Rows<'_>) -> Result<ArrayRef> {
    let array = numbers(of, rows)?;
    if array.data_type().is_integer() {
        return integers(&array, &array, |value, _| value.overflowing_abs());
    }
    floats(&array, &array, |value, _| value.abs())
}

/// The value of `expr`: integers, or `Float64`.
fn numbers(expr: &Expr, rows: &Rows<'_>) -> Result<ArrayRef> {
    let array = expr.over(rows)?;
    let found = array.data_type();
    if !is_numeric(found) {
        return Err(refusal(expr, found, "a number"));
    }
    if found.is_integer() {
        return Ok(array);
    }
    Ok(cast(&array, &DataType::Float64)?)
}

/// `f` of every two integers, missing where it overflows.
fn integers(a: &ArrayRef, b: &ArrayRef, f: impl Fn(i64, i64) -> (i64, bool)) -> Result<ArrayRef> {
    // What an unsigned integer has beyond 64 bits with sign becomes null here.
    let (a, b) = (cast(a, &DataType::Int64)?, cast(b, &DataType::Int64)?);
    let (a, b) = (a.as_primitive::<Int64Type>(), b.as_primitive::<Int64Type>());
    let mut nulls = common_nulls(a, b);
    let mut overflows = false;
    let values = each_pair(a.values(), b.values(), |a, b| {
        let (value, overflow) = f(a, b);
        overflows |= overflow;
        value
    });
    if overflows {
        let fits = each_pair(a.values(), b.values(), |a, b| !f(a, b).1);
        nulls = NullBuffer::union(nulls.as_ref(), Some(&NullBuffer::from(fits)));
    }
    Ok(Arc::new(Int64Array::new(values.into(), nulls)))
}

/// `f` of every two numbers, missing where it is NaN.
fn floats(a: &ArrayRef, b: &ArrayRef, f: impl Fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let (a, b) = (cast(a, &DataType::Float64)?, cast(b, &DataType::Float64)?);
    let (a, b) = (
        a.as_primitive::<Float64Type>(),
        b.as_primitive::<Float64Type>(),
    );
    let values = each_pair(a.values(), b.values(), f);
    let array: ArrayRef = Arc::new(Float64Array::new(values.into(), common_nulls(a, b)));
    without_nan("", &array)
}

/// `f` of every two values; of one side there may be one for all.
fn each_pair<T: Copy, U>(a: &[T], b: &[T], mut f: impl FnMut(T, T) -> U) -> Vec<U> {
    match (a, b) {
        ([a], b) => b.iter().map(|b| f(*a, *b)).collect(),
        (a, [b]) => a.iter().map(|a| f(*a, *b)).collect(),
        (a, b) => a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect(),
    }
}

/// Where both sides have a value, of which one may stand for all rows of the other.
fn common_nulls<T: ArrowPrimitiveType>(
    a: &PrimitiveArray<T>,
    b: &PrimitiveArray<T>,
) -> Option<NullBuffer> {
    let (of_all, of_one) = if a.len() == 1 { (b, a) } else { (a, b) };
    if of_one.len() == 1 && of_one.null_count() == 1 {
        return Some(NullBuffer::new_null(of_all.len()));
    }
    let of_one = of_one.nulls().filter(|nulls| nulls.len() == of_all.len());
    NullBuffer::union(of_all.nulls(), of_one)
}

/// The value of `expr`, an array of numbers, in a native type.
pub(super) fn native(expr: &Expr, array: &ArrayRef) -> Result<NumericColumn> {
    NumericColumn::ordered(&name_of(expr), array)
}

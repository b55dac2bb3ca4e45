//! Comparisons.

use std::cmp::Ordering;
use std::ops::Bound;

use arrow::array::{Array, ArrayRef, BooleanArray, Datum, Scalar as One, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::boolean::not;
use arrow::compute::{cast, kernels::cmp};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::Expr;
use super::display::name_of;
use super::evaluate::{Rows, nulls_of, refusal};
use super::member::inside;
use super::number::native;
use crate::column::{
    Numeric, TemporalColumn, is_boolean, is_numeric, is_temporal, is_text, tick_of,
};
use crate::contract::exact::Exact;
use crate::{Comparison, Interval, Result, Scalar};

pub(super) fn compare(
    left: &Expr,
    is: Comparison,
    right: &Expr,
    rows: &Rows<'_>,
) -> Result<BooleanArray> {
    match (left, right) {
        (Expr::Literal(_), Expr::Literal(_)) => {}
        (_, Expr::Literal(value)) => return with_literal(left, is, value, rows),
        (Expr::Literal(value), _) => return with_literal(right, is.flipped(), value, rows),
        _ => {}
    }
    let (a, b) = (left.over(rows)?, right.over(rows)?);
    let (kind, name): (fn(&DataType) -> bool, _) = match a.data_type() {
        found if is_numeric(found) => (is_numeric, "a number"),
        found if is_text(found) => (is_text, "text"),
        found if is_temporal(found) => (is_temporal, "a date or time"),
        _ => (is_boolean, "a Boolean"),
    };
    if !kind(b.data_type()) {
        let expected = format!("{name}, as {} is", name_of(left));
        return Err(refusal(right, b.data_type(), expected));
    }
    if is_text(a.data_type()) {
        return texts(&a, is, &b);
    }
    if is_boolean(a.data_type()) {
        check_order(left, a.data_type(), is)?;
        return Ok(kernel(is)(&a, &b)?);
    }
    let nulls = NullBuffer::union(nulls_of(&a).as_ref(), nulls_of(&b).as_ref());
    let bits = if is_temporal(a.data_type()) && a.data_type() != b.data_type() {
        let a = TemporalColumn::new(&name_of(left), &a)?;
        let b = TemporalColumn::new(&name_of(right), &b)?;
        let order = |row| Some(a.nanos(row)?.cmp(&b.nanos(row)?));
        by_order(a.len(), is, order)
    } else {
        numbers((left, &a), is, (right, &b))?
    };
    Ok(BooleanArray::new(bits, nulls))
}

fn with_literal(
    of: &Expr,
    is: Comparison,
    value: &Scalar,
    rows: &Rows<'_>,
) -> Result<BooleanArray> {
    let array = of.over(rows)?;
    let found = array.data_type();
    match value {
        Scalar::Integer(_) | Scalar::Number(_) if is_numeric(found) => {
            in_order(of, &array, is, value)
        }
        Scalar::Text(text) if is_temporal(found) && tick_of(text, found).is_some() => {
            in_order(of, &array, is, value)
        }
        Scalar::Text(text) if is_text(found) => {
            let text = cast(&StringArray::from(vec![text.as_str()]), found)?;
            Ok(kernel(is)(&array, &One::new(text))?)
        }
        Scalar::Boolean(flag) if is_boolean(found) => {
            check_order(of, found, is)?;
            let flag = BooleanArray::new_scalar(*flag);
            Ok(kernel(is)(&array, &flag)?)
        }
        _ => Err(refusal(of, found, in_words(value))),
    }
}

/// What compares with `value`.
pub(super) fn in_words(value: &Scalar) -> String {
    let kind = match value {
        Scalar::Boolean(_) => "a Boolean",
        Scalar::Integer(_) | Scalar::Number(_) => "a number",
        Scalar::Text(_) => "text",
    };
    let value = Expr::Literal(value.clone());
    format!(
        "{kind}, to compare with {}",
        crate::shorten(&value.to_string())
    )
}

/// Numbers or times against one of their kind: where they compare like this is an interval, or all but one.
fn in_order(of: &Expr, array: &ArrayRef, is: Comparison, value: &Scalar) -> Result<BooleanArray> {
    use Bound::{Excluded, Included, Unbounded};
    let value = value.clone();
    let (low, high) = match is {
        Comparison::Below => (Unbounded, Excluded(value)),
        Comparison::AtMost => (Unbounded, Included(value)),
        Comparison::Above => (Excluded(value), Unbounded),
        Comparison::AtLeast => (Included(value), Unbounded),
        Comparison::Equal | Comparison::NotEqual => (Included(value.clone()), Included(value)),
    };
    let inside = inside(of, array, &Interval::unchecked(low, high))?;
    if is == Comparison::NotEqual {
        return Ok(not(&inside)?);
    }
    Ok(inside)
}

fn check_order(of: &Expr, found: &DataType, is: Comparison) -> Result<()> {
    if matches!(is, Comparison::Equal | Comparison::NotEqual) {
        return Ok(());
    }
    Err(refusal(of, found, "of a type that has an order"))
}

fn texts(a: &ArrayRef, is: Comparison, b: &ArrayRef) -> Result<BooleanArray> {
    if a.data_type() == b.data_type() {
        return Ok(kernel(is)(a, b)?);
    }
    let wide = |array| cast(array, &DataType::LargeUtf8);
    Ok(kernel(is)(&wide(a)?, &wide(b)?)?)
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError>;

fn kernel(is: Comparison) -> Kernel {
    match is {
        Comparison::Below => cmp::lt,
        Comparison::AtMost => cmp::lt_eq,
        Comparison::Equal => cmp::eq,
        Comparison::NotEqual => cmp::neq,
        Comparison::Above => cmp::gt,
        Comparison::AtLeast => cmp::gt_eq,
    }
}

/// Arrow's kernels are not for numbers: to them −0 is less than 0.
fn numbers(
    (left, a): (&Expr, &ArrayRef),
    comparison: Comparison,
    (right, b): (&Expr, &ArrayRef),
) -> Result<BooleanBuffer> {
    let is = |array: &ArrayRef, types: &[DataType]| types.contains(array.data_type());
    let wide = [DataType::Int64, DataType::UInt64];
    let both_float = is(a, &[DataType::Float64]) && is(b, &[DataType::Float64]);
    if is_numeric(a.data_type()) && !both_float && !is(a, &wide) && !is(b, &wide) {
        // Every number of these types is a float.
        let (a, b) = (cast(a, &DataType::Float64)?, cast(b, &DataType::Float64)?);
        return numbers((left, &a), comparison, (right, &b));
    }
    let (a, b) = (native(left, a)?, native(right, b)?);
    let (a, b) = (a.view(), b.view());
    Ok(match (&a, &b) {
        (Numeric::I32(a), Numeric::I32(b)) => by_value(a.slots(), comparison, b.slots()),
        (Numeric::I64(a), Numeric::I64(b)) => by_value(a.slots(), comparison, b.slots()),
        (Numeric::U64(a), Numeric::U64(b)) => by_value(a.slots(), comparison, b.slots()),
        (Numeric::F64(a), Numeric::F64(b)) => by_value(a.slots(), comparison, b.slots()),
        _ => by_order(a.len(), comparison, |row| {
            Exact::at(&a, row)?.order(Exact::at(&b, row)?)
        }),
    })
}

fn by_value<T: PartialOrd>(a: &[T], is: Comparison, b: &[T]) -> BooleanBuffer {
    fn bits<T>(a: &[T], b: &[T], holds: impl Fn(&T, &T) -> bool) -> BooleanBuffer {
        BooleanBuffer::collect_bool(a.len().min(b.len()), |row| holds(&a[row], &b[row]))
    }
    match is {
        Comparison::Below => bits(a, b, T::lt),
        Comparison::AtMost => bits(a, b, T::le),
        Comparison::Equal => bits(a, b, T::eq),
        Comparison::NotEqual => bits(a, b, T::ne),
        Comparison::Above => bits(a, b, T::gt),
        Comparison::AtLeast => bits(a, b, T::ge),
    }
}

fn by_order(
    rows: usize,
    is: Comparison,
    order: impl Fn(usize) -> Option<Ordering>,
) -> BooleanBuffer {
    BooleanBuffer::collect_bool(rows, |row| order(row).is_some_and(|order| is.holds(order)))
}

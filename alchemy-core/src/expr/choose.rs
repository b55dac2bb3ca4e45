//! One of two values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array};
use arrow::compute::kernels::boolean::{is_not_null, is_null};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{cast, nullif};
use arrow::datatypes::DataType;

use super::Expr;
use super::display::name_of;
use super::evaluate::{Rows, refusal};
use crate::column::{is_boolean, is_numeric, is_temporal, is_text, tick_of};
use crate::{Result, Scalar};

pub(super) fn coalesce(first: &Expr, second: &Expr, rows: &Rows<'_>) -> Result<ArrayRef> {
    let (a, b) = alike(first, second, rows)?;
    Ok(zip(&is_not_null(&a)?, &a, &b)?)
}

pub(super) fn either(
    condition: &Expr,
    then: &Expr,
    otherwise: &Expr,
    rows: &Rows<'_>,
) -> Result<ArrayRef> {
    let mask = rows.condition(condition)?;
    let (a, b) = alike(then, otherwise, rows)?;
    let chosen = zip(&mask, &a, &b)?;
    Ok(if mask.null_count() == 0 {
        chosen
    } else {
        nullif(&chosen, &is_null(&mask)?)?
    })
}

/// Both values, in one type.
fn alike(first: &Expr, second: &Expr, rows: &Rows<'_>) -> Result<(ArrayRef, ArrayRef)> {
    let (a, b) = (first.over(rows)?, second.over(rows)?);
    let data_type = common((first, a.data_type()), (second, b.data_type()))?;
    Ok((
        in_type(first, &a, &data_type)?,
        in_type(second, &b, &data_type)?,
    ))
}

fn in_type(expr: &Expr, array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    let tick = match expr {
        Expr::Literal(Scalar::Text(text)) if is_temporal(data_type) => tick_of(text, data_type),
        _ => None,
    };
    let Some(tick) = tick else {
        return Ok(cast(array, data_type)?);
    };
    let ticks: ArrayRef = Arc::new(Int64Array::from_value(tick, array.len()));
    if *data_type == DataType::Date32 {
        return Ok(cast(&cast(&ticks, &DataType::Int32)?, data_type)?);
    }
    Ok(cast(&ticks, data_type)?)
}

fn common((first, a): (&Expr, &DataType), (second, b): (&Expr, &DataType)) -> Result<DataType> {
    if a == b {
        return Ok(a.clone());
    }
    match (first, second) {
        (_, Expr::Literal(value)) if can_be(value, a) => return Ok(a.clone()),
        (Expr::Literal(value), _) if can_be(value, b) => return Ok(b.clone()),
        _ => {}
    }
    if is_text(a) && is_text(b) {
        return Ok(DataType::LargeUtf8);
    }
    if is_numeric(a) && is_numeric(b) {
        let whole = a.is_integer() && b.is_integer();
        return Ok(match (a.is_unsigned_integer(), b.is_unsigned_integer()) {
            (true, true) => DataType::UInt64,
            _ if whole && *a != DataType::UInt64 && *b != DataType::UInt64 => DataType::Int64,
            _ => DataType::Float64,
        });
    }
    let expected = format!("{a} or the like, as {} is", name_of(first));
    Err(refusal(second, b, expected))
}

/// Whether `value` can be written as a `data_type`.
fn can_be(value: &Scalar, data_type: &DataType) -> bool {
    match value {
        Scalar::Boolean(_) => is_boolean(data_type),
        Scalar::Text(text) => {
            is_text(data_type) || is_temporal(data_type) && tick_of(text, data_type).is_some()
        }
        Scalar::Integer(value) => match data_type {
            DataType::Int8 => i8::try_from(*value).is_ok(),
            DataType::Int16 => i16::try_from(*value).is_ok(),
            DataType::Int32 => i32::try_from(*value).is_ok(),
            DataType::Int64 => i64::try_from(*value).is_ok(),
            DataType::UInt8 => u8::try_from(*value).is_ok(),
            DataType::UInt16 => u16::try_from(*value).is_ok(),
            DataType::UInt32 => u32::try_from(*value).is_ok(),
            DataType::UInt64 => u64::try_from(*value).is_ok(),
            _ => false,
        },
        Scalar::Number(_) => false,
    }
}

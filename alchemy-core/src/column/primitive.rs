//! Columns of fixed width in their own type, read and written.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use super::{is_temporal, wrong_type};
use crate::Result;

/// Code that is generic over the Arrow type of a column of numbers; see [`visit_primitive`].
pub trait VisitPrimitive {
    /// What the visit returns.
    type Out;
    /// Runs on the array in its own type.
    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> Self::Out;
}

/// Runs `visitor` on a column of numbers in its own type, decimals and half floats included: where values are not only
/// read, as by [`NumericColumn`](super::NumericColumn), but written in that type.
///
/// # Errors
///
/// [`Error::ColumnType`](crate::Error::ColumnType) for any other type; a dictionary is one.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, ArrowNativeTypeOp, Int8Array, PrimitiveArray};
/// use alchemy_core::arrow::datatypes::ArrowPrimitiveType;
/// use alchemy_core::column::{VisitPrimitive, visit_primitive};
///
/// struct Doubled;
///
/// impl VisitPrimitive for Doubled {
///     type Out = ArrayRef;
///     fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> ArrayRef {
///         Arc::new(array.unary::<_, T>(|value| value.add_wrapping(value)))
///     }
/// }
///
/// let array = Arc::new(Int8Array::from(vec![Some(1), None])) as ArrayRef;
/// let expected = Int8Array::from(vec![Some(2), None]);
/// assert_eq!(visit_primitive("x", &array, Doubled)?.as_ref(), &expected);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn visit_primitive<V: VisitPrimitive>(
    name: &str,
    array: &ArrayRef,
    visitor: V,
) -> Result<V::Out> {
    Ok(match array.data_type() {
        DataType::Int8 => visitor.visit(array.as_primitive::<Int8Type>()),
        DataType::Int16 => visitor.visit(array.as_primitive::<Int16Type>()),
        DataType::Int32 => visitor.visit(array.as_primitive::<Int32Type>()),
        DataType::Int64 => visitor.visit(array.as_primitive::<Int64Type>()),
        DataType::UInt8 => visitor.visit(array.as_primitive::<UInt8Type>()),
        DataType::UInt16 => visitor.visit(array.as_primitive::<UInt16Type>()),
        DataType::UInt32 => visitor.visit(array.as_primitive::<UInt32Type>()),
        DataType::UInt64 => visitor.visit(array.as_primitive::<UInt64Type>()),
        DataType::Float16 => visitor.visit(array.as_primitive::<Float16Type>()),
        DataType::Float32 => visitor.visit(array.as_primitive::<Float32Type>()),
        DataType::Float64 => visitor.visit(array.as_primitive::<Float64Type>()),
        DataType::Decimal128(..) => visitor.visit(array.as_primitive::<Decimal128Type>()),
        _ => return Err(wrong_type(name, array, "a number")),
    })
}

/// Dates and timestamps as their counts of units since 1970, without a copy; every other array as it is.
///
/// # Errors
///
/// An Arrow error when a dictionary cannot be unpacked.
pub fn ticks(array: &ArrayRef) -> Result<ArrayRef> {
    if !is_temporal(array.data_type()) {
        return Ok(array.clone());
    }
    let integer = if *array.data_type() == DataType::Date32 {
        DataType::Int32
    } else {
        DataType::Int64
    };
    Ok(cast(array, &integer)?)
}

//! Casts that lose nothing.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::compute::kernels::cmp::eq;
use alchemy_core::arrow::compute::{cast, nullif};
use alchemy_core::arrow::datatypes::{DataType, Float64Type};

use super::extent::is_near;

/// `values`, which has no NaN, as `to`; null where that is another number. A float may be off by the share `tolerance`.
///
/// A cast of Arrow's is null beyond the range, but cuts fractions off and rounds floats: what comes back of it tells.
pub(super) fn exact_cast(values: &ArrayRef, to: &DataType, tolerance: f64) -> Result<ArrayRef> {
    let from = values.data_type();
    let output = cast(values, to)?;
    if from.is_integer() && to.is_integer() {
        return Ok(output);
    }
    let back = cast(&output, from)?;
    let same = if from.is_integer() {
        let same = eq(&back, values)?;
        match same.nulls() {
            Some(valid) => same.values() & valid.inner(),
            None => same.values().clone(),
        }
    } else {
        let tolerance = if *to == DataType::Float32 {
            tolerance
        } else {
            0.0
        };
        let (values, back) = (
            cast(values, &DataType::Float64)?,
            cast(&back, &DataType::Float64)?,
        );
        let values = values.as_primitive::<Float64Type>().values();
        let back = back.as_primitive::<Float64Type>().values();
        let near = |row: usize| is_near(values[row], back[row], tolerance);
        BooleanBuffer::collect_bool(values.len(), near)
    };
    if same.count_set_bits() == same.len() {
        return Ok(output);
    }
    Ok(nullif(&output, &BooleanArray::from(!&same))?)
}

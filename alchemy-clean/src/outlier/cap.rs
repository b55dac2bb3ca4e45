//! Moving values to the fence.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef, Float64Array, Scalar};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::compute::kernels::cmp::{gt, lt};
use alchemy_core::arrow::compute::kernels::zip::zip;
use alchemy_core::arrow::datatypes::DataType;

use super::Fences;

/// `values` with what is beyond a fence moved to it; nulls stay.
pub(super) fn cap(values: &ArrayRef, fences: Fences) -> Result<ArrayRef> {
    let mut capped = values.clone();
    if let Some(lower) = bound(fences.lower(), f64::ceil, values.data_type())? {
        capped = zip(&lt(&capped, &lower)?, &lower, &capped)?;
    }
    if let Some(upper) = bound(fences.upper(), f64::floor, values.data_type())? {
        capped = zip(&gt(&capped, &upper)?, &upper, &capped)?;
    }
    Ok(capped)
}

/// `fence` as a value of the column's type: an integer column takes the last integer inside it. `None` without a fence,
/// or where it lies beyond all values of the type.
fn bound(
    fence: Option<f64>,
    inwards: fn(f64) -> f64,
    data_type: &DataType,
) -> Result<Option<Scalar<ArrayRef>>> {
    let Some(fence) = fence else {
        return Ok(None);
    };
    let fence = if data_type.is_integer() {
        inwards(fence)
    } else {
        fence
    };
    let bound = cast(&Float64Array::from(vec![fence]), data_type)?;
    Ok(bound.is_valid(0).then(|| Scalar::new(bound)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{Decimal128Array, Float32Array, Int64Array, UInt8Array};

    use super::*;

    fn capped(values: impl Array + 'static, lower: f64, upper: f64) -> ArrayRef {
        cap(
            &(Arc::new(values) as ArrayRef),
            Fences::new(Some(lower), Some(upper)),
        )
        .unwrap()
    }

    #[test]
    fn an_integer_stays_inside_the_fence() {
        let ints = Int64Array::from(vec![Some(-9), Some(1), None, Some(3), Some(i64::MAX)]);
        let wanted = Int64Array::from(vec![Some(1), Some(1), None, Some(2), Some(2)]);
        assert_eq!(capped(ints, 0.5, 2.5).as_ref(), &wanted);
    }

    #[test]
    fn a_fence_beyond_the_type_holds_nothing_back() {
        let bytes = UInt8Array::from(vec![0, 200, 255]);
        assert_eq!(capped(bytes.clone(), -3.0, 300.0).as_ref(), &bytes);
        let wanted = UInt8Array::from(vec![0, 200, 254]);
        assert_eq!(capped(bytes, -3.0, 254.0).as_ref(), &wanted);
    }

    #[test]
    fn floats_and_decimals_are_capped_in_their_type() {
        let floats = Float32Array::from(vec![f32::NEG_INFINITY, 0.2, f32::INFINITY]);
        let wanted = Float32Array::from(vec![0.1, 0.2, 0.3]);
        assert_eq!(capped(floats, 0.1, 0.3).as_ref(), &wanted);
        let decimal = |values| {
            Decimal128Array::from(values)
                .with_precision_and_scale(5, 1)
                .unwrap()
        };
        let wanted = decimal(vec![2, 10, 99]);
        assert_eq!(
            capped(decimal(vec![-50, 10, 200]), 0.2, 9.9).as_ref(),
            &wanted
        );
    }

    #[test]
    fn fences_with_no_integer_between_them_give_one_value() {
        let once = capped(Int64Array::from(vec![1, 2, 3, 4]), 2.5, 2.5);
        assert_eq!(once.as_ref(), &Int64Array::from(vec![2; 4]));
    }
}

//! Fences in the type of a column, and the passes over its values.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, BooleanArray, Float64Array, PrimitiveArray,
};
use alchemy_core::arrow::buffer::{BooleanBuffer, NullBuffer};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{ArrowPrimitiveType, DataType};
use alchemy_core::column::{NumericColumn, VisitPrimitive, visit_primitive};
use alchemy_core::{Error, Result};

use super::Fences;
use crate::mapped::{is_nan, mapped};

/// The fences of one or more groups as values of a column's type: integers and decimals take the last value inside a
/// fence, floats the one of their type next to it. Null is no fence, or one beyond all values of the type.
#[derive(Debug)]
pub(super) struct Bounds {
    lower: ArrayRef,
    upper: ArrayRef,
}

/// Which way is inside.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    Above,
    Below,
}

impl Bounds {
    pub(super) fn new(name: &str, fences: &[&Fences], data_type: &DataType) -> Result<Self> {
        let lower: Float64Array = fences.iter().map(|fences| fences.lower()).collect();
        let upper: Float64Array = fences.iter().map(|fences| fences.upper()).collect();
        Ok(Self {
            lower: in_type(name, &lower, data_type, Inside::Above)?,
            upper: in_type(name, &upper, data_type, Inside::Below)?,
        })
    }

    /// Refuses fences that no value of a type is inside of.
    pub(super) fn check(name: &str, fences: &Fences, data_type: &DataType) -> Result<()> {
        let bounds = Self::new(name, &[fences], data_type)?;
        let unmet = |fence: Option<f64>, bound: &ArrayRef, inside: Inside| {
            let bound = NumericColumn::new(name, bound)?;
            let is_there = bound.view().get(0).is_some_and(f64::is_finite);
            // A fence that is no value lies beyond all of them, on one side or the other.
            let fence =
                fence.filter(|fence| !is_there && (*fence > 0.0) == (inside == Inside::Above));
            match fence {
                None => Ok(()),
                Some(fence) => Err(Error::parameter(
                    "bounds",
                    format!(
                        "no value of column {name:?}, which is {data_type}, is inside a fence at {fence}"
                    ),
                )),
            }
        };
        unmet(fences.lower(), &bounds.lower, Inside::Above)?;
        unmet(fences.upper(), &bounds.upper, Inside::Below)
    }
}

fn in_type(
    name: &str,
    fences: &Float64Array,
    data_type: &DataType,
    inside: Inside,
) -> Result<ArrayRef> {
    let bounds = cast(fences, data_type)?;
    if data_type.is_floating() {
        return Ok(bounds);
    }
    let step = StepInside {
        fences,
        bounds: &NumericColumn::new(name, &bounds)?,
        inside,
    };
    visit_primitive(name, &bounds, step)
}

/// Moves rounded bounds that came to lie outside their fences by one unit.
struct StepInside<'a> {
    fences: &'a Float64Array,
    bounds: &'a NumericColumn,
    inside: Inside,
}

impl VisitPrimitive for StepInside<'_> {
    type Out = ArrayRef;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> ArrayRef {
        let bounds = self.bounds.view();
        let fences = self.fences.iter().enumerate();
        let stepped = fences.zip(array.iter()).map(|((row, fence), bound)| {
            let (fence, bound, number) = (fence?, bound?, bounds.get(row)?);
            match self.inside {
                Inside::Above if number < fence => bound.add_checked(T::Native::ONE).ok(),
                Inside::Below if number > fence => bound.sub_checked(T::Native::ONE).ok(),
                _ => Some(bound),
            }
        });
        let stepped: PrimitiveArray<T> = stepped.collect();
        Arc::new(stepped.with_data_type(array.data_type().clone()))
    }
}

/// Which group each row is of; `None` where all are of the first.
type Ids<'a> = Option<&'a [u32]>;

/// `values` with what is beyond a fence moved to it and null for NaN, and which were moved.
pub(super) fn cap(
    name: &str,
    values: &ArrayRef,
    bounds: &Bounds,
    ids: Ids<'_>,
) -> Result<(ArrayRef, BooleanBuffer)> {
    visit_primitive(name, values, Cap { bounds, ids })
}

/// Which values are beyond a fence.
pub(super) fn outside(
    name: &str,
    values: &ArrayRef,
    bounds: &Bounds,
    ids: Ids<'_>,
) -> Result<BooleanBuffer> {
    visit_primitive(name, values, Outside { bounds, ids })
}

/// `values` with null where `outside` says so, or where they are NaN.
pub(super) fn nulled(name: &str, values: &ArrayRef, outside: &BooleanBuffer) -> Result<ArrayRef> {
    visit_primitive(name, values, Nulled { outside })
}

/// The bounds of a group in a native type.
#[derive(Clone, Copy)]
struct Native<N> {
    lower: N,
    upper: N,
}

impl<N: ArrowNativeTypeOp> Native<N> {
    fn is_outside(self, value: N) -> bool {
        value < self.lower || value > self.upper
    }

    /// The lower fence first: where no integer lies between two fences, it is the upper that holds.
    fn cap(self, value: N) -> N {
        let value = if value < self.lower {
            self.lower
        } else {
            value
        };
        if value > self.upper {
            self.upper
        } else {
            value
        }
    }
}

fn native<T: ArrowPrimitiveType>(bounds: &Bounds) -> Vec<Native<T::Native>> {
    let side = |array: &ArrayRef| PrimitiveArray::<T>::from(array.to_data());
    let (lower, upper) = (side(&bounds.lower), side(&bounds.upper));
    // No value is less than the least, nor is any less than a NaN.
    let pairs = lower.iter().zip(upper.iter());
    pairs
        .map(|(lower, upper)| Native {
            lower: lower.unwrap_or(T::Native::MIN_TOTAL_ORDER),
            upper: upper.unwrap_or(T::Native::MAX_TOTAL_ORDER),
        })
        .collect()
}

struct Cap<'a> {
    bounds: &'a Bounds,
    ids: Ids<'a>,
}

impl VisitPrimitive for Cap<'_> {
    type Out = (ArrayRef, BooleanBuffer);

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> Self::Out {
        let bounds = native::<T>(self.bounds);
        let (values, nulls) = (array.values(), array.nulls());
        let each = |bounds: Native<T::Native>, value: T::Native, valid: bool| {
            let capped = bounds.cap(value);
            let present = valid && !is_nan(&value);
            (capped, [present && capped != value, present])
        };
        let (capped, [moved, present]) = match (self.ids, bounds.as_slice()) {
            (Some(ids), bounds) => mapped(values, nulls, |row, value, valid| {
                each(bounds[ids[row] as usize], value, valid)
            }),
            (None, [bounds, ..]) => {
                mapped(values, nulls, |_, value, valid| each(*bounds, value, valid))
            }
            (None, []) => {
                return (
                    Arc::new(array.clone()),
                    BooleanBuffer::new_unset(array.len()),
                );
            }
        };
        let nulls = present_as_nulls(present, array);
        let capped = PrimitiveArray::<T>::new(capped.into(), nulls);
        let capped = capped.with_data_type(array.data_type().clone());
        (Arc::new(capped), moved)
    }
}

struct Outside<'a> {
    bounds: &'a Bounds,
    ids: Ids<'a>,
}

impl VisitPrimitive for Outside<'_> {
    type Out = BooleanBuffer;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> BooleanBuffer {
        let bounds = native::<T>(self.bounds);
        let (values, nulls) = (array.values(), array.nulls());
        let (_, [outside]) = match (self.ids, bounds.as_slice()) {
            (Some(ids), bounds) => mapped(values, nulls, |row, value, valid| {
                ((), [valid && bounds[ids[row] as usize].is_outside(value)])
            }),
            (None, [bounds, ..]) => mapped(values, nulls, |_, value, valid| {
                ((), [valid && bounds.is_outside(value)])
            }),
            (None, []) => return BooleanBuffer::new_unset(array.len()),
        };
        outside
    }
}

struct Nulled<'a> {
    outside: &'a BooleanBuffer,
}

impl VisitPrimitive for Nulled<'_> {
    type Out = ArrayRef;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> ArrayRef {
        let each = |_, value, valid: bool| ((), [valid && !is_nan(&value)]);
        let (_, [present]) = mapped(array.values(), array.nulls(), each);
        let present = &present & &!self.outside;
        let nulls = present_as_nulls(present, array);
        let kept = PrimitiveArray::<T>::new(array.values().clone(), nulls);
        Arc::new(kept.with_data_type(array.data_type().clone()))
    }
}

/// The nulls of an array of which `present` is there.
fn present_as_nulls<T: ArrowPrimitiveType>(
    present: BooleanBuffer,
    array: &PrimitiveArray<T>,
) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(present);
    if nulls.null_count() == array.null_count() {
        return array.nulls().cloned();
    }
    Some(nulls)
}

/// A mask without nulls.
pub(super) fn mask(bits: BooleanBuffer) -> BooleanArray {
    BooleanArray::new(bits, None)
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::{Decimal128Array, Float32Array, Int64Array, UInt8Array};

    use super::*;

    fn capped(values: impl Array + 'static, lower: f64, upper: f64) -> ArrayRef {
        let values = Arc::new(values) as ArrayRef;
        let fences = Fences::new(Some(lower), Some(upper));
        let bounds = Bounds::new("x", &[&fences], values.data_type()).unwrap();
        cap("x", &values, &bounds, None).unwrap().0
    }

    #[test]
    fn an_integer_stays_inside_the_fence() {
        let ints = Int64Array::from(vec![Some(-9), Some(1), None, Some(3), Some(i64::MAX)]);
        let wanted = Int64Array::from(vec![Some(1), Some(1), None, Some(2), Some(2)]);
        assert_eq!(capped(ints, 0.5, 2.5).as_ref(), &wanted);
    }

    #[test]
    fn a_fence_beyond_the_type_holds_nothing_back_or_is_refused() {
        let bytes = UInt8Array::from(vec![0, 200, 255]);
        assert_eq!(capped(bytes.clone(), -3.0, 300.0).as_ref(), &bytes);
        let wanted = UInt8Array::from(vec![0, 200, 254]);
        assert_eq!(capped(bytes, -3.0, 254.0).as_ref(), &wanted);
        let unmet = Fences::new(Some(300.0), None);
        let error = Bounds::check("x", &unmet, &DataType::UInt8).unwrap_err();
        assert_eq!(
            error.to_string(),
            "parameter `bounds`: no value of column \"x\", which is UInt8, is inside a fence at 300"
        );
        let unmet = Fences::new(None, Some(-1e300));
        assert!(Bounds::check("x", &unmet, &DataType::Float32).is_err());
        let unmet = Fences::new(None, Some(-0.5));
        assert!(Bounds::check("x", &unmet, &DataType::UInt8).is_err());
        assert!(Bounds::check("x", &unmet, &DataType::Int8).is_ok());
    }

    #[test]
    fn floats_and_decimals_are_capped_in_their_type() {
        let floats = Float32Array::from(vec![f32::NEG_INFINITY, 0.2, f32::INFINITY, f32::NAN]);
        let wanted = Float32Array::from(vec![Some(0.1), Some(0.2), Some(0.3), None]);
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
        assert_eq!(
            capped(decimal(vec![-50, 10, 200]), 0.11, 9.99).as_ref(),
            &wanted
        );
    }

    #[test]
    fn fences_with_no_integer_between_them_give_one_value() {
        let once = capped(Int64Array::from(vec![1, 2, 3, 4]), 2.5, 2.5);
        assert_eq!(once.as_ref(), &Int64Array::from(vec![2; 4]));
    }

    #[test]
    fn each_group_has_its_own_fences() {
        let values = Arc::new(Int64Array::from(vec![1, 9, 1, 9])) as ArrayRef;
        let fences = [&Fences::new(Some(2.0), None), &Fences::new(None, Some(8.0))];
        let bounds = Bounds::new("x", &fences, &DataType::Int64).unwrap();
        let ids = [0, 0, 1, 1];
        let (capped, moved) = cap("x", &values, &bounds, Some(&ids)).unwrap();
        assert_eq!(capped.as_ref(), &Int64Array::from(vec![2, 9, 1, 8]));
        assert_eq!(moved.iter().collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(outside("x", &values, &bounds, Some(&ids)).unwrap(), moved);
    }
}

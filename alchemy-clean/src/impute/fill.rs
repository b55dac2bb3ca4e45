//! Putting values where cells are missing.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, BooleanArray, PrimitiveArray, Scalar,
};
use alchemy_core::arrow::buffer::{BooleanBuffer, NullBuffer};
use alchemy_core::arrow::compute::kernels::zip::zip;
use alchemy_core::arrow::compute::{cast, interleave, is_null};
use alchemy_core::arrow::datatypes::{ArrowPrimitiveType, DataType};
use alchemy_core::column::{VisitPrimitive, is_numeric, is_temporal, ticks, visit_primitive};
use alchemy_core::{Error, Result};

use crate::mapped::{is_nan, mapped};

/// Which of the candidates a row takes where its cell is missing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice<'a> {
    /// All rows the first.
    First,
    /// Each row its own; the position for a row that is not missing is arbitrary, but within the candidates.
    ByRow(&'a [u32]),
}

/// The column `name` without a missing cell, and which cells were missing.
pub(super) fn fill(
    name: &str,
    array: &ArrayRef,
    candidates: &ArrayRef,
    choice: Choice<'_>,
) -> Result<(ArrayRef, BooleanArray)> {
    let values = unpacked(array)?;
    if !has_missing(name, &values)? {
        let none = BooleanBuffer::new_unset(array.len());
        return Ok((array.clone(), none.into()));
    }
    let candidates = cast(candidates, values.data_type())?;
    if candidates.null_count() > 0 {
        return Err(Error::Corrupt {
            what: "imputer".into(),
            message: format!("a fill value is none of column {name:?}"),
        });
    }
    let (filled, missing) = if is_fixed(values.data_type()) {
        let filling = Filling {
            candidates: &ticks(&candidates)?,
            choice,
        };
        let (filled, missing) = visit_primitive(name, &ticks(&values)?, filling)?;
        (cast(&filled, values.data_type())?, missing)
    } else {
        let missing = is_null(&values)?;
        (choose(&values, &candidates, &missing, choice)?, missing)
    };
    Ok((cast(&filled, array.data_type())?, missing))
}

/// Which cells of the column `name` are missing.
pub(super) fn missing_rows(name: &str, array: &ArrayRef) -> Result<BooleanArray> {
    let values = unpacked(array)?;
    if values.data_type().is_floating() {
        visit_primitive(name, &values, Missing)
    } else {
        Ok(is_null(&values)?)
    }
}

fn has_missing(name: &str, values: &ArrayRef) -> Result<bool> {
    if values.null_count() > 0 || !values.data_type().is_floating() {
        return Ok(values.null_count() > 0);
    }
    visit_primitive(name, values, SomeNan)
}

fn unpacked(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Dictionary(_, value) => Ok(cast(array, value)?),
        _ => Ok(array.clone()),
    }
}

fn is_fixed(data_type: &DataType) -> bool {
    is_numeric(data_type) || is_temporal(data_type)
}

/// Text and Booleans.
fn choose(
    values: &ArrayRef,
    candidates: &ArrayRef,
    missing: &BooleanArray,
    choice: Choice<'_>,
) -> Result<ArrayRef> {
    Ok(match choice {
        Choice::First => zip(missing, &Scalar::new(candidates.slice(0, 1)), values)?,
        Choice::ByRow(positions) => {
            let rows = missing.values().iter().zip(positions).enumerate();
            let from: Vec<(usize, usize)> = rows
                .map(|(row, (missing, position))| {
                    if missing {
                        (1, *position as usize)
                    } else {
                        (0, row)
                    }
                })
                .collect();
            interleave(&[values.as_ref(), candidates.as_ref()], &from)?
        }
    })
}

struct SomeNan;

impl VisitPrimitive for SomeNan {
    type Out = bool;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> bool {
        // Without an early end within a block the loop is of vector instructions.
        const BLOCK: usize = 1024;
        let any = |block: &[T::Native]| block.iter().fold(false, |any, value| any | is_nan(value));
        array.values().chunks(BLOCK).any(any)
    }
}

struct Missing;

impl VisitPrimitive for Missing {
    type Out = BooleanArray;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> BooleanArray {
        let each = |_, value, valid: bool| ((), [!valid || is_nan(&value)]);
        let (_, [missing]) = mapped(array.values(), array.nulls(), each);
        missing.into()
    }
}

struct Filling<'a> {
    candidates: &'a ArrayRef,
    choice: Choice<'a>,
}

impl VisitPrimitive for Filling<'_> {
    type Out = (ArrayRef, BooleanArray);

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> (ArrayRef, BooleanArray) {
        let candidates = self.candidates.to_data();
        let candidates = PrimitiveArray::<T>::from(candidates);
        let candidates = candidates.values();
        let (values, nulls) = (array.values(), array.nulls());
        let (filled, [missing]) = match self.choice {
            Choice::First => {
                let candidate = candidates.first().copied().unwrap_or(T::Native::ZERO);
                mapped(values, nulls, |_, value, valid| {
                    let missing = !valid || is_nan(&value);
                    (if missing { candidate } else { value }, [missing])
                })
            }
            Choice::ByRow(positions) => mapped(values, nulls, |row, value, valid| {
                let missing = !valid || is_nan(&value);
                let value = if missing {
                    candidates[positions[row] as usize]
                } else {
                    value
                };
                (value, [missing])
            }),
        };
        let filled = PrimitiveArray::<T>::new(filled.into(), None::<NullBuffer>);
        let filled = filled.with_data_type(array.data_type().clone());
        (Arc::new(filled), missing.into())
    }
}

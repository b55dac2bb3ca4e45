//! Cells of a column of any type: which hold a value, and copies of some in others.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanBufferBuilder, PrimitiveArray, UInt64Array,
    downcast_primitive_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;

use super::{Number, NumericColumn, Values, Visit};
use crate::Result;

/// Which cells of `array` hold a value: valid where the cell is neither null, nor NaN, nor a dictionary's null value.
///
/// # Errors
///
/// An Arrow error when a dictionary cannot be unpacked.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array};
/// use alchemy_core::column::present;
///
/// let array = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::NAN)])) as ArrayRef;
/// assert_eq!(present("x", &array)?.iter().collect::<Vec<_>>(), [true, false, false]);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn present(name: &str, array: &ArrayRef) -> Result<NullBuffer> {
    let value = match array.data_type() {
        DataType::Dictionary(_, value) => value,
        other => other,
    };
    let nulls = array.logical_nulls();
    if !value.is_floating() {
        return Ok(nulls.unwrap_or_else(|| NullBuffer::new_valid(array.len())));
    }
    let numbers = NumericColumn::new(name, array)?.view().visit(IsNumber);
    let numbers = NullBuffer::new(numbers);
    Ok(NullBuffer::union(Some(&numbers), nulls.as_ref()).unwrap_or(numbers))
}

/// `array` with the value of cell `source` in cell `row` for each `(row, source)` of `copies`, and null in the other cells
/// that are not `present`. Type and encoding stay.
///
/// Each `row` is one that is not present, each `source` one that is. Numbers and times cost one copy of the column and a
/// write for each of `copies`, other types a gather of all rows.
///
/// # Errors
///
/// An Arrow error when text grows beyond what its type can hold.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, StringArray};
/// use alchemy_core::column::{present, with_copies};
///
/// let array = Arc::new(StringArray::from(vec![Some("a"), None, None])) as ArrayRef;
/// let copied = with_copies(&array, &present("x", &array)?, &[(1, 0)])?;
/// assert_eq!(copied.as_ref(), &StringArray::from(vec![Some("a"), Some("a"), None]));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn with_copies(
    array: &ArrayRef,
    present: &NullBuffer,
    copies: &[(usize, usize)],
) -> Result<ArrayRef> {
    downcast_primitive_array!(
        array => Ok(Arc::new(copied(array, present, copies)) as ArrayRef),
        _ => {
            let rows = 0..array.len() as u64;
            let mut sources: Vec<u64> = rows.collect();
            for (row, source) in copies {
                sources[*row] = *source as u64;
            }
            let sources = UInt64Array::new(sources.into(), filled(present, copies));
            Ok(take(array, &sources, None)?)
        }
    )
}

fn copied<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    present: &NullBuffer,
    copies: &[(usize, usize)],
) -> PrimitiveArray<T> {
    let mut values = array.values().to_vec();
    for (row, source) in copies {
        values[*row] = values[*source];
    }
    PrimitiveArray::new(values.into(), filled(present, copies))
        .with_data_type(array.data_type().clone())
}

/// `present`, and the rows that are filled.
fn filled(present: &NullBuffer, copies: &[(usize, usize)]) -> Option<NullBuffer> {
    if copies.len() >= present.null_count() {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(present.len());
    valid.append_buffer(present.inner());
    for (row, _) in copies {
        valid.set_bit(*row, true);
    }
    Some(NullBuffer::new(valid.finish()))
}

struct IsNumber;

impl Visit for IsNumber {
    type Out = BooleanBuffer;

    fn visit<T: Number>(self, values: Values<'_, T>) -> BooleanBuffer {
        let slots = values.slots();
        BooleanBuffer::collect_bool(slots.len(), |row| !slots[row].is_missing())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int8Array, StringArray,
        TimestampSecondArray,
    };

    use super::*;

    #[test]
    fn every_type_is_copied_within_and_stays() {
        let cells = [Some(7), None, Some(3), None, None];
        let text = ["a", "b", "", "", ""];
        let keys = Int8Array::from(vec![Some(1), Some(0), Some(1), None, None]);
        let levels = Arc::new(StringArray::from(vec![None, Some("b")]));
        let arrays: [ArrayRef; 5] = [
            Arc::new(TimestampSecondArray::from(cells.to_vec()).with_timezone("+01:00")),
            Arc::new(
                Decimal128Array::from(cells.map(|cell| cell.map(i128::from)).to_vec())
                    .with_precision_and_scale(20, 3)
                    .unwrap(),
            ),
            Arc::new(BooleanArray::from(
                cells.map(|cell| cell.map(|cell| cell > 5)).to_vec(),
            )),
            Arc::new(
                (0..5)
                    .map(|row| cells[row].map(|_| text[row]))
                    .collect::<StringArray>(),
            ),
            Arc::new(DictionaryArray::new(keys, levels)),
        ];
        for array in arrays {
            for start in [0, 1] {
                // A slice that starts on the second row has lost the source of the first gap.
                let array = array.slice(start, 5 - start);
                let present = present("x", &array).unwrap();
                let source = 2 - start;
                assert!(present.is_valid(source) && present.is_null(3 - start));
                let out = with_copies(&array, &present, &[(3 - start, source)]).unwrap();
                assert_eq!(out.data_type(), array.data_type());
                assert_eq!(
                    out.slice(source, 1).as_ref(),
                    array.slice(source, 1).as_ref()
                );
                let (from, to) = (out.slice(source, 1), out.slice(3 - start, 1));
                assert_eq!(from.as_ref(), to.as_ref());
                assert!(out.logical_nulls().unwrap().is_null(4 - start));
            }
        }
    }

    #[test]
    fn nan_is_missing_and_becomes_null() {
        let array = Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::NAN])) as ArrayRef;
        let present = present("x", &array).unwrap();
        let out = with_copies(&array, &present, &[(1, 0)]).unwrap();
        let wanted = Float64Array::from(vec![Some(1.0), Some(1.0), None]);
        assert_eq!(out.as_ref(), &wanted);
    }
}

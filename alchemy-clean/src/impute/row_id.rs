//! What tells one row from another, as 64 bits.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{DataType, Schema};
use alchemy_core::column::{
    Number, Numeric, NumericColumn, TextColumn, by_name, index_of, is_text,
};
use alchemy_core::random::mix;
use alchemy_core::{Error, Result};

use crate::plain::{is_scalar, require};

/// The hash of a missing cell: bits of π, which are no number that occurs.
const MISSING: u64 = 0x243f_6a88_85a3_08d3;

/// A hash of the cells of each row of `batch` in the columns `names`, equal for equal rows in every encoding and every
/// type of number: it is part of results, so it must never change.
pub(super) fn row_ids(batch: &RecordBatch, names: &[String]) -> Result<Vec<u64>> {
    let mut ids = vec![0_u64; batch.num_rows()];
    for name in names {
        let array = by_name(batch, name)?;
        check_type(name, array.data_type())?;
        let mut cells = vec![MISSING; ids.len()];
        if is_text(array.data_type()) {
            let text = TextColumn::new(name, array)?;
            for (row, cell) in cells.iter_mut().enumerate() {
                if let Some(text) = text.get(row) {
                    *cell = text_hash(text);
                }
            }
        } else {
            let numbers = NumericColumn::ordered(name, array)?;
            match numbers.view() {
                Numeric::I64(values) => values.for_each_row(|row, value| {
                    cells[row] = integer_hash(value.to_f64(), value.cast_unsigned());
                }),
                Numeric::U64(values) => values.for_each_row(|row, value| {
                    cells[row] = integer_hash(value.to_f64(), value);
                }),
                view => view.for_each_row(|row, value| cells[row] = float_hash(value)),
            }
        }
        for (id, cell) in ids.iter_mut().zip(cells) {
            *id = mix(id.rotate_left(1) ^ cell);
        }
    }
    Ok(ids)
}

/// Refuses a schema in which the columns `names` do not tell rows apart.
pub(super) fn check(schema: &Schema, names: &[String]) -> Result<()> {
    if names.is_empty() {
        let message = "has no column, so that all rows would get one value";
        return Err(Error::parameter("row_id", message));
    }
    names
        .iter()
        .try_for_each(|name| check_type(name, schema.field(index_of(schema, name)?).data_type()))
}

fn check_type(name: &str, found: &DataType) -> Result<()> {
    let expected = "a number, text, a Boolean or a point in time";
    require(is_scalar(found), name, found, expected)
}

/// The hash of a name or a text.
pub(super) fn text_hash(text: &str) -> u64 {
    let mut hash = mix(text.len() as u64);
    for part in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        hash = mix(hash ^ u64::from_le_bytes(word));
    }
    hash
}

/// −0 is 0.
fn float_hash(value: f64) -> u64 {
    mix((value + 0.0).to_bits())
}

/// As the float of the same value, unless there is none.
fn integer_hash(nearest: f64, bits: u64) -> u64 {
    /// Up to here every integer is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if nearest.abs() <= EXACT {
        float_hash(nearest)
    } else {
        mix(!bits)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{
        ArrayRef, Float64Array, Int8Array, Int64Array, StringArray, StringViewArray,
    };

    use super::*;

    fn ids(columns: Vec<(&str, ArrayRef)>) -> Vec<u64> {
        let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        row_ids(&RecordBatch::try_from_iter(columns).unwrap(), &names).unwrap()
    }

    #[test]
    fn equal_values_have_one_id_in_every_type() {
        let floats = Float64Array::from(vec![Some(1.0), Some(-0.0), None, Some(f64::NAN)]);
        let integers = Int64Array::from(vec![Some(1), Some(0), None, None]);
        let bytes = Int8Array::from(vec![Some(1), Some(0), None, None]);
        let floats = ids(vec![("x", Arc::new(floats))]);
        assert_eq!(floats, ids(vec![("x", Arc::new(integers))]));
        assert_eq!(floats, ids(vec![("x", Arc::new(bytes))]));
        let texts = vec![Some("12345678"), Some("12345678\0"), Some(""), None];
        let view = ids(vec![("s", Arc::new(StringViewArray::from(texts.clone())))]);
        let mut text = ids(vec![("s", Arc::new(StringArray::from(texts)))]);
        assert_eq!(text, view);
        text.dedup();
        assert_eq!(text.len(), 4);
    }

    #[test]
    fn large_integers_and_swapped_cells_are_told_apart() {
        let large = Int64Array::from(vec![i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1]);
        let mut large = ids(vec![("n", Arc::new(large))]);
        large.sort_unstable();
        large.dedup();
        assert_eq!(large.len(), 4);
        let column = |cells: Vec<i64>| Arc::new(Int64Array::from(cells)) as ArrayRef;
        let swapped = ids(vec![("a", column(vec![1, 2])), ("b", column(vec![2, 1]))]);
        assert_ne!(swapped[0], swapped[1]);
    }
}

//! Estimated numbers as cells of a column.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef, Float64Array, UInt64Array};
use alchemy_core::arrow::compute::kernels::zip::zip;
use alchemy_core::arrow::compute::{cast, is_null, take};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Action, Error, Ledger};

/// `estimates` as numbers of `data_type`, null for NaN.
///
/// An integer is the nearest one, of two the even one. What the type cannot hold becomes its last value on that side.
pub(crate) fn of_numbers(estimates: &[f64], data_type: &DataType) -> Result<ArrayRef> {
    let (smallest, largest) = bounds(data_type);
    let fit = |value: f64| {
        let value = if data_type.is_integer() {
            value.round_ties_even()
        } else {
            value
        };
        let value = if value.is_infinite() && data_type.is_floating() {
            value
        } else {
            value.clamp(smallest, largest)
        };
        (!value.is_nan()).then_some(value)
    };
    let fitting: Float64Array = estimates.iter().copied().map(fit).collect();
    Ok(cast(&fitting, data_type)?)
}

/// The smallest and the largest number that an `f64` can say and a type can hold.
fn bounds(data_type: &DataType) -> (f64, f64) {
    /// Below this many decimal digits, every integer is an `f64`.
    const EXACT_DIGITS: i32 = 15;
    const LARGEST_HALF: f64 = 65504.0;
    let width = data_type.primitive_width().unwrap_or(8);
    let largest = match data_type {
        DataType::Decimal128(precision, scale) => {
            let digits = i32::from(*precision);
            let units = if digits <= EXACT_DIGITS {
                10_f64.powi(digits) - 1.0
            } else {
                10_f64.powi(digits) * (1.0 - 4.0 * f64::EPSILON)
            };
            units / 10_f64.powi(i32::from(*scale))
        }
        integer if integer.is_integer() => {
            let bits = 8 * width - usize::from(integer.is_signed_integer());
            let beyond = (0..bits).fold(1.0_f64, |power, _| 2.0 * power);
            let smallest = if integer.is_signed_integer() {
                -beyond
            } else {
                0.0
            };
            // Of 64-bit integers, the largest is no `f64`.
            return (smallest, (beyond - 1.0).min(beyond.next_down()));
        }
        _ if width == 2 => LARGEST_HALF,
        _ if width == 4 => f64::from(f32::MAX),
        _ => f64::MAX,
    };
    (-largest, largest)
}

/// Missing cells of the column `name` filled from `estimates`, whose row `positions` tells for each row of the column.
///
/// `array` is the column as it came, `values` the same as plain values, and `estimates` are of the type of `values`.
pub(crate) fn fill(
    name: &str,
    array: &ArrayRef,
    values: &ArrayRef,
    (estimates, positions): (&ArrayRef, &UInt64Array),
    ledger: &mut Ledger,
) -> Result<ArrayRef> {
    let estimates = take(estimates, positions, None)?;
    let filled = zip(&is_null(values)?, &estimates, values)?;
    let count = values.null_count() - filled.null_count();
    ledger.record(name, Action::Filled, count, filled.len());
    // Only a dictionary may have no room: its keys do not reach to all the new values.
    cast(&filled, array.data_type()).map_err(|_| Error::ColumnType {
        column: name.to_owned(),
        found: array.data_type().clone(),
        expected: "a dictionary with keys for all filled values".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{AsArray, DictionaryArray, Int8Array, StringArray};
    use alchemy_core::arrow::datatypes::{Decimal128Type, Float32Type, Int64Type};

    use super::*;

    #[test]
    fn a_number_is_the_nearest_of_its_type() {
        let estimates = [2.5, 3.5, -300.0, f64::NAN, 1e300, f64::NEG_INFINITY];
        let ints = of_numbers(&estimates, &DataType::Int8).unwrap();
        let wanted = [Some(2), Some(4), Some(-128), None, Some(127), Some(-128)];
        assert_eq!(ints.as_ref(), &Int8Array::from(wanted.to_vec()));
        let wide = of_numbers(&estimates[4..], &DataType::Int64).unwrap();
        assert_eq!(
            wide.as_primitive::<Int64Type>().values(),
            &[i64::MAX - 1023, i64::MIN]
        );
        let unsigned = of_numbers(&[-1.0, 1e300], &DataType::UInt64).unwrap();
        assert_eq!(
            unsigned.as_ref(),
            &UInt64Array::from(vec![0, u64::MAX - 2047])
        );
        let single = of_numbers(&estimates[4..], &DataType::Float32).unwrap();
        assert_eq!(
            single.as_primitive::<Float32Type>().values(),
            &[f32::MAX, f32::NEG_INFINITY]
        );
    }

    #[test]
    fn every_decimal_holds_its_largest_number() {
        for (precision, scale) in [(3, 1), (5, -2), (15, 4), (16, 0), (38, 10), (38, 38)] {
            let data_type = DataType::Decimal128(precision, scale);
            let found = of_numbers(&[1e300, -1e300], &data_type).unwrap();
            assert_eq!(found.null_count(), 0, "{data_type}");
            let found = found.as_primitive::<Decimal128Type>();
            let largest = 10_i128.pow(u32::from(precision)) - 1;
            assert!(found.value(0) >= largest - largest / 1_000_000_000_000);
            assert_eq!(found.value(1), -found.value(0));
        }
    }

    #[test]
    fn a_dictionary_without_room_is_an_error_that_names_the_column() {
        let texts: StringArray = (0..128).map(|text| Some(text.to_string())).collect();
        let keys: Int8Array = (0..=i8::MAX).map(Some).collect();
        let values = Arc::new(texts.clone()) as ArrayRef;
        let array = Arc::new(DictionaryArray::new(keys, Arc::new(texts))) as ArrayRef;
        let gap: StringArray = (0..129)
            .map(|row| (row > 0).then(|| row.to_string()))
            .collect();
        let values = alchemy_core::arrow::compute::concat(&[&values, &gap.slice(0, 1)]).unwrap();
        let positions = UInt64Array::from(vec![0; 129]);
        let estimates = Arc::new(StringArray::from(vec!["new"])) as ArrayRef;
        let error = fill(
            "x",
            &array,
            &values,
            (&estimates, &positions),
            &mut Ledger::new(),
        );
        assert!(
            error
                .unwrap_err()
                .to_string()
                .starts_with("column \"x\" is Dictionary")
        );
    }
}

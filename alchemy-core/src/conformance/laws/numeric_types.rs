//! The same small numbers in every numeric type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use crate::Error;
use crate::column::{NumericColumn, is_numeric};
use crate::conformance::check::{Outcome, equal, ok};
use crate::conformance::held::Held;
use crate::conformance::variants::replace;

/// What a half float rounds by, relative to the value.
const HALF_PRECISION: f64 = 1.0 / 1024.0;

/// Types whose results are those of `Int64`.
fn integers() -> Vec<DataType> {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::UInt16));
    vec![
        DataType::Int64,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Decimal128(12, 0),
        dictionary,
    ]
}

/// Types whose results are those of `Float64`, up to rounding.
fn floats() -> Vec<DataType> {
    vec![DataType::Float64, DataType::Float32, DataType::Float16]
}

pub(in crate::conformance) fn mean_the_same<H: Held>(subject: &H) -> Outcome {
    for index in numeric_columns(subject.sample()) {
        let name = subject.sample().schema_ref().field(index).name().clone();
        for (family, tolerance) in [(integers(), 0.0), (floats(), HALF_PRECISION)] {
            let mut expected = None;
            for data_type in family {
                let what = format!("column {name:?} as {data_type}");
                let typed = subject.on(small_numbers(subject.sample(), index, &data_type)?);
                let output = typed
                    .fit(typed.sample())
                    .and_then(|fitted| typed.apply(&fitted, typed.sample()));
                match (output, &expected) {
                    (Ok(output), Some(Some(expected))) => {
                        close(&output, expected, tolerance, &what)?;
                    }
                    (Ok(_), Some(None)) => {
                        return Err(format!("{what} works, the widest type does not"));
                    }
                    (Ok(output), None) => expected = Some(Some(output)),
                    (Err(error), _) if is_refusal(&error, &name) => {
                        expected.get_or_insert(None);
                    }
                    (Err(error), _) => return Err(format!("{what}: {error}")),
                }
            }
        }
    }
    Ok(())
}

pub(in crate::conformance) fn are_kept<H: Held>(subject: &H) -> Outcome {
    if !subject.keeps_types() {
        return Ok(());
    }
    let output = subject.applied(&subject.fitted(subject.sample())?, subject.sample())?;
    no_number_is_lost(subject.sample(), &output)?;
    for index in numeric_columns(subject.sample()) {
        for data_type in integers().into_iter().chain(floats()) {
            let typed = subject.on(small_numbers(subject.sample(), index, &data_type)?);
            let Ok(fitted) = typed.fit(typed.sample()) else {
                continue;
            };
            let output = typed.applied(&fitted, typed.sample())?;
            for field in typed.sample().schema_ref().fields() {
                if let Ok(found) = output.schema_ref().field_with_name(field.name()) {
                    let what = format!("type of column {:?}", field.name());
                    equal(found.data_type(), field.data_type(), &what)?;
                }
            }
        }
    }
    Ok(())
}

/// Whether every number that was there is there still, whatever it has become.
fn no_number_is_lost(before: &RecordBatch, after: &RecordBatch) -> Outcome {
    for index in numeric_columns(before) {
        let name = before.schema_ref().field(index).name();
        let Some(column) = after.column_by_name(name) else {
            continue;
        };
        let numbers = |array| Ok::<_, String>(ok(NumericColumn::new(name, array))?.view().to_vec());
        let (was, is) = (numbers(before.column(index))?, numbers(column)?);
        if let Some(row) = (0..was.len()).find(|row| !was[*row].is_nan() && is[*row].is_nan()) {
            let number = was[row];
            return Err(format!("column {name:?}, row {row}: {number} is lost"));
        }
    }
    Ok(())
}

fn is_refusal(error: &Error, name: &str) -> bool {
    matches!(
        error,
        Error::ColumnType { column, .. } | Error::InvalidTarget { column, .. } if column == name
    ) || matches!(error, Error::InvalidParameter { .. })
}

fn numeric_columns(sample: &RecordBatch) -> impl Iterator<Item = usize> + '_ {
    (0..sample.num_columns()).filter(|index| is_numeric(sample.column(*index).data_type()))
}

/// `sample` with numbers from 0 to 10 as `data_type` in its column at `index`, null where it was null.
fn small_numbers(
    sample: &RecordBatch,
    index: usize,
    data_type: &DataType,
) -> Result<RecordBatch, String> {
    let before = sample.column(index);
    let numbers: Int64Array = (0_i64..)
        .zip(0..before.len())
        .map(|(number, row)| before.is_valid(row).then_some(number * 7 % 11))
        .collect();
    let numbers = ok(cast(&(Arc::new(numbers) as ArrayRef), data_type))?;
    ok(replace(sample, index, numbers))
}

/// Whether two outputs have the same names, and numbers that differ by `tolerance` times their size at most.
fn close(found: &RecordBatch, expected: &RecordBatch, tolerance: f64, what: &str) -> Outcome {
    let names = |batch: &RecordBatch| -> Vec<String> {
        let fields = batch.schema_ref().fields().iter();
        fields.map(|field| field.name().clone()).collect()
    };
    equal(
        &names(found),
        &names(expected),
        &format!("columns with {what}"),
    )?;
    let pairs = found.columns().iter().zip(expected.columns());
    for ((found, expected), name) in pairs.zip(names(expected)) {
        if !is_numeric(expected.data_type()) {
            continue;
        }
        let numbers =
            |array| Ok::<_, String>(ok(NumericColumn::new(&name, array))?.view().to_vec());
        let (found, expected) = (numbers(found)?, numbers(expected)?);
        let differ = |(found, expected): (&f64, &f64)| {
            let equal = found.total_cmp(expected).is_eq() || found.is_nan() && expected.is_nan();
            let distance = (found - expected).abs();
            !equal && (distance.is_nan() || distance > tolerance * expected.abs().max(1.0))
        };
        if let Some(row) = found.iter().zip(&expected).position(differ) {
            let (found, expected) = (found[row], expected[row]);
            return Err(format!(
                "{what}: output {name:?}, row {row} is {found}, expected {expected}"
            ));
        }
    }
    Ok(())
}

//! Rows in order of time.

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::row::{RowConverter, SortField};
use rayon::prelude::*;

use crate::column::{Numeric, NumericColumn, by_name, is_temporal, unpacked};
use crate::{Error, Result};

/// The rows of `batch` by rising `time`, a date or timestamp column.
///
/// The sort is stable: rows of one time stay in the order they are in, and rows without a time come last, in theirs. A
/// batch that is sorted already is given back without a copy.
///
/// # Errors
///
/// [`Error::ColumnNotFound`], [`Error::DuplicateColumn`]; [`Error::ColumnType`] for a column that is no date or timestamp.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, AsArray, Date32Array, RecordBatch, StringArray};
/// use alchemy_core::sort_by_time;
///
/// let day = Arc::new(Date32Array::from(vec![Some(3), None, Some(1), Some(3)])) as ArrayRef;
/// let name = Arc::new(StringArray::from(vec!["a", "b", "c", "d"])) as ArrayRef;
/// let sorted = sort_by_time(&RecordBatch::try_from_iter([("day", day), ("name", name)])?, "day")?;
/// let names: Vec<_> = sorted["name"].as_string::<i32>().iter().flatten().collect();
/// assert_eq!(names, ["c", "a", "d", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sort_by_time(batch: &RecordBatch, time: &str) -> Result<RecordBatch> {
    let mut order: Vec<(bool, i64, u64)> = ticks(time, by_name(batch, time)?)?
        .into_iter()
        .zip(0..)
        .map(|(tick, row)| (tick.is_none(), tick.unwrap_or(0), row))
        .collect();
    if order.is_sorted() {
        return Ok(batch.clone());
    }
    // The row is part of what is compared, so an unstable sort keeps ties in order.
    order.par_sort_unstable();
    let rows: UInt64Array = order.into_iter().map(|(_, _, row)| Some(row)).collect();
    Ok(take_record_batch(batch, &rows)?)
}

/// Whether the rows of `batch` rise in `columns`: in the first, where that is equal in the second, and so on. Equal rows
/// are in order, and missing values come last.
///
/// # Errors
///
/// [`Error::ColumnNotFound`], [`Error::DuplicateColumn`]; [`Error::InvalidParameter`] without a column; an Arrow error for
/// a type that has no order.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use alchemy_core::is_sorted_by;
///
/// let host = Arc::new(StringArray::from(vec!["a", "a", "b"])) as ArrayRef;
/// let load = Arc::new(Int64Array::from(vec![1, 2, 1])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("host", host), ("load", load)])?;
/// assert!(is_sorted_by(&batch, &["host", "load"])?);
/// assert!(!is_sorted_by(&batch, &["load"])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_sorted_by<S: AsRef<str>>(batch: &RecordBatch, columns: &[S]) -> Result<bool> {
    if columns.is_empty() {
        return Err(Error::parameter("columns", "has no column"));
    }
    let arrays = columns
        .iter()
        .map(|name| missing_as_null(name.as_ref(), by_name(batch, name.as_ref())?));
    let arrays: Vec<ArrayRef> = arrays.collect::<Result<_>>()?;
    let options = arrow::compute::SortOptions::default().nulls_last();
    let fields = arrays
        .iter()
        .map(|array| SortField::new_with_options(array.data_type().clone(), options));
    let rows = RowConverter::new(fields.collect())?.convert_columns(&arrays)?;
    Ok(rows.iter().is_sorted())
}

/// The ticks of a date or timestamp column.
fn ticks(name: &str, array: &ArrayRef) -> Result<Vec<Option<i64>>> {
    if !is_temporal(array.data_type()) {
        return Err(Error::ColumnType {
            column: name.to_owned(),
            found: array.data_type().clone(),
            expected: "a date or timestamp".to_owned(),
        });
    }
    let column = NumericColumn::ordered(name, array)?;
    let mut ticks = vec![None; array.len()];
    match column.view() {
        Numeric::I32(values) => values.for_each_row(|row, tick| ticks[row] = Some(tick.into())),
        Numeric::I64(values) => values.for_each_row(|row, tick| ticks[row] = Some(tick)),
        _ => {}
    }
    Ok(ticks)
}

/// `array` with null for NaN, and one zero.
fn missing_as_null(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    use arrow::array::Float64Array;
    use std::sync::Arc;

    let array = unpacked(array)?;
    if !array.data_type().is_floating() {
        return Ok(array);
    }
    let column = NumericColumn::new(name, &array)?;
    let mut values = vec![None; array.len()];
    // Adding zero turns -0 into 0.
    column
        .view()
        .for_each_row(|row, value| values[row] = Some(value + 0.0));
    Ok(Arc::new(Float64Array::from(values)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, Float64Array, TimestampNanosecondArray};
    use arrow::datatypes::UInt64Type;
    use proptest::prelude::*;

    use super::*;

    fn table(times: Vec<Option<i64>>) -> RecordBatch {
        let rows = Arc::new(UInt64Array::from_iter_values(0..times.len() as u64)) as ArrayRef;
        let times = TimestampNanosecondArray::from(times).with_timezone("Europe/Berlin");
        RecordBatch::try_from_iter([("t", Arc::new(times) as ArrayRef), ("row", rows)]).unwrap()
    }

    proptest! {
        #[test]
        fn it_is_the_stable_sort_of_any_slice(
            times in prop::collection::vec(
                prop_oneof![Just(None), (0_i64..6).prop_map(Some), any::<i64>().prop_map(Some)],
                0..40,
            ),
            start in 0_usize..3,
        ) {
            let start = start.min(times.len());
            let batch = table(times.clone()).slice(start, times.len() - start);
            let mut expected: Vec<u64> = (start as u64..times.len() as u64).collect();
            expected.sort_by_key(|row| {
                let time = times[usize::try_from(*row).unwrap()];
                (time.is_none(), time)
            });
            let sorted = sort_by_time(&batch, "t").unwrap();
            prop_assert_eq!(sorted["row"].as_primitive::<UInt64Type>().values(), &expected[..]);
            prop_assert!(is_sorted_by(&sorted, &["t"]).unwrap());
            prop_assert_eq!(is_sorted_by(&batch, &["t"]).unwrap(), sorted == batch);
            let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
            prop_assert_eq!(threads.install(|| sort_by_time(&batch, "t")).unwrap(), sorted);
        }
    }

    #[test]
    fn only_time_is_sorted_by() {
        let error = sort_by_time(&table(vec![Some(1)]), "row").unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"row\" is UInt64, expected a date or timestamp"
        );
        assert!(sort_by_time(&table(vec![]), "T").is_err());
        assert!(is_sorted_by::<&str>(&table(vec![]), &[]).is_err());
    }

    #[test]
    fn nan_is_missing_and_comes_last() {
        let sorted = |values: Vec<f64>| {
            let x = Arc::new(Float64Array::from(values)) as ArrayRef;
            is_sorted_by(&RecordBatch::try_from_iter([("x", x)]).unwrap(), &["x"]).unwrap()
        };
        assert!(sorted(vec![
            f64::NEG_INFINITY,
            0.0,
            -0.0,
            f64::INFINITY,
            -f64::NAN
        ]));
        assert!(!sorted(vec![f64::NAN, 1.0]));
    }
}

//! Ranges of a column that leave out row groups and rows.

use std::ops::Bound;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, Scalar, StringArray};
use arrow::compute::kernels::cmp::{gt, gt_eq, lt, lt_eq};
use arrow::compute::{CastOptions, and, cast, cast_with_options};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::column::{is_numeric, is_temporal, is_text, with_offset};
use crate::{Error, Result};

/// An end of a range of values: a number, or a text. For a column of dates or times the text is in ISO 8601.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RangeValue {
    /// A whole number.
    Integer(i64),
    /// A number; not NaN.
    Float(f64),
    /// A text, a date or a time.
    Text(String),
}

impl From<i64> for RangeValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for RangeValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for RangeValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for RangeValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for RangeValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// A range of a column, as asked for.
#[derive(Debug, Clone)]
pub(super) struct Range {
    pub(super) column: String,
    pub(super) low: Bound<RangeValue>,
    pub(super) high: Bound<RangeValue>,
}

/// A range in a type in which the column can be compared with it.
#[derive(Debug, Clone)]
pub(super) struct TypedRange {
    data_type: DataType,
    low: Option<End>,
    high: Option<End>,
}

#[derive(Debug, Clone)]
struct End {
    value: Scalar<ArrayRef>,
    inclusive: bool,
}

impl Range {
    /// The range for a column of type `found`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] if the column cannot be compared with the ends, [`Error::InvalidParameter`] if an end is
    /// not of the column's type.
    pub(super) fn typed(&self, found: &DataType) -> Result<TypedRange> {
        let sample = match (&self.low, &self.high) {
            (Bound::Included(value) | Bound::Excluded(value), _)
            | (Bound::Unbounded, Bound::Included(value) | Bound::Excluded(value)) => value,
            (Bound::Unbounded, Bound::Unbounded) => {
                return Err(Error::parameter("range", "has no end"));
            }
        };
        let data_type = comparable(found, sample).ok_or_else(|| Error::ColumnType {
            column: self.column.clone(),
            found: found.clone(),
            expected: match sample {
                RangeValue::Text(_) => "text, dates or times, as the range is".to_owned(),
                RangeValue::Integer(_) | RangeValue::Float(_) => {
                    "numbers, as the range is".to_owned()
                }
            },
        })?;
        // Arrow puts -0.0 before 0.0, and here they are one number.
        let low = match &self.low {
            Bound::Included(value) => Some(self.end(value, &data_type, true, -0.0)?),
            Bound::Excluded(value) => Some(self.end(value, &data_type, false, 0.0)?),
            Bound::Unbounded => None,
        };
        let high = match &self.high {
            Bound::Included(value) => Some(self.end(value, &data_type, true, 0.0)?),
            Bound::Excluded(value) => Some(self.end(value, &data_type, false, -0.0)?),
            Bound::Unbounded => None,
        };
        Ok(TypedRange {
            data_type,
            low,
            high,
        })
    }

    fn end(
        &self,
        value: &RangeValue,
        data_type: &DataType,
        inclusive: bool,
        zero: f64,
    ) -> Result<End> {
        let array: ArrayRef = match value {
            RangeValue::Integer(value) if data_type.is_floating() => {
                let value = if *value == 0 { zero } else { *value as f64 };
                Arc::new(Float64Array::from(vec![value]))
            }
            RangeValue::Integer(value) => Arc::new(Int64Array::from(vec![*value])),
            RangeValue::Float(value) if value.is_nan() => {
                return Err(Error::parameter("range", "has an end that is not a number"));
            }
            RangeValue::Float(value) => {
                let value = if value.abs() > 0.0 { *value } else { zero };
                Arc::new(Float64Array::from(vec![value]))
            }
            RangeValue::Text(value) => Arc::new(StringArray::from(vec![value.as_str()])),
        };
        let options = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        let value = cast_with_options(&array, data_type, &options).map_err(|_| {
            let column = &self.column;
            let message = format!("has an end that column {column:?} ({data_type}) cannot hold");
            Error::parameter("range", message)
        })?;
        Ok(End {
            value: Scalar::new(value),
            inclusive,
        })
    }
}

impl TypedRange {
    /// Which values lie in the range; null where a value is missing.
    pub(super) fn contains(&self, column: &ArrayRef) -> Result<BooleanArray, ArrowError> {
        let column = self.comparable(column)?;
        let above = self.low.as_ref().map(|end| match end.inclusive {
            true => gt_eq(&column, &end.value),
            false => gt(&column, &end.value),
        });
        let below = self.high.as_ref().map(|end| match end.inclusive {
            true => lt_eq(&column, &end.value),
            false => lt(&column, &end.value),
        });
        match (above, below) {
            (Some(above), Some(below)) => and(&above?, &below?),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Ok(BooleanArray::from(vec![true; column.len()])),
        }
    }

    /// Which row groups may hold a value of the range, by their least and greatest values; a missing one says nothing.
    pub(super) fn may_contain(
        &self,
        least: &ArrayRef,
        greatest: &ArrayRef,
    ) -> Result<Vec<bool>, ArrowError> {
        let (least, greatest) = (self.comparable(least)?, self.comparable(greatest)?);
        let mut keep = vec![true; least.len()];
        let mut leave_out = |outside: &BooleanArray| {
            for (keep, outside) in keep.iter_mut().zip(outside) {
                *keep &= outside != Some(true);
            }
        };
        if let Some(end) = &self.low {
            leave_out(&match end.inclusive {
                true => lt(&greatest, &end.value),
                false => lt_eq(&greatest, &end.value),
            }?);
        }
        if let Some(end) = &self.high {
            leave_out(&match end.inclusive {
                true => gt(&least, &end.value),
                false => gt_eq(&least, &end.value),
            }?);
        }
        Ok(keep)
    }

    /// `column` in the type of the range, NaN as null.
    fn comparable(&self, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let column = cast(column, &self.data_type)?;
        match column.as_any().downcast_ref::<Float64Array>() {
            None => Ok(column),
            Some(numbers) => Ok(Arc::new(
                numbers
                    .iter()
                    .map(|number| number.filter(|number| !number.is_nan()))
                    .collect::<Float64Array>(),
            )),
        }
    }
}

/// The type in which values of type `found` and `end` can be compared.
fn comparable(found: &DataType, end: &RangeValue) -> Option<DataType> {
    match end {
        RangeValue::Text(_) if is_text(found) => Some(DataType::LargeUtf8),
        RangeValue::Text(_) if is_temporal(found) => Some(with_offset(found)),
        RangeValue::Integer(_) if *found == DataType::UInt64 => Some(DataType::Decimal128(20, 0)),
        RangeValue::Integer(_) if found.is_integer() => Some(DataType::Int64),
        RangeValue::Integer(_) | RangeValue::Float(_) if is_numeric(found) => {
            Some(DataType::Float64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal128Array, UInt64Array};

    use super::*;

    fn range(low: Bound<RangeValue>, high: Bound<RangeValue>) -> Range {
        let column = "x".to_owned();
        Range { column, low, high }
    }

    fn hits(range: &Range, column: &ArrayRef) -> Vec<bool> {
        let typed = range.typed(column.data_type()).unwrap();
        let hits = typed.contains(column).unwrap();
        hits.iter().map(|hit| hit == Some(true)).collect()
    }

    #[test]
    fn numbers_are_compared_by_value_and_missing_ones_are_in_no_range() {
        use Bound::{Excluded, Included, Unbounded};
        let zero = || RangeValue::Float(0.0);
        let floats = || {
            let values = vec![Some(-1.0), Some(-0.0), Some(0.0), Some(f64::NAN), None];
            Arc::new(Float64Array::from(values)) as ArrayRef
        };
        let from = range(Included(zero()), Unbounded);
        assert_eq!(hits(&from, &floats()), [false, true, true, false, false]);
        let above = range(Excluded(zero()), Unbounded);
        assert_eq!(hits(&above, &floats()), [false; 5]);
        let up_to = range(Unbounded, Included(zero()));
        assert_eq!(hits(&up_to, &floats()), [true, true, true, false, false]);
        let below = range(Unbounded, Excluded(0.into()));
        assert_eq!(hits(&below, &floats()), [true, false, false, false, false]);
        let large = UInt64Array::from(vec![0, i64::MAX as u64 + 1, u64::MAX]);
        let above = range(Excluded(i64::MAX.into()), Unbounded);
        assert_eq!(
            hits(&above, &(Arc::new(large) as ArrayRef)),
            [false, true, true]
        );
        let small: ArrayRef = Arc::new(arrow::array::Int8Array::from(vec![-128, 0, 127]));
        let wide = range(Included((-1000).into()), Excluded(1000.into()));
        assert_eq!(hits(&wide, &small), [true; 3]);
        let money = Decimal128Array::from(vec![150, 250]).with_precision_and_scale(10, 2);
        let half = range(Included(2.into()), Unbounded);
        assert_eq!(
            hits(&half, &(Arc::new(money.unwrap()) as ArrayRef)),
            [false, true]
        );
    }

    #[test]
    fn texts_and_dates_take_text() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![0, 1, 2]));
        let day = range(
            Bound::Included("1970-01-02".into()),
            Bound::Excluded("1970-01-03".into()),
        );
        assert_eq!(hits(&day, &days), [false, true, false]);
        let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "ba"]));
        let b = range(Bound::Included("b".into()), Bound::Excluded("c".into()));
        assert_eq!(hits(&b, &names), [false, true, true]);
    }

    #[test]
    fn ends_that_cannot_be_compared_are_errors() {
        let number = range(Bound::Included(1.into()), Bound::Unbounded);
        let error = number.typed(&DataType::Utf8).unwrap_err();
        assert!(matches!(error, Error::ColumnType { .. }), "{error}");
        let text = range(Bound::Included("x".into()), Bound::Unbounded);
        let error = text.typed(&DataType::Date32).unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
        assert!(text.typed(&DataType::Int64).is_err());
        let nan = range(Bound::Included(f64::NAN.into()), Bound::Unbounded);
        assert!(nan.typed(&DataType::Float64).is_err());
        assert!(
            range(Bound::Unbounded, Bound::Unbounded)
                .typed(&DataType::Int64)
                .is_err()
        );
    }

    #[test]
    fn row_groups_are_left_out_only_when_no_value_can_be_in_range() {
        let least: ArrayRef = Arc::new(Float64Array::from(vec![
            Some(0.0),
            Some(5.0),
            None,
            Some(f64::NAN),
        ]));
        let greatest: ArrayRef = Arc::new(Float64Array::from(vec![
            Some(4.0),
            Some(9.0),
            None,
            Some(f64::NAN),
        ]));
        let keep = |low, high| {
            let typed = range(low, high).typed(&DataType::Float64).unwrap();
            typed.may_contain(&least, &greatest).unwrap()
        };
        let four = || RangeValue::Float(4.0);
        assert_eq!(keep(Bound::Included(four()), Bound::Unbounded), [true; 4]);
        assert_eq!(
            keep(Bound::Excluded(four()), Bound::Unbounded),
            [false, true, true, true]
        );
        assert_eq!(
            keep(Bound::Unbounded, Bound::Excluded(5.into())),
            [true, false, true, true]
        );
        assert_eq!(
            keep(Bound::Included(10.into()), Bound::Unbounded),
            [false, false, true, true]
        );
    }
}

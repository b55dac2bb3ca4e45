//! Dates and timestamps as instants and as wall-clock time.

use std::sync::Arc;

use arrow::array::types::{Date32Type, Date64Type, Int64Type};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDateTime};

use super::{unpacked, wrong_type};
use crate::{Error, Result};

/// A column read as points in time, in microseconds since 1970-01-01 00:00.
///
/// A timestamp without a zone is wall-clock time as it stands; one with a zone is an instant, whose wall-clock time is
/// that of its zone. Zones are `UTC`, `Z` or a fixed offset such as `+02:00`; with the feature `timezones` also the names
/// of the IANA database, such as `Europe/Berlin`. Nanoseconds are truncated to microseconds.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, TimestampSecondArray};
/// use alchemy_core::column::TemporalColumn;
///
/// let array = Arc::new(TimestampSecondArray::from(vec![86_400])) as ArrayRef;
/// let column = TemporalColumn::new("t", &array)?;
/// assert_eq!(column.micros(0), Some(86_400_000_000));
/// assert_eq!(column.wall_clock(0).unwrap().to_string(), "1970-01-02 00:00:00");
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TemporalColumn {
    ticks: Int64Array,
    /// Microseconds in a tick, or ticks in a microsecond.
    scale: Scale,
    zone: Zone,
}

#[derive(Debug, Clone, Copy)]
enum Zone {
    /// Microseconds ahead of UTC.
    Offset(i64),
    #[cfg(feature = "timezones")]
    Named(arrow::array::timezone::Tz),
}

impl Zone {
    fn new(zone: &str) -> Option<Self> {
        let offset = offset_micros(zone).map(Self::Offset);
        #[cfg(feature = "timezones")]
        let offset = offset.or_else(|| zone.parse().ok().map(Self::Named));
        offset
    }

    /// Microseconds of the wall clock at an instant.
    fn local(self, micros: i64) -> Option<i64> {
        match self {
            Self::Offset(offset) => micros.checked_add(offset),
            #[cfg(feature = "timezones")]
            Self::Named(zone) => {
                use chrono::{Offset, TimeZone};

                let utc = DateTime::from_timestamp_micros(micros)?.naive_utc();
                let offset = zone.offset_from_utc_datetime(&utc).fix();
                micros.checked_add(i64::from(offset.local_minus_utc()) * 1_000_000)
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Scale {
    Times(i64),
    Over(i64),
}

impl TemporalColumn {
    /// Reads `array` as points in time: `Date32`, `Date64`, `Timestamp` of any unit, or a dictionary of those.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] if it is of another type, or its zone is not known.
    pub fn new(name: &str, array: &ArrayRef) -> Result<Self> {
        let array = unpacked(array)?;
        let (ticks, scale) = match array.data_type() {
            DataType::Date32 => {
                let days = array.as_primitive::<Date32Type>();
                (days.unary(i64::from), Scale::Times(86_400_000_000))
            }
            DataType::Date64 => (
                array.as_primitive::<Date64Type>().unary(|ms| ms),
                Scale::Times(1000),
            ),
            DataType::Timestamp(unit, _) => {
                let scale = match unit {
                    TimeUnit::Second => Scale::Times(1_000_000),
                    TimeUnit::Millisecond => Scale::Times(1000),
                    TimeUnit::Microsecond => Scale::Times(1),
                    TimeUnit::Nanosecond => Scale::Over(1000),
                };
                (
                    cast(&array, &DataType::Int64)?.as_primitive().clone(),
                    scale,
                )
            }
            _ => return Err(wrong_type(name, &array, "a date or timestamp")),
        };
        let zone = match array.data_type() {
            DataType::Timestamp(_, Some(zone)) => Zone::new(zone).ok_or_else(|| {
                wrong_type(name, &array, "a timestamp in UTC or with a fixed offset")
            })?,
            _ => Zone::Offset(0),
        };
        Ok(Self { ticks, scale, zone })
    }

    /// Microseconds since the epoch of `row`, or `None` where it is null or out of range.
    #[must_use]
    pub fn micros(&self, row: usize) -> Option<i64> {
        if row >= self.ticks.len() || self.ticks.is_null(row) {
            return None;
        }
        match self.scale {
            Scale::Times(factor) => self.ticks.value(row).checked_mul(factor),
            Scale::Over(divisor) => Some(self.ticks.value(row).div_euclid(divisor)),
        }
    }

    /// Nanoseconds since the epoch of `row`, or `None` where it is null.
    #[must_use]
    pub fn nanos(&self, row: usize) -> Option<i128> {
        if row >= self.ticks.len() || self.ticks.is_null(row) {
            return None;
        }
        let ticks = i128::from(self.ticks.value(row));
        Some(match self.scale {
            Scale::Times(factor) => ticks * i128::from(factor) * 1000,
            Scale::Over(_) => ticks,
        })
    }

    /// Microseconds of the wall clock in the column's zone, counted as if that zone were UTC.
    #[must_use]
    pub fn local_micros(&self, row: usize) -> Option<i64> {
        self.zone.local(self.micros(row)?)
    }

    /// Wall-clock time of `row` in the column's zone, or `None` where it is null or out of range.
    #[must_use]
    pub fn wall_clock(&self, row: usize) -> Option<NaiveDateTime> {
        let local = DateTime::from_timestamp_micros(self.local_micros(row)?)?;
        Some(local.naive_utc())
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ticks.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// The first row that is earlier than the row before it, nulls left out.
    ///
    /// # Errors
    ///
    /// [`Error::RowOrder`] naming that row.
    pub fn check_sorted(&self, name: &str) -> Result<()> {
        let mut last = i64::MIN;
        for row in 0..self.len() {
            if let Some(time) = self.micros(row) {
                if time < last {
                    return Err(Error::RowOrder {
                        column: name.to_owned(),
                        row: row as u64,
                        message: "is earlier than the row before it; sort by time first".into(),
                    });
                }
                last = time;
            }
        }
        Ok(())
    }
}

/// The same type with its zone, where that is a name for UTC, as an offset: names are beyond Arrow's casts from and to
/// text.
#[cfg(any(feature = "csv", feature = "parquet"))]
pub(crate) fn with_offset(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(zone)) if offset_micros(zone) == Some(0) => {
            DataType::Timestamp(*unit, Some("+00:00".into()))
        }
        other => other.clone(),
    }
}

/// `text` as a tick of the date or timestamp type `data_type`; `None` where it cannot be read. A time without an offset is
/// in the zone of the type if that is a fixed offset, else in UTC.
pub(crate) fn tick_of(text: &str, data_type: &DataType) -> Option<i64> {
    let utc: Arc<str> = "+00:00".into();
    let data_type = match data_type {
        DataType::Dictionary(_, value) => return tick_of(text, value),
        DataType::Timestamp(unit, Some(zone)) => {
            let is_offset = zone.starts_with(['+', '-']);
            let zone = if is_offset { zone.clone() } else { utc };
            DataType::Timestamp(*unit, Some(zone))
        }
        other => other.clone(),
    };
    let text: ArrayRef = Arc::new(StringArray::from(vec![text]));
    let read = cast(&text, &data_type)
        .ok()
        .filter(|read| read.is_valid(0))?;
    let narrow = data_type == DataType::Date32;
    let ticks = if narrow {
        cast(&read, &DataType::Int32).ok()?
    } else {
        read
    };
    let ticks = cast(&ticks, &DataType::Int64).ok()?;
    Some(ticks.as_primitive::<Int64Type>().value(0))
}

fn offset_micros(zone: &str) -> Option<i64> {
    if matches!(zone, "UTC" | "utc" | "Z" | "Etc/UTC") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let padded = if digits.len() == 2 {
        format!("{digits}00")
    } else {
        digits
    };
    if padded.len() != 4 || !padded.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = padded.split_at(2);
    Some(sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?) * 60_000_000)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, TimestampMicrosecondArray, TimestampNanosecondArray};

    use super::*;

    #[test]
    fn units_and_zones_agree() {
        let nanos = Arc::new(TimestampNanosecondArray::from(vec![
            Some(-1),
            None,
            Some(1_500),
        ])) as ArrayRef;
        let column = TemporalColumn::new("t", &nanos).unwrap();
        assert_eq!(
            (column.micros(0), column.micros(1), column.micros(2)),
            (Some(-1), None, Some(1))
        );

        let zoned = TimestampMicrosecondArray::from(vec![0]).with_timezone("-03:30");
        let column = TemporalColumn::new("t", &(Arc::new(zoned) as ArrayRef)).unwrap();
        assert_eq!(
            column.wall_clock(0).unwrap().to_string(),
            "1969-12-31 20:30:00"
        );
        assert_eq!(column.local_micros(0), Some(-12_600_000_000));

        let days = Arc::new(Date32Array::from(vec![1])) as ArrayRef;
        assert_eq!(
            TemporalColumn::new("t", &days).unwrap().micros(0),
            Some(86_400_000_000)
        );

        let named = TimestampMicrosecondArray::from(vec![0]).with_timezone("Europe/Berlin");
        let named = TemporalColumn::new("t", &(Arc::new(named) as ArrayRef));
        assert_eq!(named.is_ok(), cfg!(feature = "timezones"));
    }

    #[cfg(feature = "timezones")]
    #[test]
    fn the_clocks_of_a_named_zone_are_moved() {
        // 31 March 2024 in Berlin: from 02:00 to 03:00, at 01:00 UTC.
        let moved = 1_711_846_800_000_000;
        let times = TimestampMicrosecondArray::from(vec![Some(moved - 1), Some(moved), None]);
        let times = Arc::new(times.with_timezone("Europe/Berlin")) as ArrayRef;
        let column = TemporalColumn::new("t", &times).unwrap();
        let clock = |row| column.wall_clock(row).map(|time| time.to_string());
        assert_eq!(clock(0).unwrap(), "2024-03-31 01:59:59.999999");
        assert_eq!(clock(1).unwrap(), "2024-03-31 03:00:00");
        assert_eq!(column.local_micros(1), Some(moved + 7_200_000_000));
        assert_eq!(clock(2), None);
    }

    #[test]
    fn a_row_out_of_order_is_named() {
        let array = Arc::new(Date32Array::from(vec![Some(1), None, Some(3), Some(2)])) as ArrayRef;
        let error = TemporalColumn::new("t", &array)
            .unwrap()
            .check_sorted("t")
            .unwrap_err();
        assert!(matches!(error, Error::RowOrder { row: 3, .. }), "{error}");
    }
}

//! Parts of dates and timestamps.

use std::fmt;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Int32Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::{TemporalColumn, by_name};
use alchemy_core::{Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::assemble::{appended, schema_of};
use crate::civil::{Date, day_of_week, iso_week};
use crate::naming;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// A part of a date or time, as a whole number.
///
/// Its name in a column is the variant's in snake case: `hour`, `day_of_week`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalendarPart {
    /// Second of the minute, 0 to 59.
    Second,
    /// Minute of the hour, 0 to 59.
    Minute,
    /// Hour of the day, 0 to 23.
    Hour,
    /// Day of the week, 0 on Monday to 6 on Sunday.
    DayOfWeek,
    /// 1 on Saturday and Sunday, else 0.
    IsWeekend,
    /// Day of the month, 1 to 31.
    DayOfMonth,
    /// Day of the year, 1 to 366.
    DayOfYear,
    /// Week of the year by ISO 8601, 1 to 53.
    IsoWeek,
    /// Month, 1 to 12.
    Month,
    /// Quarter of the year, 1 to 4.
    Quarter,
    /// Year of the proleptic Gregorian calendar.
    Year,
}

impl CalendarPart {
    fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfWeek => "day_of_week",
            Self::IsWeekend => "is_weekend",
            Self::DayOfMonth => "day_of_month",
            Self::DayOfYear => "day_of_year",
            Self::IsoWeek => "iso_week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    fn read(self, times: &TemporalColumn) -> Int32Array {
        match self {
            Self::Second => of_time(times, |time| time / MICROS_PER_SECOND % 60),
            Self::Minute => of_time(times, |time| time / MICROS_PER_MINUTE % 60),
            Self::Hour => of_time(times, |time| time / MICROS_PER_HOUR),
            Self::DayOfWeek => of_day(times, day_of_week),
            Self::IsWeekend => of_day(times, |day| i64::from(day_of_week(day) >= 5)),
            Self::DayOfMonth => of_day(times, |day| Date::of(day).day),
            Self::DayOfYear => of_day(times, |day| Date::of(day).day_of_year),
            Self::IsoWeek => of_day(times, iso_week),
            Self::Month => of_day(times, |day| Date::of(day).month),
            Self::Quarter => of_day(times, |day| (Date::of(day).month + 2) / 3),
            Self::Year => of_day(times, |day| Date::of(day).year),
        }
    }
}

impl fmt::Display for CalendarPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Appends parts of a date or timestamp column, as the clock on the wall shows them.
///
/// Each [`CalendarPart`] becomes an `Int32` column `{column}_{part}`, null where `column` is null. A timestamp with a zone
/// (UTC or a fixed offset) is read in that zone; one without is taken as it stands; a date is its midnight. Seconds are
/// whole: what lies below is cut off. Dates are those of the proleptic Gregorian calendar.
///
/// Each part is one pass of integer arithmetic over the column. There is nothing to learn: the step is its own fitted
/// type.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if no part is chosen.
/// - [`Error::ColumnNotFound`] if `column` is not in the batch.
/// - [`Error::ColumnType`] if it is not temporal, or in a zone that only a time zone database knows.
/// - [`Error::DuplicateColumn`] if a part is given twice, or its name is taken.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, Int32Array, RecordBatch, TimestampSecondArray};
/// use alchemy_features::{Calendar, CalendarPart, Transform};
///
/// // Saturday 2024-03-02 23:30 in UTC is Sunday, half past one, two hours further east.
/// let ts = TimestampSecondArray::from(vec![1_709_422_200]).with_timezone("+02:00");
/// let batch = RecordBatch::try_from_iter([("ts", Arc::new(ts) as ArrayRef)])?;
///
/// let parts = [CalendarPart::Hour, CalendarPart::DayOfWeek, CalendarPart::IsWeekend];
/// let out = Calendar::of("ts").with_parts(parts).transform(&batch)?;
/// assert_eq!(out["ts_hour"].as_ref(), &Int32Array::from(vec![1]));
/// assert_eq!(out["ts_day_of_week"].as_ref(), &Int32Array::from(vec![6]));
/// assert_eq!(out["ts_is_weekend"].as_ref(), &Int32Array::from(vec![1]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    column: String,
    parts: Vec<CalendarPart>,
}

impl Calendar {
    /// The calendar of `column`: hour, day of the week and whether it is a weekend, unless told otherwise by
    /// [`with_parts`](Self::with_parts).
    #[must_use]
    pub fn of(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            parts: vec![
                CalendarPart::Hour,
                CalendarPart::DayOfWeek,
                CalendarPart::IsWeekend,
            ],
        }
    }

    /// The parts to append, in order. Default: `Hour`, `DayOfWeek`, `IsWeekend`.
    #[must_use]
    pub fn with_parts(mut self, parts: impl IntoIterator<Item = CalendarPart>) -> Self {
        self.parts = parts.into_iter().collect();
        self
    }
}

impl Transform for Calendar {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        schema_of(self, input)
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        if self.parts.is_empty() {
            return Err(Error::parameter("parts", "choose at least one"));
        }
        let times = TemporalColumn::new(&self.column, by_name(batch, &self.column)?)?;
        let parts = self.parts.iter().map(|part| {
            let name = naming::part(&self.column, part);
            let field = Field::new(name, DataType::Int32, true);
            (Arc::new(field), Arc::new(part.read(&times)) as ArrayRef)
        });
        appended(batch, parts)
    }
}

impl Step for Calendar {
    const NAME: &'static str = "alchemy-features/calendar";
}

/// `part` of the microseconds since midnight.
fn of_time(times: &TemporalColumn, part: impl Fn(i64) -> i64) -> Int32Array {
    of_clock(times, |micros| part(micros.rem_euclid(MICROS_PER_DAY)))
}

/// `part` of the days since 1970-01-01.
fn of_day(times: &TemporalColumn, part: impl Fn(i64) -> i64) -> Int32Array {
    of_clock(times, |micros| part(micros.div_euclid(MICROS_PER_DAY)))
}

fn of_clock(times: &TemporalColumn, part: impl Fn(i64) -> i64) -> Int32Array {
    let read = |row| i32::try_from(part(times.local_micros(row)?)).ok();
    (0..times.len()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::Date32Array;

    use super::*;

    #[test]
    fn a_date_is_its_midnight_and_null_has_no_parts() {
        let days = Arc::new(Date32Array::from(vec![Some(-1), None])) as ArrayRef;
        let batch = RecordBatch::try_from_iter_with_nullable([("day", days, true)]).unwrap();
        let parts = [CalendarPart::Hour, CalendarPart::Year];
        let out = Calendar::of("day")
            .with_parts(parts)
            .transform(&batch)
            .unwrap();
        assert_eq!(
            out["day_hour"].as_ref(),
            &Int32Array::from(vec![Some(0), None])
        );
        assert_eq!(
            out["day_year"].as_ref(),
            &Int32Array::from(vec![Some(1969), None])
        );
    }

    #[test]
    fn no_part_is_refused() {
        let days = Arc::new(Date32Array::from(vec![0])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("day", days)]).unwrap();
        let error = Calendar::of("day")
            .with_parts([])
            .transform(&batch)
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    parameter: "parts",
                    ..
                }
            ),
            "{error}"
        );
    }
}

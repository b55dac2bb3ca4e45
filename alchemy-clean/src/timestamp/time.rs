//! A point in time, and the units it is counted in.

use alchemy_core::arrow::datatypes::TimeUnit;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

const NANOS: u32 = 1_000_000_000;
const SECONDS_OF_DAY: i64 = 86_400;

/// What a timestamp is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampUnit {
    /// Seconds.
    Second,
    /// Thousandths of a second.
    Millisecond,
    /// Millionths of a second.
    #[default]
    Microsecond,
    /// Billionths of a second, which reach from 1677 to 2262.
    Nanosecond,
}

impl TimestampUnit {
    /// How many powers of ten of it are a second.
    pub(super) fn digits(self) -> i8 {
        match self {
            Self::Second => 0,
            Self::Millisecond => 3,
            Self::Microsecond => 6,
            Self::Nanosecond => 9,
        }
    }

    /// The nanoseconds in one.
    pub(super) fn nanos(self) -> u32 {
        match self {
            Self::Second => NANOS,
            Self::Millisecond => 1_000_000,
            Self::Microsecond => 1_000,
            Self::Nanosecond => 1,
        }
    }
}

impl From<TimestampUnit> for TimeUnit {
    fn from(unit: TimestampUnit) -> Self {
        match unit {
            TimestampUnit::Second => Self::Second,
            TimestampUnit::Millisecond => Self::Millisecond,
            TimestampUnit::Microsecond => Self::Microsecond,
            TimestampUnit::Nanosecond => Self::Nanosecond,
        }
    }
}

/// Time since 1970-01-01 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    seconds: i64,
    /// Below a second.
    nanos: u32,
}

impl Time {
    /// The beginning of a day of a year from 0; `None` if the month has no such day. `month` is 1 to 12, `day` above 0.
    ///
    /// The days of years that begin in March, in cycles of 400 years, as in Howard Hinnant's `days_from_civil`.
    #[inline]
    pub(super) fn of_day(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if day > last {
            return None;
        }
        // One cycle more keeps January of the year 0 above zero.
        let year = year + 400 - u32::from(month <= 2);
        let month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month + 2) / 5 + day - 1;
        let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
        Some(Self {
            seconds: (i64::from(days) - 719_468 - 146_097) * SECONDS_OF_DAY,
            nanos: 0,
        })
    }

    /// Chrono has more than a second of nanoseconds in a leap second, which is the first of the next minute here.
    pub(super) fn of_chrono(local: NaiveDateTime, offset: i32) -> Self {
        let utc = local.and_utc();
        let seconds = utc.timestamp() - i64::from(offset);
        Self { seconds, nanos: 0 }.plus_nanos(utc.timestamp_subsec_nanos())
    }

    /// `None` beyond the range of seconds in an `i64`.
    pub(super) fn of_nanos(nanos: i128) -> Option<Self> {
        Some(Self {
            seconds: i64::try_from(nanos.div_euclid(NANOS.into())).ok()?,
            nanos: u32::try_from(nanos.rem_euclid(NANOS.into())).ok()?,
        })
    }

    /// `nanos` is below a second.
    #[inline]
    pub(super) fn plus(self, seconds: i64, nanos: u32) -> Self {
        Self {
            seconds: self.seconds + seconds,
            nanos,
        }
    }

    fn plus_nanos(self, nanos: u32) -> Self {
        self.plus((nanos / NANOS).into(), nanos % NANOS)
    }

    /// Whole units since the epoch, what is finer cut off; `None` beyond the range of `i64`.
    #[inline]
    pub(super) fn ticks(self, unit: TimestampUnit) -> Option<i64> {
        let ticks = self.seconds.checked_mul((NANOS / unit.nanos()).into())?;
        ticks.checked_add((self.nanos / unit.nanos()).into())
    }

    /// Whole days since the epoch.
    #[inline]
    pub(super) fn days(self) -> Option<i32> {
        i32::try_from(self.seconds.div_euclid(SECONDS_OF_DAY)).ok()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn every_day_is_that_of_chrono() {
        for year in (0..10_000).step_by(3).chain([1900, 2000, 2100, 2400]) {
            for month in 1..=12 {
                for day in 1..=31 {
                    let date = NaiveDate::from_ymd_opt(year, month, day);
                    let wanted = date.map(|date| Time::of_chrono(date.into(), 0));
                    let year = u32::try_from(year).unwrap();
                    assert_eq!(
                        Time::of_day(year, month, day),
                        wanted,
                        "{year}-{month}-{day}"
                    );
                }
            }
        }
    }

    #[test]
    fn ticks_are_cut_off_downwards_and_never_wrap() {
        let before = Time::of_nanos(-1).unwrap();
        assert_eq!(before.ticks(TimestampUnit::Microsecond), Some(-1));
        assert_eq!(before.ticks(TimestampUnit::Second), Some(-1));
        assert_eq!(before.days(), Some(-1));
        let late = Time::of_day(2262, 4, 12).unwrap();
        assert_eq!(late.ticks(TimestampUnit::Nanosecond), None);
        assert!(late.ticks(TimestampUnit::Microsecond).is_some());
    }
}

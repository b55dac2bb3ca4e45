//! The calendar of a day, by integer arithmetic.

const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_EPOCH: i64 = 719_468;
/// The day of the week of 1970-01-01, a Thursday.
const EPOCH_DAY_OF_WEEK: i64 = 3;

/// A date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
    /// 1 to 366.
    pub(crate) day_of_year: i64,
}

impl Date {
    /// The date `days` after 1970-01-01.
    ///
    /// This is H. Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>): years that start
    /// in March have their leap day at the end, and 400 of them (an era) always have the same length.
    #[inline]
    pub(crate) fn of(days: i64) -> Self {
        let days = days + DAYS_BEFORE_EPOCH;
        let era = days.div_euclid(DAYS_PER_ERA);
        let of_era = days.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let from_march = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * from_march + 2) / 153;
        let day = from_march - (153 * month_from_march + 2) / 5 + 1;
        let year_from_march = 400 * era + year_of_era;
        if month_from_march >= 10 {
            return Self {
                year: year_from_march + 1,
                month: month_from_march - 9,
                day,
                day_of_year: from_march - 305,
            };
        }
        let leap = year_of_era % 4 == 0 && (year_of_era % 100 != 0 || year_of_era == 0);
        Self {
            year: year_from_march,
            month: month_from_march + 3,
            day,
            day_of_year: from_march + 60 + i64::from(leap),
        }
    }
}

/// 0 on Monday to 6 on Sunday.
#[inline]
pub(crate) fn day_of_week(days: i64) -> i64 {
    (days + EPOCH_DAY_OF_WEEK).rem_euclid(7)
}

/// The ISO 8601 week, 1 to 53: a week belongs to the year that its Thursday lies in.
#[inline]
pub(crate) fn iso_week(days: i64) -> i64 {
    const THURSDAY: i64 = 3;
    let thursday = days - day_of_week(days) + THURSDAY;
    (Date::of(thursday).day_of_year - 1) / 7 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts days one by one, by the rules of the calendar.
    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let mut expected = Date {
            year: 1599,
            month: 12,
            day: 31,
            day_of_year: 365,
        };
        for days in -135_140..157_054 {
            let Date { year, month, .. } = expected;
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let length = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected.day += 1;
            expected.day_of_year += 1;
            if expected.day > length {
                (expected.day, expected.month) = (1, month + 1);
            }
            if expected.month > 12 {
                (expected.year, expected.month, expected.day_of_year) = (year + 1, 1, 1);
            }
            assert_eq!(Date::of(days), expected, "{days}");
        }
        assert_eq!(expected.year, 2399);
    }

    #[test]
    fn weeks_belong_to_the_year_of_their_thursday() {
        assert_eq!(day_of_week(0), 3);
        assert_eq!(day_of_week(-4), 6);
        // 1970-01-01, Sunday 2021-01-03, 2020-12-31, Monday 2024-12-30.
        for (days, week) in [(0, 1), (18_630, 53), (18_627, 53), (20_087, 1)] {
            assert_eq!(iso_week(days), week, "{days}");
        }
    }
}

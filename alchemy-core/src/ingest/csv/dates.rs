//! Dates and times in a form of the caller's.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::format::{Fixed, Item, Numeric, Pad, Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveDate};

use crate::{Error, Result};

/// A form that dates, or dates with times, are written in.
#[derive(Debug, Clone)]
pub(super) struct DateFormat {
    pub(super) text: String,
    items: Vec<Item<'static>>,
    kind: Kind,
}

/// What a form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Date,
    Time,
    /// Date and time, with the offset from UTC.
    Instant,
}

impl DateFormat {
    /// A form in `chrono`'s `strftime` syntax.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if it is not in that syntax, or does not determine a date.
    pub(super) fn new(text: &str) -> Result<Self> {
        let wrong =
            |message: &str| Error::parameter("dates", format!("the form {text:?} {message}"));
        let items = StrftimeItems::new(text)
            .parse_to_owned()
            .map_err(|_| wrong("is not one of strftime"))?;
        let format = Self {
            text: text.to_owned(),
            kind: Kind::of(&items),
            items,
        };
        if format
            .items
            .iter()
            .any(|item| matches!(item, Item::Fixed(Fixed::TimezoneName)))
        {
            return Err(wrong("has %Z; names of time zones cannot be read"));
        }
        // As whole nanoseconds, ".25" would be 25 of them.
        let nanoseconds = Item::Numeric(Numeric::Nanosecond, Pad::Zero);
        if format.items.contains(&nanoseconds) {
            return Err(wrong(
                "has %f; a fraction of a second is %.f, its point included",
            ));
        }
        let sample = DateTime::from_timestamp(981_173_106, 0).unwrap_or_default();
        let sample = sample.format_with_items(format.items.iter()).to_string();
        match format.parse(&sample) {
            Some(_) => Ok(format),
            None => Err(wrong("does not determine a date")),
        }
    }

    /// `Date32` if the form has no time of day; else a `Timestamp` in microseconds, in UTC if the form has an offset.
    pub(super) fn data_type(&self) -> DataType {
        let zone = (self.kind == Kind::Instant).then(|| "UTC".into());
        match self.kind {
            Kind::Date => DataType::Date32,
            Kind::Time | Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, zone),
        }
    }

    /// The dates that `cells` stand for; null where a cell is null, or not of this form.
    pub(super) fn read(&self, cells: &StringArray) -> ArrayRef {
        let values = cells.iter().map(|cell| self.parse(cell?));
        match self.kind {
            Kind::Date => {
                let days = values.map(|days| i32::try_from(days?).ok());
                Arc::new(days.collect::<Date32Array>())
            }
            Kind::Time => Arc::new(values.collect::<TimestampMicrosecondArray>()),
            Kind::Instant => {
                let values = values.collect::<TimestampMicrosecondArray>();
                Arc::new(values.with_timezone("UTC"))
            }
        }
    }

    /// Days, or microseconds, since 1970.
    fn parse(&self, cell: &str) -> Option<i64> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, cell, self.items.iter()).ok()?;
        settle_year(&mut parsed, cell)?;
        match self.kind {
            Kind::Date => {
                let date = parsed.to_naive_date().ok()?;
                Some((date - NaiveDate::default()).num_days())
            }
            Kind::Time => {
                // A form may stop at the hour.
                if parsed.minute().is_none() && parsed.timestamp().is_none() {
                    parsed.set_minute(0).ok()?;
                }
                whole_micros(parsed.to_naive_datetime_with_offset(0).ok()?.and_utc())
            }
            Kind::Instant => {
                if parsed.minute().is_none() && parsed.timestamp().is_none() {
                    parsed.set_minute(0).ok()?;
                }
                whole_micros(parsed.to_datetime().ok()?.to_utc())
            }
        }
    }
}

impl Kind {
    fn of(items: &[Item<'_>]) -> Self {
        let offset = |item: &Item<'_>| {
            matches!(
                item,
                Item::Fixed(
                    Fixed::TimezoneOffset
                        | Fixed::TimezoneOffsetColon
                        | Fixed::TimezoneOffsetColonZ
                        | Fixed::TimezoneOffsetZ
                        | Fixed::TimezoneOffsetDoubleColon
                        | Fixed::TimezoneOffsetTripleColon
                        | Fixed::RFC2822
                        | Fixed::RFC3339
                )
            )
        };
        let time = |item: &Item<'_>| {
            matches!(
                item,
                Item::Numeric(Numeric::Hour | Numeric::Hour12 | Numeric::Timestamp, _)
            )
        };
        if items.iter().any(offset) {
            Self::Instant
        } else if items.iter().any(time) {
            Self::Time
        } else {
            Self::Date
        }
    }
}

/// Puts 69 into the 20th century, as POSIX does and `chrono` does not, and refuses a year written with fewer digits than
/// it has: "24" where the form says `%Y` is hardly the year 24.
fn settle_year(parsed: &mut Parsed, cell: &str) -> Option<()> {
    if parsed.year_mod_100() == Some(69) && parsed.year_div_100().is_none() {
        return parsed.set_year_div_100(19).ok().map(|_| ());
    }
    match parsed.year() {
        Some(year @ 0..1000) => cell.contains(&format!("{year:04}")).then_some(()),
        _ => Some(()),
    }
}

/// Microseconds since 1970; `None` where finer digits would be lost.
fn whole_micros(time: DateTime<chrono::Utc>) -> Option<i64> {
    time.timestamp_subsec_nanos()
        .is_multiple_of(1000)
        .then(|| time.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(format: &str, cell: &str) -> Option<i64> {
        DateFormat::new(format).unwrap().parse(cell)
    }

    #[test]
    fn a_form_determines_a_type() {
        for (format, expected) in [
            ("%d.%m.%Y", DataType::Date32),
            ("%Y-%j", DataType::Date32),
            ("%b %e, %y", DataType::Date32),
            ("%F %H", DataType::Timestamp(TimeUnit::Microsecond, None)),
            (
                "%m/%d/%y %I:%M %p",
                DataType::Timestamp(TimeUnit::Microsecond, None),
            ),
            ("%s", DataType::Timestamp(TimeUnit::Microsecond, None)),
            (
                "%FT%T%.f%:z",
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            ),
        ] {
            assert_eq!(
                DateFormat::new(format).unwrap().data_type(),
                expected,
                "{format}"
            );
        }
        for format in [
            "%m/%d", "%H:%M", "%Q", "plain", "%Y-%m", "%F %T %Z", "%F %T.%f", "",
        ] {
            let error = DateFormat::new(format).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::InvalidParameter {
                        parameter: "dates",
                        ..
                    }
                ),
                "{format}: {error}"
            );
        }
    }

    #[test]
    fn cells_of_the_form_have_a_value_and_no_others() {
        assert_eq!(value("%d.%m.%Y", "02.01.1970"), Some(1));
        assert_eq!(value("%d.%m.%Y", "29.02.1900"), None);
        assert_eq!(value("%d.%m.%Y", "02.01.1970 "), None);
        assert_eq!(value("%d.%m.%Y", "1970-01-02"), None);
        assert_eq!(value("%F %H", "1970-01-01 01"), Some(3_600_000_000));
        assert_eq!(value("%F %T%z", "1970-01-01 01:00:00+0100"), Some(0));
        assert_eq!(value("%F %T%.f", "1970-01-01 00:00:00.25"), Some(250_000));
        assert_eq!(value("%F %T%.f", "1970-01-01 00:00:00.0000001"), None);
        assert_eq!(value("%s", "1"), Some(1_000_000));
    }
}

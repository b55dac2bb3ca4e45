//! Dates written as text: which of the common forms a cell has.

use serde::{Deserialize, Serialize};

/// How the date of a cell is written. A day and a month that could change places are told apart by
/// the cells in which one of them is above twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Order {
    YearMonthDay(char),
    DayMonthYear(char),
    MonthDayYear(char),
    /// Either of the two before: both numbers are at most twelve.
    DayOrMonthFirst(char),
    /// As the three before, with a year of two digits.
    DayMonthShortYear(char),
    MonthDayShortYear(char),
    DayOrMonthFirstShortYear(char),
    /// `5 Jan 2024`, `5-Jan-2024`
    DayNameYear(char, Name),
    /// `Jan 5, 2024`
    NameDayYear(Name),
}

/// Whether the name of a month is cut to three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Name {
    Short,
    Full,
}

/// How the time of day behind a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Clock {
    /// A space or a `T`.
    separator: char,
    precision: Precision,
    is_twelve_hours: bool,
    has_zone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Precision {
    Minutes,
    Seconds,
    Fraction,
}

/// The form of a date, with or without a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DateForm {
    order: Order,
    clock: Option<Clock>,
}

impl DateForm {
    /// The form of `text`, which has no outer white space; `None` where it is no date, such as the
    /// 30th of February.
    ///
    /// Known are `2024-01-31` (also with `/` and `.`), `31/01/2024`, `01/31/2024` (also with `-`),
    /// both with years of two digits, `31.01.2024`, `31 Jan 2024`, `31-Jan-2024`, `Jan 31, 2024` with
    /// names cut or in full; behind each, after a space or `T`, `23:59`, seconds, fractions of them,
    /// `AM` or `PM`, and `Z` or an offset such as `+02:00`.
    pub(super) fn of(text: &str) -> Option<Self> {
        // The longest form: a full name, a fraction of nine digits and an offset.
        const LONGEST: usize = 50;
        let bytes = text.as_bytes();
        if bytes.len() > LONGEST {
            return None;
        }
        let (order, rest) = match bytes.first()? {
            b'0'..=b'9' => numbers_first(bytes)?,
            b'A'..=b'Z' | b'a'..=b'z' => name_first(bytes)?,
            _ => return None,
        };
        let clock = match rest.split_first() {
            None => None,
            Some((b' ', rest)) => Some(clock(' ', rest)?),
            Some((b'T', rest)) => Some(clock('T', rest)?),
            Some(_) => return None,
        };
        Some(Self { order, clock })
    }

    /// Whether day and month could change places.
    pub(super) fn is_ambiguous(self) -> bool {
        matches!(
            self.order,
            Order::DayOrMonthFirst(_) | Order::DayOrMonthFirstShortYear(_)
        )
    }

    /// The forms that an ambiguous one may stand for, day first and month first; a form of its own
    /// stands for itself.
    pub(super) fn readings(self) -> [Self; 2] {
        let of = |order| Self { order, ..self };
        match self.order {
            Order::DayOrMonthFirst(separator) => [
                of(Order::DayMonthYear(separator)),
                of(Order::MonthDayYear(separator)),
            ],
            Order::DayOrMonthFirstShortYear(separator) => [
                of(Order::DayMonthShortYear(separator)),
                of(Order::MonthDayShortYear(separator)),
            ],
            _ => [self; 2],
        }
    }

    /// Whether the day stands before the month, and both are numbers.
    pub(super) fn is_day_first(self) -> bool {
        matches!(
            self.order,
            Order::DayMonthYear('/' | '-') | Order::DayMonthShortYear(_)
        )
    }

    /// Whether the month stands before the day, and both are numbers.
    pub(super) fn is_month_first(self) -> bool {
        matches!(
            self.order,
            Order::MonthDayYear(_) | Order::MonthDayShortYear(_)
        )
    }

    /// The form as `strftime` and chrono write it; both readings of an ambiguous one.
    pub(super) fn format(self) -> String {
        let [day_first, month_first] = self.readings();
        if day_first == month_first {
            self.pattern()
        } else {
            format!("{} or {}", day_first.pattern(), month_first.pattern())
        }
    }

    fn pattern(self) -> String {
        let name = |name| if name == Name::Short { "%b" } else { "%B" };
        let date = match self.order {
            Order::YearMonthDay(by) => format!("%Y{by}%m{by}%d"),
            Order::DayMonthYear(by) | Order::DayOrMonthFirst(by) => format!("%d{by}%m{by}%Y"),
            Order::MonthDayYear(by) => format!("%m{by}%d{by}%Y"),
            Order::DayMonthShortYear(by) | Order::DayOrMonthFirstShortYear(by) => {
                format!("%d{by}%m{by}%y")
            }
            Order::MonthDayShortYear(by) => format!("%m{by}%d{by}%y"),
            Order::DayNameYear(by, month) => format!("%d{by}{}{by}%Y", name(month)),
            Order::NameDayYear(month) => format!("{} %d, %Y", name(month)),
        };
        let Some(clock) = self.clock else { return date };
        let hour = if clock.is_twelve_hours { "%I" } else { "%H" };
        let seconds = match clock.precision {
            Precision::Minutes => "",
            Precision::Seconds => ":%S",
            Precision::Fraction => ":%S%.f",
        };
        let half = if clock.is_twelve_hours { " %p" } else { "" };
        let zone = if clock.has_zone { "%:z" } else { "" };
        format!("{date}{}{hour}:%M{seconds}{half}{zone}", clock.separator)
    }
}

/// A date that begins with a number, and what comes behind it.
fn numbers_first(text: &[u8]) -> Option<(Order, &[u8])> {
    // The form of most tables, which a column of a million times is read in.
    if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = text
        && let Some(year) = fixed([*y1, *y2, *y3, *y4])
        && let Some(month) = fixed([*m1, *m2])
        && let Some(day) = fixed([*d1, *d2])
        && !rest.first().is_some_and(u8::is_ascii_digit)
    {
        return is_day(year, month, day).then_some((Order::YearMonthDay('-'), rest));
    }
    let (first, digits, text) = number(text, 4)?;
    let (separator, text) = text.split_first()?;
    let by = char::from(*separator);
    if matches!(by, ' ' | '-') && text.first()?.is_ascii_alphabetic() {
        let (month, name, text) = month(text)?;
        let (year, text) = full_year(text.strip_prefix(&[*separator])?)?;
        return is_day(year, month, first).then_some((Order::DayNameYear(by, name), text));
    }
    if !matches!(by, '-' | '/' | '.') {
        return None;
    }
    let (second, _, text) = number(text, 2)?;
    let (third, third_digits, text) = number(text.strip_prefix(&[*separator])?, 4)?;
    let order = match (digits, third_digits) {
        (4, 1..=2) => {
            return is_day(first, second, third).then_some((Order::YearMonthDay(by), text));
        }
        (1..=2, 4) => [
            Order::DayMonthYear(by),
            Order::MonthDayYear(by),
            Order::DayOrMonthFirst(by),
        ],
        (1..=2, 2) if by == '/' => [
            Order::DayMonthShortYear(by),
            Order::MonthDayShortYear(by),
            Order::DayOrMonthFirstShortYear(by),
        ],
        _ => return None,
    };
    let year = if third_digits == 2 {
        2000 + third
    } else {
        third
    };
    let day_first = is_day(year, second, first);
    // Nobody writes the month first before a point.
    let month_first = by != '.' && is_day(year, first, second);
    let order = match (day_first, month_first) {
        (true, false) => order[0],
        (false, true) => order[1],
        (true, true) => order[2],
        (false, false) => return None,
    };
    Some((order, text))
}

/// A date that begins with the name of a month, and what comes behind it.
fn name_first(text: &[u8]) -> Option<(Order, &[u8])> {
    let (month, name, text) = month(text)?;
    let (day, _, text) = number(text.strip_prefix(b" ")?, 2)?;
    let (year, text) = full_year(text.strip_prefix(b", ")?)?;
    is_day(year, month, day).then_some((Order::NameDayYear(name), text))
}

/// A time of day that ends the text.
fn clock(separator: char, text: &[u8]) -> Option<Clock> {
    if let [h1, h2, b':', m1, m2, b':', s1, s2] = text
        && let Some(hour) = fixed([*h1, *h2])
        && let Some(minute) = fixed([*m1, *m2])
        && let Some(second) = fixed([*s1, *s2])
    {
        let is_time = hour < 24 && minute < 60 && second <= 60;
        return is_time.then_some(Clock {
            separator,
            precision: Precision::Seconds,
            is_twelve_hours: false,
            has_zone: false,
        });
    }
    let (hour, _, text) = number(text, 2)?;
    let (minute, 2, mut text) = number(text.strip_prefix(b":")?, 2)? else {
        return None;
    };
    let mut precision = Precision::Minutes;
    let mut second = 0;
    if let Some(rest) = text.strip_prefix(b":") {
        let digits;
        (second, digits, text) = number(rest, 2)?;
        precision = Precision::Seconds;
        if digits != 2 {
            return None;
        }
        if let Some(rest) = text.strip_prefix(b".") {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            text = &rest[digits..];
            precision = Precision::Fraction;
        }
    }
    let half = text.strip_prefix(b" ").unwrap_or(text);
    let is_twelve_hours = half.eq_ignore_ascii_case(b"am") || half.eq_ignore_ascii_case(b"pm");
    let has_zone = !is_twelve_hours && !text.is_empty();
    if has_zone && !is_zone(text) {
        return None;
    }
    let hours = if is_twelve_hours { 1..=12 } else { 0..=23 };
    // 60 is a leap second.
    let is_time = hours.contains(&hour) && minute < 60 && second <= 60;
    is_time.then_some(Clock {
        separator,
        precision,
        is_twelve_hours,
        has_zone,
    })
}

fn is_zone(text: &[u8]) -> bool {
    match text {
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] | [b'+' | b'-', a, b, c, d] => {
            [a, b, c, d].into_iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// The number that digits stand for; `None` if they are not all digits.
fn fixed<const N: usize>(digits: [u8; N]) -> Option<u32> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    digits
        .iter()
        .try_fold(0, |value, byte| Some(10 * value + digit(byte)?))
}

/// A number of at most `most` digits: its value, how many digits it has, and the rest.
fn number(text: &[u8], most: usize) -> Option<(u32, usize, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > most {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    let value = number
        .iter()
        .fold(0, |value, digit| 10 * value + u32::from(digit - b'0'));
    Some((value, digits, rest))
}

fn full_year(text: &[u8]) -> Option<(u32, &[u8])> {
    match number(text, 4)? {
        (year, 4, rest) => Some((year, rest)),
        _ => None,
    }
}

/// The name of a month in English: its number, how it is written, and the rest.
fn month(text: &[u8]) -> Option<(u32, Name, &[u8])> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let (word, rest) = text.split_at(letters);
    let is_short = letters == 3;
    let found = NAMES.iter().zip(1..).find(|(name, _)| {
        let name = name.as_bytes();
        word.eq_ignore_ascii_case(if is_short { &name[..3] } else { name })
    });
    let name = if is_short { Name::Short } else { Name::Full };
    found.map(|(_, month)| (month, name, rest))
}

/// Whether the day exists. Years of four digits that are no years would make dates of part numbers.
fn is_day(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1000..3000).contains(&year) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveDateTime};

    use super::*;

    #[test]
    fn common_forms_are_known() {
        for (text, format) in [
            ("2024-01-31", "%Y-%m-%d"),
            ("2024/1/31", "%Y/%m/%d"),
            ("2024-01-31 23:59", "%Y-%m-%d %H:%M"),
            ("2024-01-31 23:59:60", "%Y-%m-%d %H:%M:%S"),
            ("2024-01-31T23:59:00.125", "%Y-%m-%dT%H:%M:%S%.f"),
            ("2024-01-31T23:59:00Z", "%Y-%m-%dT%H:%M:%S%:z"),
            ("2024-01-31T23:59:00+02:00", "%Y-%m-%dT%H:%M:%S%:z"),
            ("31/01/2024", "%d/%m/%Y"),
            ("01/31/2024 8:05", "%m/%d/%Y %H:%M"),
            ("01/31/2024 08:05 pm", "%m/%d/%Y %I:%M %p"),
            ("02/01/2024", "%d/%m/%Y or %m/%d/%Y"),
            ("02-01-2024", "%d-%m-%Y or %m-%d-%Y"),
            ("12/13/10 8:26", "%m/%d/%y %H:%M"),
            ("02.01.2024", "%d.%m.%Y"),
            ("5 Jan 2024", "%d %b %Y"),
            ("05-JAN-2024", "%d-%b-%Y"),
            ("January 5, 2024", "%B %d, %Y"),
            ("Feb 29, 2024", "%b %d, %Y"),
        ] {
            let found = DateForm::of(text).map(DateForm::format);
            assert_eq!(found.as_deref(), Some(format), "{text}");
        }
    }

    #[test]
    fn formats_are_those_of_chrono() {
        for text in [
            "2024-01-31 23:59",
            "2024-01-31T23:59:07.125",
            "31/01/2024 01:02:03",
            "12/13/10 8:26",
            "01/31/2024 08:05 PM",
            "5 Jan 2024 10:00",
            "January 5, 2024 10:00",
        ] {
            let format = DateForm::of(text).unwrap().format();
            assert!(
                NaiveDateTime::parse_from_str(text, &format).is_ok(),
                "{text} {format}"
            );
        }
        for text in ["02.01.2024", "05-Jan-2024", "2024/01/31"] {
            let format = DateForm::of(text).unwrap().format();
            assert!(NaiveDate::parse_from_str(text, &format).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_date() {
        for text in [
            "",
            "20240131",
            "2023-02-30",
            "2024-13-45 25:61:00",
            "31/02/2024",
            "13/13/2024",
            "2024-01",
            "2024-01-31x",
            "2024-01-31 25:00",
            "2024-01-31 10",
            "0123-01-31",
            "Jane 5, 2024",
            "1.5",
            "1.2.3",
            "C012345",
            "555-12-1234",
            "10.0.0.1",
            "not a date",
        ] {
            assert_eq!(DateForm::of(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_one_that_the_calendar_has() {
        for year in [1900, 2000, 2023, 2024] {
            for month in 0..14 {
                for day in 0..33 {
                    let is_known = NaiveDate::from_ymd_opt(year.try_into().unwrap(), month, day);
                    assert_eq!(is_day(year, month, day), is_known.is_some());
                }
            }
        }
    }
}

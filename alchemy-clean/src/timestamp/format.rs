//! Reading a time by formats that are prepared once.

use std::fmt::Write;

use alchemy_core::{Error, Result};
use chrono::format::{Fixed, Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, FixedOffset};

/// Formats to try in order; all of them give instants, or all give wall-clock time.
pub(super) struct Formats<'a> {
    formats: Vec<Format<'a>>,
    zone: Option<&'static str>,
}

impl<'a> Formats<'a> {
    pub(super) fn new(formats: &'a [String]) -> Result<Self> {
        let prepare = |format: &'a String| {
            Format::new(format)
                .map_err(|why| Error::parameter("formats", format!("{format:?} {why}")))
        };
        let formats: Vec<Format<'a>> = formats.iter().map(prepare).collect::<Result<_>>()?;
        let instants = formats.iter().filter(|format| format.is_instant).count();
        if formats.is_empty() {
            return Err(Error::parameter("formats", "is empty"));
        }
        if instants > 0 && instants < formats.len() {
            let message = "some give instants, by an offset from UTC, and some wall-clock time";
            return Err(Error::parameter("formats", message));
        }
        let zone = (instants > 0).then_some("UTC");
        Ok(Self { formats, zone })
    }

    /// The zone of instants; wall-clock time has none.
    pub(super) fn zone(&self) -> Option<&'static str> {
        self.zone
    }

    /// Microseconds since the epoch of the first format that reads all of `text`.
    pub(super) fn read(&self, text: &str) -> Option<i64> {
        self.formats.iter().find_map(|format| {
            let mut parsed = Parsed::new();
            parse(&mut parsed, text, format.items.iter()).ok()?;
            micros(&mut parsed)
        })
    }
}

struct Format<'a> {
    items: Vec<Item<'a>>,
    is_instant: bool,
}

impl<'a> Format<'a> {
    /// # Errors
    ///
    /// What is wrong with `format`.
    fn new(format: &'a str) -> Result<Self, &'static str> {
        let Ok(items) = StrftimeItems::new(format).parse() else {
            return Err("is not a format of chrono");
        };
        if items.contains(&Item::Fixed(Fixed::TimezoneName)) {
            return Err("reads the name of a zone, which does not tell its offset");
        }
        let Some(parsed) = probe(&items) else {
            return Err("does not give a date");
        };
        let is_instant = parsed.offset().is_some() || parsed.timestamp().is_some();
        Ok(Self { items, is_instant })
    }
}

/// What the format reads of a text that it wrote itself, if that is a date.
fn probe(items: &[Item<'_>]) -> Option<Parsed> {
    let some_time = DateTime::UNIX_EPOCH.with_timezone(&FixedOffset::east_opt(0)?);
    // `%#z` reads what `%:z` and others write, but cannot be written itself.
    let permissive = StrftimeItems::new("%#z").next();
    let writable = items.iter().map(|item| match item {
        item if Some(item) == permissive.as_ref() => &Item::Fixed(Fixed::TimezoneOffsetColon),
        item => item,
    });
    let mut text = String::new();
    write!(text, "{}", some_time.format_with_items(writable)).ok()?;
    let mut parsed = Parsed::new();
    parse(&mut parsed, &text, items.iter()).ok()?;
    micros(&mut parsed).map(|_| parsed)
}

/// A missing time of day is midnight, missing minutes are the full hour.
fn micros(parsed: &mut Parsed) -> Option<i64> {
    if parsed.timestamp().is_none() {
        if parsed.hour_div_12().is_none() && parsed.hour_mod_12().is_none() {
            parsed.set_hour(0).ok()?;
        }
        if parsed.minute().is_none() {
            parsed.set_minute(0).ok()?;
        }
    }
    // `%Y` also reads two digits, as a year of antiquity.
    if parsed.year().is_some_and(|year| year < 1000) {
        return None;
    }
    let offset = parsed.offset().unwrap_or(0);
    let local = parsed.to_naive_datetime_with_offset(offset).ok()?;
    local
        .and_utc()
        .timestamp_micros()
        .checked_sub(i64::from(offset) * 1_000_000)
}

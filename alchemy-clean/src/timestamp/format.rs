//! Reading a time by formats that are prepared once.

use std::fmt::Write;

use alchemy_core::{Error, Result};
use chrono::format::{Fixed, Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, FixedOffset};

use super::scan::{Program, Scanned};
use super::time::Time;

/// Formats to try in order; all of them give instants, or all give wall-clock time.
pub(super) struct Formats<'a> {
    formats: Vec<Format<'a>>,
    /// For each format, those after it that may read the same cell as another time.
    rivals: Vec<Vec<usize>>,
    zone: Option<&'static str>,
}

/// What formats make of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The first format that reads it, and what it reads.
    Read(usize, Time),
    /// Two formats read it as different times.
    Ambiguous,
    Unread,
}

impl<'a> Formats<'a> {
    /// Formats of which the first that reads a cell wins, or has to agree with every other one if `refusing`.
    pub(super) fn new(formats: &'a [String], refusing: bool) -> Result<Self> {
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
        let rivals = |(index, format): (usize, &Format<'a>)| {
            let later = (index + 1..formats.len()).filter(|_| refusing);
            later
                .filter(|other| !format.excludes(&formats[*other]))
                .collect()
        };
        Ok(Self {
            rivals: formats.iter().enumerate().map(rivals).collect(),
            zone: (instants > 0).then_some("UTC"),
            formats,
        })
    }

    /// The zone of instants; wall-clock time has none.
    pub(super) fn zone(&self) -> Option<&'static str> {
        self.zone
    }

    pub(super) fn len(&self) -> usize {
        self.formats.len()
    }

    /// What the formats make of all of `text`.
    pub(super) fn read(&self, text: &str) -> Outcome {
        let read = |(index, format): (usize, &Format<'a>)| Some((index, format.read(text)?));
        let Some((index, time)) = self.formats.iter().enumerate().find_map(read) else {
            return Outcome::Unread;
        };
        let differs = |other: &usize| {
            let other = self.formats[*other].read(text);
            other.is_some_and(|other| other != time)
        };
        if self.rivals[index].iter().any(differs) {
            return Outcome::Ambiguous;
        }
        Outcome::Read(index, time)
    }
}

struct Format<'a> {
    items: Vec<Item<'a>>,
    program: Option<Program>,
    /// The bytes of literals that no other item can read.
    marks: String,
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
        Ok(Self {
            is_instant: parsed.offset().is_some() || parsed.timestamp().is_some(),
            program: Program::new(&items),
            marks: marks(&items),
            items,
        })
    }

    fn read(&self, text: &str) -> Option<Time> {
        match self.program.as_ref().map(|program| program.read(text)) {
            Some(Scanned::Read(time)) => Some(time),
            Some(Scanned::Unread) => None,
            Some(Scanned::Unsure) | None => self.read_by_chrono(text),
        }
    }

    fn read_by_chrono(&self, text: &str) -> Option<Time> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        time(&mut parsed)
    }

    /// Whether no text can be read by both formats as different times. A rival too many costs time only.
    fn excludes(&self, other: &Self) -> bool {
        let programs = self.program.as_ref().zip(other.program.as_ref());
        self.marks != other.marks || programs.is_some_and(|(ours, theirs)| ours.excludes(theirs))
    }
}

/// What no number, name, fraction or offset can be.
fn marks(items: &[Item<'_>]) -> String {
    let literals = items.iter().map(|item| match item {
        Item::Literal(text) => *text,
        Item::OwnedLiteral(text) => text.as_ref(),
        _ => "",
    });
    let elsewhere = |c: char| c.is_alphanumeric() || c.is_whitespace() || "+-−:.".contains(c);
    literals
        .flat_map(str::chars)
        .filter(|c| !elsewhere(*c))
        .collect()
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
    time(&mut parsed).map(|_| parsed)
}

/// A missing time of day is midnight, missing minutes are the full hour.
fn time(parsed: &mut Parsed) -> Option<Time> {
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
    Some(Time::of_chrono(local, offset))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    const FORMATS: [&str; 20] = [
        "%Y-%m-%d",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y",
        "%d.%m.%y",
        "%Y%m%d%H%M%S",
        "%Y %m %d",
        "%d %b %Y %I:%M %p",
        "%B %d, %Y",
        "%y%m%d",
        "%d-%b-%Y%n%H",
        "%-d/%-m/%Y %k:%M",
        "%D %r",
        "%F é %T%.f",
        "%d%m%Y",
        "%Y-%m-%dT%H:%M:%S%#z",
        "%d/%m/%Y %H:%M %z",
        "%Y-%m-%d at %H:%M",
        "%d/%m/%Y",
    ];

    /// Texts of the parts that cells have.
    fn parts() -> impl Strategy<Value = String> {
        let any_part = "[-+ :/.,T\u{a0}]?(0|1|2|02|3|9|10|12|13|24|28|29|30|31|59|60|61|70|99|999|1999|2024|20240229|jan|FEB|March|am|PM|é|x|\t|Z|z|02:00|0930|99:59|05: 30)?";
        proptest::collection::vec(any_part, 0..9).prop_map(|parts| parts.concat())
    }

    fn some_format() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(FORMATS.to_vec())
    }

    /// A text and two formats, the first of which may have written it, or nearly.
    fn near() -> impl Strategy<Value = (String, &'static str, &'static str)> {
        let written = (
            some_format(),
            some_format(),
            -30_000_000_000_i64..250_000_000_000,
            any::<u32>(),
        );
        let changes = proptest::collection::vec(
            (any::<Index>(), any::<bool>(), "[0-9 :/.+TZe-]|[ ]{0,2}"),
            0..3,
        );
        let near = (written, changes).prop_map(|((format, other, seconds, nanos), changes)| {
            let time = DateTime::from_timestamp(seconds, nanos % 1_000_000_000).unwrap();
            let writable = format.replace("%#z", "%:z");
            let mut text: Vec<char> = time.format(&writable).to_string().chars().collect();
            for (place, replace, change) in changes {
                let place = place.index(text.len() + 1);
                let end = if replace {
                    text.len().min(place + 1)
                } else {
                    place
                };
                text.splice(place..end, change.chars());
            }
            (text.into_iter().collect::<String>(), format, other)
        });
        prop_oneof![3 => near, 1 => (parts(), some_format(), some_format())]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16_384))]

        #[test]
        fn a_program_reads_what_chrono_reads((cell, ours, theirs) in near()) {
            for format in [ours, theirs] {
                let format = Format::new(format).unwrap();
                prop_assert!(format.program.is_some());
                prop_assert_eq!(format.read(&cell), format.read_by_chrono(&cell), "{:?}", cell);
            }
        }

        #[test]
        fn formats_that_exclude_each_other_never_differ((cell, ours, theirs) in near()) {
            let (ours, theirs) = (Format::new(ours).unwrap(), Format::new(theirs).unwrap());
            if let (Some(a), Some(b)) = (ours.read(&cell), theirs.read(&cell)) {
                prop_assert!(a == b || !ours.excludes(&theirs), "{:?}", cell);
            }
        }
    }

    #[test]
    fn cells_of_another_width_are_read_as_chrono_does() {
        for (format, cell, is_read) in [
            ("%Y-%m-%d at %H:%M", "2024-05-31   at 07:30", true),
            ("%Y-%m-%d at %H:%M", "2024-05-31at 07:30", true),
            ("%Y-%m-%d %H:%M", "2024-05-3107:30", true),
            ("%Y-%m-%d %H:%M", "2024-05-31\u{a0}07:30", true),
            ("%Y-%m-%d %H:%M", "2024-05-31T07:30", false),
            ("%Y-%m-%d %H:%M", "2024-5-31 7:30", true),
            ("%Y-%m-%d", "+2024-05-31", true),
            ("%Y-%m-%d", "+12024-05-31", true),
            ("%Y-%m-%d", "2024-05-3", true),
            ("%Y-%m-%d", "2024-05-", false),
            ("%Y-%m-%d", "2024-05-311", false),
            ("%Y-%m-%d", "0999-05-31", false),
            ("%Y-%m-%dT%H:%M:%S%.f", "2024-05-31T23:59:60.5", true),
        ] {
            let format = Format::new(format).unwrap();
            assert_eq!(format.read(cell), format.read_by_chrono(cell), "{cell:?}");
            assert_eq!(format.read(cell).is_some(), is_read, "{cell:?}");
        }
    }

    #[test]
    fn formats_that_cannot_read_the_same_text_are_no_rivals() {
        let read = |text: &str| Format::new(Box::leak(text.to_owned().into_boxed_str())).unwrap();
        for (a, b, excluded) in [
            ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", true),
            ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", true),
            ("%Y-%m-%d", "%d/%m/%Y", true),
            ("%d/%m/%Y %H:%M", "%d/%m/%Y", true),
            ("%d/%m/%Y", "%m/%d/%Y", false),
            ("%Y-%m-%d", "%Y-%d-%m", false),
        ] {
            assert_eq!(read(a).excludes(&read(b)), excluded, "{a} {b}");
        }
    }
}

//! A format as a small program over the bytes of a cell.
//!
//! Dates by the thousand are written with few items: numbers, names of months, what stands between. A [`Program`] reads
//! those as chrono does, by the same steps (white space before a number is skipped, a number has up to so many digits),
//! but straight into a date, which takes a tenth of the time. Where it would need more than bytes, such as a signed
//! year or white space beyond ASCII, it does not say and chrono is asked.

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};

use super::head::{Compared, Head};
use super::time::Time;

/// A format that can be read without chrono.
#[derive(Debug)]
pub(super) struct Program {
    ops: Vec<Op>,
    head: Option<Head>,
}

/// What a program makes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanned {
    Read(Time),
    /// Chrono does not read it either.
    Unread,
    /// Only chrono can tell.
    Unsure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// One byte of a literal.
    Byte(u8),
    /// White space, or none.
    Space,
    Year,
    YearOfCentury,
    Month,
    MonthName,
    ShortMonthName,
    Day,
    Hour,
    Hour12,
    /// a.m. or p.m.
    Half,
    Minute,
    Second,
    /// A point and digits, or nothing.
    Fraction,
    /// From UTC; `Z` too, if it is true.
    Offset(bool),
}

impl Op {
    /// The place of a number of fixed width among the parts of a time.
    pub(super) fn field(self) -> Option<usize> {
        let fields = [
            Self::Year,
            Self::Month,
            Self::Day,
            Self::Hour,
            Self::Minute,
            Self::Second,
        ];
        fields.iter().position(|field| *field == self)
    }
}

/// The numbers of a time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Parts {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanos: u32,
    /// Seconds from UTC.
    pub(super) offset: i64,
}

impl Parts {
    /// `None` if there is no such day.
    #[inline]
    fn time(self) -> Option<Time> {
        let seconds = i64::from(self.hour * 3600 + self.minute * 60 + self.second) - self.offset;
        let day = Time::of_day(self.year, self.month, self.day)?;
        Some(day.plus(seconds, self.nanos))
    }
}

impl Program {
    /// The program for the items of a format; `None` for those that chrono has to read.
    pub(super) fn new(items: &[Item<'_>]) -> Option<Self> {
        // `%#z`, which has no name of its own.
        let permissive = StrftimeItems::new("%#z").next();
        let mut ops = Vec::new();
        for item in items {
            match item {
                Item::Literal(text) => ops.extend(text.bytes().map(Op::Byte)),
                Item::OwnedLiteral(text) => ops.extend(text.bytes().map(Op::Byte)),
                Item::Space(_) | Item::OwnedSpace(_) => ops.push(Op::Space),
                Item::Numeric(Numeric::Year, _) => ops.push(Op::Year),
                Item::Numeric(Numeric::YearMod100, _) => ops.push(Op::YearOfCentury),
                Item::Numeric(Numeric::Month, _) => ops.push(Op::Month),
                Item::Numeric(Numeric::Day, _) => ops.push(Op::Day),
                Item::Numeric(Numeric::Hour, _) => ops.push(Op::Hour),
                Item::Numeric(Numeric::Hour12, _) => ops.push(Op::Hour12),
                Item::Numeric(Numeric::Minute, _) => ops.push(Op::Minute),
                Item::Numeric(Numeric::Second, _) => ops.push(Op::Second),
                Item::Fixed(Fixed::ShortMonthName) => ops.push(Op::ShortMonthName),
                Item::Fixed(Fixed::LongMonthName) => ops.push(Op::MonthName),
                Item::Fixed(Fixed::LowerAmPm | Fixed::UpperAmPm) => ops.push(Op::Half),
                Item::Fixed(Fixed::Nanosecond) => ops.push(Op::Fraction),
                Item::Fixed(Fixed::TimezoneOffset | Fixed::TimezoneOffsetColon) => {
                    ops.push(Op::Offset(false));
                }
                item if Some(item) == permissive.as_ref() => ops.push(Op::Offset(true)),
                _ => return None,
            }
        }
        let head = Head::new(&ops);
        let program = Self { ops, head };
        program.is_simple().then_some(program)
    }

    /// Whether the items give a date and at most a time of day, each part once: nothing to be compared or worked out.
    fn is_simple(&self) -> bool {
        let count = |wanted: &[Op]| self.ops.iter().filter(|op| wanted.contains(op)).count();
        let once = |wanted: &[Op]| count(wanted) == 1;
        let at_most_once = |op: Op| count(&[op]) <= 1;
        let date = once(&[Op::Year, Op::YearOfCentury])
            && once(&[Op::Month, Op::MonthName, Op::ShortMonthName])
            && once(&[Op::Day]);
        let hours = (count(&[Op::Hour]), count(&[Op::Hour12]), count(&[Op::Half]));
        let hour = matches!(hours, (0 | 1, 0, 0) | (0, 1, 1));
        let fraction = at_most_once(Op::Fraction) && count(&[Op::Fraction]) <= count(&[Op::Second]);
        let offset = count(&[Op::Offset(false), Op::Offset(true)]) <= 1;
        date && hour && at_most_once(Op::Minute) && at_most_once(Op::Second) && fraction && offset
    }

    #[inline]
    pub(super) fn read(&self, cell: &str) -> Scanned {
        let cell = cell.as_bytes();
        let Some(head) = &self.head else {
            return run(&self.ops, cell, Parts::default());
        };
        match head.compare(cell) {
            Compared::Read(parts) => run(&self.ops[head.num_ops()..], &cell[head.len()..], parts),
            Compared::Unread => Scanned::Unread,
            Compared::Unsure => run(&self.ops, cell, Parts::default()),
        }
    }

    /// Whether no cell can be read by both programs, or only to the same time: both do the same up to an item before which
    /// the one needs another byte than the other.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let pairs = self.ops.iter().zip(&other.ops);
        let shared = pairs.take_while(|(a, b)| a == b).count();
        let (a, b) = (first(&self.ops[shared..]), first(&other.ops[shared..]));
        a.ascii & b.ascii == 0 && !(a.beyond && b.beyond) && !(a.end && b.end)
    }
}

/// The bytes that can come next, or the end of the cell.
#[derive(Default)]
struct First {
    ascii: u128,
    beyond: bool,
    end: bool,
}

fn first(ops: &[Op]) -> First {
    const DIGITS: &[u8] = b"0123456789";
    const SPACES: &[u8] = b"\t\n\x0b\x0c\r ";
    let mut set = First::default();
    let mut add = |bytes: &[u8], spaces: bool| {
        let spaces_too = if spaces { SPACES } else { &[] };
        for byte in bytes.iter().chain(spaces_too) {
            match byte {
                0..0x80 => set.ascii |= 1 << byte,
                _ => set.beyond = true,
            }
        }
        // White space beyond ASCII.
        set.beyond |= spaces;
    };
    for op in ops {
        match op {
            Op::Byte(byte) => add(&[*byte], false),
            Op::Space => {
                add(b"", true);
                continue;
            }
            Op::Fraction => {
                add(b".", false);
                continue;
            }
            Op::Year => add(b"+-0123456789", true),
            Op::MonthName | Op::ShortMonthName => add(b"jfmasondJFMASOND", false),
            Op::Half => add(b"apAP", false),
            // The minus may be the one beyond ASCII.
            Op::Offset(_) => add(b"+-Zz", true),
            _ => add(DIGITS, true),
        }
        return set;
    }
    set.end = true;
    set
}

enum Miss {
    Unread,
    Unsure,
}

/// What is left of a cell.
struct Scan<'a> {
    rest: &'a [u8],
}

/// Reads all of `cell` item by item; `parts` are those read before.
#[inline]
fn run(ops: &[Op], cell: &[u8], mut parts: Parts) -> Scanned {
    let mut scan = Scan { rest: cell };
    for op in ops {
        match scan.read(*op, &mut parts) {
            Ok(()) => {}
            Err(Miss::Unread) => return Scanned::Unread,
            Err(Miss::Unsure) => return Scanned::Unsure,
        }
    }
    match parts.time() {
        Some(time) if scan.rest.is_empty() => Scanned::Read(time),
        _ => Scanned::Unread,
    }
}

impl Scan<'_> {
    fn read(&mut self, op: Op, parts: &mut Parts) -> Result<(), Miss> {
        match op {
            Op::Byte(byte) => match self.rest {
                [found, rest @ ..] if *found == byte => self.rest = rest,
                _ => return Err(Miss::Unread),
            },
            Op::Space => self.skip_spaces()?,
            // Two digits are not a year.
            Op::Year => parts.year = within(self.year()?, 1000, 9999)?,
            Op::YearOfCentury => {
                let short = self.two()?;
                parts.year = short + if short < 70 { 2000 } else { 1900 };
            }
            Op::Month => parts.month = within(self.two()?, 1, 12)?,
            Op::MonthName => parts.month = self.month_name(true)?,
            Op::ShortMonthName => parts.month = self.month_name(false)?,
            Op::Day => parts.day = within(self.two()?, 1, 31)?,
            Op::Hour => parts.hour = within(self.two()?, 0, 23)?,
            Op::Hour12 => parts.hour += within(self.two()?, 1, 12)? % 12,
            Op::Half => parts.hour += self.half()?,
            Op::Minute => parts.minute = within(self.two()?, 0, 59)?,
            // A leap second is the first of the next minute.
            Op::Second => parts.second = within(self.two()?, 0, 60)?,
            Op::Fraction => parts.nanos = self.fraction()?,
            Op::Offset(zulu) => parts.offset = self.offset(zulu)?,
        }
        Ok(())
    }

    fn skip_spaces(&mut self) -> Result<(), Miss> {
        while let [byte, rest @ ..] = self.rest {
            match byte {
                b'\t'..=b'\r' | b' ' => self.rest = rest,
                0x80.. => return Err(Miss::Unsure),
                _ => break,
            }
        }
        Ok(())
    }

    /// A number of at most two digits.
    #[inline]
    fn two(&mut self) -> Result<u32, Miss> {
        if let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'));
        }
        self.number(2)
    }

    #[inline]
    fn year(&mut self) -> Result<u32, Miss> {
        if let Some((four, rest)) = self.rest.split_first_chunk::<4>()
            && four.iter().all(u8::is_ascii_digit)
        {
            self.rest = rest;
            return Ok(value(four));
        }
        self.skip_spaces()?;
        match self.rest {
            [b'+' | b'-', ..] => Err(Miss::Unsure),
            _ => self.number(4),
        }
    }

    /// A number of one to `width` digits, after white space.
    fn number(&mut self, width: usize) -> Result<u32, Miss> {
        self.skip_spaces()?;
        let digits = self.digits(width);
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        if digits.is_empty() {
            return Err(Miss::Unread);
        }
        Ok(value(digits))
    }

    /// How many digits come next, `most` at most.
    fn digits(&self, most: usize) -> usize {
        let digits = self.rest.iter().take(most);
        digits.take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Nanoseconds; digits beyond the ninth are passed over.
    fn fraction(&mut self) -> Result<u32, Miss> {
        let [b'.', rest @ ..] = self.rest else {
            return Ok(0);
        };
        self.rest = rest;
        let digits = self.digits(usize::MAX);
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        if digits.is_empty() {
            return Err(Miss::Unread);
        }
        let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
        Ok(padded.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0')))
    }

    /// Seconds from UTC, as `+02:00` or `+0200`; chrono knows more forms.
    fn offset(&mut self, zulu: bool) -> Result<i64, Miss> {
        if let [b'Z', rest @ ..] = self.rest
            && zulu
        {
            self.rest = rest;
            return Ok(0);
        }
        let (sign, [h, i, m, n], rest) = match self.rest {
            [sign, h, i, b':', m, n, rest @ ..] | [sign, h, i, m, n, rest @ ..] => {
                (sign, [h, i, m, n], rest)
            }
            _ => return Err(Miss::Unsure),
        };
        let sign = match sign {
            b'+' => 1,
            b'-' => -1,
            _ => return Err(Miss::Unsure),
        };
        let digits = [h, i, m, n].map(|digit| *digit);
        if !digits.iter().all(u8::is_ascii_digit) || digits[2] > b'5' {
            return Err(Miss::Unsure);
        }
        self.rest = rest;
        let (hours, minutes) = (value(&digits[..2]), value(&digits[2..]));
        Ok(sign * i64::from(hours * 3600 + minutes * 60))
    }

    /// Hours to add: 0 or 12.
    fn half(&mut self) -> Result<u32, Miss> {
        let [half, m, rest @ ..] = self.rest else {
            return Err(Miss::Unread);
        };
        self.rest = rest;
        // Folds the case of letters.
        match (half | 32, m | 32) {
            (b'a', b'm') => Ok(0),
            (b'p', b'm') => Ok(12),
            _ => Err(Miss::Unread),
        }
    }

    /// The month of a name of three letters, or the whole name if `long`.
    fn month_name(&mut self, long: bool) -> Result<u32, Miss> {
        let Some((short, rest)) = self.rest.split_first_chunk::<3>() else {
            return Err(Miss::Unread);
        };
        let (month, suffix): (u32, &[u8]) = match &short.map(|byte| byte | 32) {
            b"jan" => (1, b"uary"),
            b"feb" => (2, b"ruary"),
            b"mar" => (3, b"ch"),
            b"apr" => (4, b"il"),
            b"may" => (5, b""),
            b"jun" => (6, b"e"),
            b"jul" => (7, b"y"),
            b"aug" => (8, b"ust"),
            b"sep" => (9, b"tember"),
            b"oct" => (10, b"ober"),
            b"nov" => (11, b"ember"),
            b"dec" => (12, b"ember"),
            _ => return Err(Miss::Unread),
        };
        self.rest = rest;
        let whole = rest.get(..suffix.len());
        if long && whole.is_some_and(|letters| letters.eq_ignore_ascii_case(suffix)) {
            self.rest = &rest[suffix.len()..];
        }
        Ok(month)
    }
}

/// The number that at most nine digits are.
#[inline]
fn value(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// `number`, if it is one of `least` to `most`.
#[inline]
fn within(number: u32, least: u32, most: u32) -> Result<u32, Miss> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(Miss::Unread)
    }
}

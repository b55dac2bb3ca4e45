//! One line of JSON, checked against the grammar of RFC 8259 and gathered into a shape.

use std::borrow::Cow;

use super::numbers::kind_of;
use super::shape::{Inside, Kind, Shape};
use crate::ingest::limits::Limits;

/// The deepest nesting accepted. Objects and lists inside one another beyond this are no data, and the scan recurses.
pub(super) const MAX_DEPTH: usize = 128;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) column: Option<String>,
    pub(super) message: String,
    /// Whether it ends reading even where bad lines are rejected.
    pub(super) fatal: bool,
}

impl Fault {
    pub(super) fn new(line: u64, column: Option<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            line,
            column,
            message,
            fatal: false,
        }
    }
}

/// What carries over from line to line.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    limits: &'a Limits,
    /// Objects seen so far.
    objects: u64,
    /// Keys added to the shape so far.
    new_keys: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            objects: 0,
            new_keys: 0,
        }
    }

    /// Checks one line, its ends trimmed, and adds its cells to `shape`. After a fault `shape` holds a part of the line.
    pub(super) fn line(
        &mut self,
        bytes: &[u8],
        number: u64,
        shape: &mut Shape,
    ) -> Result<(), Fault> {
        let max_bytes = self.limits.max_record_bytes;
        if bytes.len() > max_bytes {
            return Err(too_long(number, max_bytes));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("byte {}: is not UTF-8 text", error.valid_up_to() + 1);
            Fault::new(number, None, message)
        })?;
        let mut cursor = Cursor::new(text, number);
        match cursor.peek() {
            Some(b'{') => {}
            Some(b'[') => return Err(cursor.fault("is a list, where an object is expected; a file that is one list of objects can be cut into lines, as by `jq -c '.[]'`")),
            _ if text.starts_with('\u{feff}') => return Err(cursor.fault("has a byte-order mark in the middle of the input")),
            _ => return Err(cursor.fault("an object is expected")),
        }
        self.value(&mut cursor, Some(shape), 0)?;
        cursor.skip_spaces();
        match cursor.peek() {
            None => Ok(()),
            Some(b'{') => Err(cursor.fault("a second object begins; a line holds one")),
            Some(_) => Err(cursor.fault("the object has ended, and more follows")),
        }
    }

    fn value(
        &mut self,
        cursor: &mut Cursor<'_>,
        mut shape: Option<&mut Shape>,
        depth: usize,
    ) -> Result<(), Fault> {
        let kind = match cursor.peek() {
            Some(b'"') => {
                self.text(cursor)?;
                Kind::Text
            }
            Some(b'-' | b'0'..=b'9') => {
                let (text, is_integer) = cursor.number()?;
                if let Some(shape) = shape.as_deref_mut()
                    && text.starts_with('-')
                {
                    shape.record_negative();
                }
                kind_of(text, is_integer)
            }
            Some(b't') => cursor.literal("true").map(|()| Kind::Boolean)?,
            Some(b'f') => cursor.literal("false").map(|()| Kind::Boolean)?,
            Some(b'n') => return cursor.literal("null"),
            Some(b'{' | b'[') if depth == MAX_DEPTH => {
                return Err(cursor.fault(format!("is nested deeper than {MAX_DEPTH}")));
            }
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(_) => return Err(cursor.fault("a value is expected")),
            None => return Err(cursor.fault("the line ends where a value is expected")),
        };
        if let Some(shape) = shape.as_deref_mut() {
            shape.record(kind, cursor.line);
        }
        let inside = shape.filter(|shape| shape.inside != Inside::Opaque);
        match kind {
            Kind::Object => self.object(cursor, inside, depth + 1),
            Kind::List => self.list(cursor, inside, depth + 1),
            _ => Ok(()),
        }
    }

    fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        mut shape: Option<&mut Shape>,
        depth: usize,
    ) -> Result<(), Fault> {
        self.objects += 1;
        let object = self.objects;
        cursor.at += 1;
        cursor.skip_spaces();
        if cursor.take(b'}') {
            return Ok(());
        }
        let mut likely = 0;
        loop {
            if cursor.peek() != Some(b'"') {
                return Err(cursor.expected("a key in quotes"));
            }
            let start = cursor.at;
            let key = self.text(cursor)?;
            cursor.skip_spaces();
            if !cursor.take(b':') {
                return Err(cursor.expected("a colon"));
            }
            cursor.skip_spaces();
            let known = match shape.as_deref_mut() {
                None => None,
                Some(shape) => self.key(shape, &key, likely, cursor.line),
            };
            let child = match (known, shape.as_deref_mut()) {
                (Some(index), Some(shape)) => {
                    likely = index + 1;
                    let known = &mut shape.keys.list[index];
                    if known.object == object {
                        let message =
                            format!("byte {}: the key occurs twice in one object", start + 1);
                        return Err(Fault::new(cursor.line, Some(key.into_owned()), message));
                    }
                    known.object = object;
                    Some(&mut known.shape)
                }
                _ => None,
            };
            if self.new_keys > self.limits.max_columns {
                let message = format!(
                    "there are more keys than the limit of {} columns",
                    self.limits.max_columns
                );
                return Err(Fault {
                    fatal: true,
                    ..Fault::new(cursor.line, None, message)
                });
            }
            self.value(cursor, child, depth)?;
            if !cursor.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// The position of a key among those of `shape`; new keys enter there if it is open.
    fn key(&mut self, shape: &mut Shape, name: &str, likely: usize, line: u64) -> Option<usize> {
        if let Some(index) = shape.keys.find(name, likely) {
            return Some(index);
        }
        if shape.inside == Inside::Closed {
            return None;
        }
        self.new_keys += 1;
        Some(shape.keys.insert(name, line))
    }

    fn list(
        &mut self,
        cursor: &mut Cursor<'_>,
        shape: Option<&mut Shape>,
        depth: usize,
    ) -> Result<(), Fault> {
        cursor.at += 1;
        cursor.skip_spaces();
        if cursor.take(b']') {
            return Ok(());
        }
        let mut element = shape.map(|shape| &mut **shape.element.get_or_insert_default());
        loop {
            self.value(cursor, element.as_deref_mut(), depth)?;
            if !cursor.more(b']')? {
                return Ok(());
            }
        }
    }

    fn text<'t>(&self, cursor: &mut Cursor<'t>) -> Result<Cow<'t, str>, Fault> {
        let start = cursor.at;
        let text = cursor.string()?;
        let max_bytes = self.limits.max_field_bytes;
        if cursor.at - start > max_bytes {
            let message = format!(
                "byte {}: is text of more than {max_bytes} bytes, the limit of a field",
                start + 1
            );
            return Err(Fault::new(cursor.line, None, message));
        }
        Ok(text)
    }
}

/// A line that passes the limit ends reading: where the next one begins is anybody's guess.
pub(super) fn too_long(line: u64, max_bytes: usize) -> Fault {
    let message = format!("is longer than {max_bytes} bytes, the limit of a record");
    Fault {
        fatal: true,
        ..Fault::new(line, None, message)
    }
}

/// A place in a line.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
    line: u64,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, line: u64) -> Self {
        Self { text, at: 0, line }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn skip_spaces(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// After an element: whether another one follows. `end` closes the object or list.
    pub(super) fn more(&mut self, end: u8) -> Result<bool, Fault> {
        self.skip_spaces();
        if self.take(end) {
            return Ok(false);
        }
        if !self.take(b',') {
            let closing = char::from(end);
            return Err(self.expected(&format!("a comma or `{closing}`")));
        }
        self.skip_spaces();
        Ok(true)
    }

    fn literal(&mut self, word: &str) -> Result<(), Fault> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.expected("a value"))
    }

    /// Reads a number: its text, and whether it has neither point nor exponent.
    fn number(&mut self) -> Result<(&'t str, bool), Fault> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.take(b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_integer = false;
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        if let Some(b'0'..=b'9' | b'.' | b'+' | b'-') = self.peek() {
            return Err(self.fault("is not a number as JSON writes it"));
        }
        Ok((&self.text[start..self.at], is_integer))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            Err(self.expected("a digit"))
        } else {
            Ok(())
        }
    }

    /// Reads text in quotes, escapes resolved.
    pub(super) fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        let start = self.at + 1;
        let mut resolved = String::new();
        let mut copied = start;
        self.at = start;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(self.fault("the line ends inside text"));
            };
            self.at += plain;
            match rest[plain] {
                b'"' => {
                    let last = &self.text[copied..self.at];
                    self.at += 1;
                    if copied == start {
                        return Ok(Cow::Borrowed(last));
                    }
                    resolved.push_str(last);
                    return Ok(Cow::Owned(resolved));
                }
                b'\\' => {
                    resolved.push_str(&self.text[copied..self.at]);
                    resolved.push(self.escape()?);
                    copied = self.at;
                }
                byte => {
                    return Err(self.fault(format!("control character {byte:#04x} inside text")));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let escaped = self.peek();
        self.at += 1;
        let plain = match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            _ => {
                self.at -= 1;
                return Err(self.fault("is no escape of JSON"));
            }
        };
        Ok(plain)
    }

    fn code_point(&mut self) -> Result<char, Fault> {
        let first = self.hex_unit()?;
        let units = if matches!(first, 0xd800..=0xdbff)
            && self.text.as_bytes()[self.at..].starts_with(b"\\u")
        {
            self.at += 2;
            vec![first, self.hex_unit()?]
        } else {
            vec![first]
        };
        match char::decode_utf16(units).next() {
            Some(Ok(found)) => Ok(found),
            _ => Err(self.fault("is half of a surrogate pair")),
        }
    }

    fn hex_unit(&mut self) -> Result<u16, Fault> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let unit = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u16::from_str_radix(digits, 16).ok());
        match unit {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => Err(self.fault("four hexadecimal digits are expected")),
        }
    }

    fn expected(&self, what: &str) -> Fault {
        match self.peek() {
            None => self.fault(format!("the line ends where {what} is expected")),
            Some(_) => self.fault(format!("{what} is expected")),
        }
    }

    fn fault(&self, message: impl AsRef<str>) -> Fault {
        Fault::new(
            self.line,
            None,
            format!("byte {}: {}", self.at + 1, message.as_ref()),
        )
    }
}

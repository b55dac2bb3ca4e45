//! One line of JSON, checked against the grammar of RFC 8259 and gathered into a shape.

use std::borrow::Cow;

use super::cursor::Cursor;
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

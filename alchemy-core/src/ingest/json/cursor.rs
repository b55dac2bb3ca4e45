//! The parts of a line of JSON, read one by one.

use std::borrow::Cow;

use super::scan::Fault;

/// A place in a line.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
    pub(super) line: u64,
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

    pub(super) fn literal(&mut self, word: &str) -> Result<(), Fault> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.expected("a value"))
    }

    /// Reads a number: its text, and whether it has neither point nor exponent.
    pub(super) fn number(&mut self) -> Result<(&'t str, bool), Fault> {
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

    pub(super) fn expected(&self, what: &str) -> Fault {
        match self.peek() {
            None => self.fault(format!("the line ends where {what} is expected")),
            Some(_) => self.fault(format!("{what} is expected")),
        }
    }

    pub(super) fn fault(&self, message: impl AsRef<str>) -> Fault {
        Fault::new(
            self.line,
            None,
            format!("byte {}: {}", self.at + 1, message.as_ref()),
        )
    }
}

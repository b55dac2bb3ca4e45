//! Objects and lists that will be text, put in quotes.

use super::cursor::Cursor;
use super::plan::Target;
use super::scan::Fault;

/// Copies a line that was found to be JSON, with every object and list whose target is text as JSON text of its own: in
/// quotes, and escaped. Numbers and Booleans stay; the decoder takes them as text as they are written.
pub(super) fn quote_nested(text: &str, root: Target<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut rewriter = Rewriter {
        cursor: Cursor::new(text, 0),
        text,
        out,
    };
    rewriter.value(root)
}

struct Rewriter<'a> {
    cursor: Cursor<'a>,
    text: &'a str,
    out: &'a mut Vec<u8>,
}

impl Rewriter<'_> {
    fn value(&mut self, target: Target<'_>) -> Result<(), Fault> {
        let start = self.cursor.at;
        match (self.cursor.peek(), target) {
            (Some(b'{'), Target::Objects(_)) => self.object(target),
            (Some(b'['), Target::Lists(_)) => self.list(target),
            (Some(b'{' | b'['), Target::Text) => {
                self.skip()?;
                quote(&self.text[start..self.cursor.at], self.out);
                Ok(())
            }
            _ => {
                self.skip()?;
                self.out
                    .extend_from_slice(&self.text.as_bytes()[start..self.cursor.at]);
                Ok(())
            }
        }
    }

    fn object(&mut self, target: Target<'_>) -> Result<(), Fault> {
        self.cursor.at += 1;
        self.cursor.skip_spaces();
        self.out.push(b'{');
        if self.cursor.take(b'}') {
            self.out.push(b'}');
            return Ok(());
        }
        loop {
            let start = self.cursor.at;
            let key = self.cursor.string()?;
            self.out
                .extend_from_slice(&self.text.as_bytes()[start..self.cursor.at]);
            self.cursor.skip_spaces();
            self.cursor.take(b':');
            self.cursor.skip_spaces();
            self.out.push(b':');
            self.value(target.key(&key))?;
            if !self.cursor.more(b'}')? {
                self.out.push(b'}');
                return Ok(());
            }
            self.out.push(b',');
        }
    }

    fn list(&mut self, target: Target<'_>) -> Result<(), Fault> {
        self.cursor.at += 1;
        self.cursor.skip_spaces();
        self.out.push(b'[');
        if self.cursor.take(b']') {
            self.out.push(b']');
            return Ok(());
        }
        loop {
            self.value(target.element())?;
            if !self.cursor.more(b']')? {
                self.out.push(b']');
                return Ok(());
            }
            self.out.push(b',');
        }
    }

    /// Passes over one value.
    fn skip(&mut self) -> Result<(), Fault> {
        let mut depth = 0_usize;
        loop {
            match self.cursor.peek() {
                Some(b'"') => {
                    self.cursor.string()?;
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.cursor.at += 1;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.cursor.at += 1;
                }
                Some(b',' | b':' | b' ' | b'\t' | b'\r') if depth > 0 => self.cursor.at += 1,
                Some(_) => self.skip_bare(),
                None => return Ok(()),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes over a number or a word, or one byte.
    fn skip_bare(&mut self) {
        self.cursor.at += 1;
        while let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') =
            self.cursor.peek()
        {
            self.cursor.at += 1;
        }
    }
}

fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            // The one control character that may stand between the parts of a value.
            b'\t' => out.extend(b"\\t"),
            b'\r' => out.extend(b"\\r"),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

//! Where records begin and end in bytes of CSV text.
//!
//! The decoder proper is `arrow-csv`'s. This scanner follows the same rules (those of `csv-core`: a
//! quote matters only at the start of a field, a doubled quote stands for itself, a line feed, a
//! carriage return or both end a record, blank lines are no records) to cut input between records
//! and to name lines.

/// The bytes that structure the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
}

/// One record: the range of its bytes, line break included, and its number of fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) num_fields: usize,
    /// How the record ended.
    pub(super) ending: Ending,
}

/// How a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a line break.
    LineBreak,
    /// With the input.
    Input,
    /// With the input, inside a quoted field that began at this byte.
    OpenQuote(usize),
}

/// The records of some bytes that begin between two records.
#[derive(Debug)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    position: usize,
    dialect: Dialect,
}

#[derive(Clone, Copy)]
enum State {
    FieldStart,
    Field,
    Quoted { opened: usize },
    AfterQuote { opened: usize },
}

impl Dialect {
    pub(super) fn records(self, bytes: &[u8]) -> Records<'_> {
        Records {
            bytes,
            position: 0,
            dialect: self,
        }
    }

    fn is_break(byte: u8) -> bool {
        byte == b'\n' || byte == b'\r'
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let blank = self.bytes[self.position..]
            .iter()
            .take_while(|byte| Dialect::is_break(**byte))
            .count();
        let start = self.position + blank;
        self.position = self.bytes.len();
        if start == self.bytes.len() {
            return None;
        }
        let Dialect { delimiter, quote } = self.dialect;
        let mut state = State::FieldStart;
        let mut num_fields = 1;
        for (at, byte) in self.bytes.iter().copied().enumerate().skip(start) {
            state = match state {
                State::Quoted { opened } if byte == quote => State::AfterQuote { opened },
                State::Quoted { .. } => state,
                State::AfterQuote { opened } if byte == quote => State::Quoted { opened },
                _ if byte == delimiter => {
                    num_fields += 1;
                    State::FieldStart
                }
                _ if Dialect::is_break(byte) => {
                    let crlf = byte == b'\r' && self.bytes.get(at + 1) == Some(&b'\n');
                    self.position = at + 1 + usize::from(crlf);
                    return Some(Record {
                        start,
                        end: self.position,
                        num_fields,
                        ending: Ending::LineBreak,
                    });
                }
                State::FieldStart if byte == quote => State::Quoted { opened: at },
                State::FieldStart | State::Field | State::AfterQuote { .. } => State::Field,
            };
        }
        let ending = match state {
            State::Quoted { opened } => Ending::OpenQuote(opened),
            State::FieldStart | State::Field | State::AfterQuote { .. } => Ending::Input,
        };
        Some(Record {
            start,
            end: self.bytes.len(),
            num_fields,
            ending,
        })
    }
}

/// Line breaks in `bytes`: a line feed, a carriage return, or the pair of them.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    let feeds = count(bytes, b'\n');
    let returns = count(bytes, b'\r');
    let pairs = if returns == 0 {
        0
    } else {
        bytes.windows(2).filter(|pair| *pair == b"\r\n").count()
    };
    (feeds + returns - pairs) as u64
}

/// How often `byte` occurs.
pub(super) fn count(bytes: &[u8], byte: u8) -> usize {
    // A counter of one byte for so many bytes cannot overflow, and lets the compiler compare 16 or more at once.
    const PIECE: usize = u8::MAX as usize;
    let in_piece = |piece: &[u8]| {
        piece
            .iter()
            .map(|other| u8::from(*other == byte))
            .sum::<u8>()
    };
    bytes
        .chunks(PIECE)
        .map(|piece| usize::from(in_piece(piece)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
    };

    fn shapes(text: &str) -> Vec<(&str, usize)> {
        COMMA
            .records(text.as_bytes())
            .map(|r| (&text[r.start..r.end], r.num_fields))
            .collect()
    }

    #[test]
    fn quotes_hide_delimiters_and_line_breaks() {
        assert_eq!(
            shapes("a,\"b,\n\"\"c\",d\ne\n"),
            [("a,\"b,\n\"\"c\",d\n", 3), ("e\n", 1)]
        );
    }

    #[test]
    fn a_quote_inside_a_field_is_text() {
        assert_eq!(shapes("5\" pipe,1\nb,2"), [("5\" pipe,1\n", 2), ("b,2", 2)]);
    }

    #[test]
    fn every_line_break_ends_a_record_and_blank_lines_are_none() {
        assert_eq!(
            shapes("a\r\n\r\nb\rc\n\n"),
            [("a\r\n", 1), ("b\r", 1), ("c\n", 1)]
        );
        assert_eq!(line_breaks(b"a\r\n\r\nb\rc\n\n"), 5);
    }

    #[test]
    fn bytes_are_counted_beyond_one_counter() {
        assert_eq!(count(&[b'x'; 1000], b'x'), 1000);
        assert_eq!(count(&[b'x'; 1000], b'y'), 0);
    }

    #[test]
    fn an_open_quote_is_told_from_the_end_of_input() {
        let endings = |text: &str| {
            COMMA
                .records(text.as_bytes())
                .map(|r| r.ending)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            endings("a\nb,\"c\nd"),
            [Ending::LineBreak, Ending::OpenQuote(4)]
        );
        assert_eq!(endings("a,\"b\""), [Ending::Input]);
    }
}

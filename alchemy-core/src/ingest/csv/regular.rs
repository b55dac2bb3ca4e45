//! The cells of regular text, straight into columns.
//!
//! Nearly all CSV text is regular: every record has as many fields as the header, a quoted field ends at its closing quote,
//! lines end in LF or CR LF, and none is blank. Such a block is split in one pass. Of anything else this module says
//! nothing, and the decoder, which knows every rule, reads the block.

use arrow::array::StringArray;
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};

use super::records::Dialect;

/// Cells up to so many bytes are copied as if they were as long, which takes one move instead of a call.
const SHORT: usize = 16;

/// The bytes of one cell, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    /// Quotes inside that are doubled.
    doubled: u32,
}

/// The cells of `bytes`, whole records of `num_fields` fields each, those of `columns` only, and the number of records. An
/// empty cell is null. `None` if the text is not regular, or not UTF-8.
pub(super) fn cells(
    bytes: &[u8],
    num_fields: usize,
    columns: &[usize],
    dialect: Dialect,
) -> Option<(Vec<StringArray>, usize)> {
    // Places are offsets of Arrow's, which have 32 bits and a sign.
    i32::try_from(bytes.len()).ok()?;
    let spans = split(bytes, num_fields, dialect)?;
    let num_rows = spans.len().checked_div(num_fields)?;
    let column = |field: &usize| {
        let of_field = spans.iter().skip(*field).step_by(num_fields);
        gather(bytes, of_field, num_rows, dialect.quote)
    };
    Some((columns.iter().map(column).collect::<Option<_>>()?, num_rows))
}

/// The cells of all records, record after record.
fn split(bytes: &[u8], num_fields: usize, dialect: Dialect) -> Option<Vec<Span>> {
    let Dialect { delimiter, quote } = dialect;
    let mut spans = Vec::with_capacity(bytes.len() / 8);
    let mut position = 0;
    let mut fields = 0;
    while position < bytes.len() {
        let span = if bytes[position] == quote {
            quoted(bytes, position + 1, quote)?
        } else {
            let is_end = |byte: &u8| *byte == delimiter || *byte == b'\n' || *byte == b'\r';
            let rest = &bytes[position..];
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            Span::new(position, position + length, 0)?
        };
        let is_blank = fields == 0 && span.start == span.end;
        position = span.end as usize + usize::from(bytes[position] == quote);
        spans.push(span);
        fields += 1;
        match bytes.get(position) {
            Some(byte) if *byte == delimiter => {
                position += 1;
                // A delimiter at the end of the input is followed by an empty field.
                if position < bytes.len() {
                    continue;
                }
                return None;
            }
            Some(b'\n') | None if !is_blank => position += 1,
            Some(b'\r') if !is_blank && bytes.get(position + 1) == Some(&b'\n') => position += 2,
            _ => return None,
        }
        if fields != num_fields {
            return None;
        }
        fields = 0;
    }
    Some(spans)
}

/// The quoted cell whose first byte is at `start`, up to its closing quote.
fn quoted(bytes: &[u8], start: usize, quote: u8) -> Option<Span> {
    let mut end = start;
    let mut doubled = 0;
    loop {
        end += find(&bytes[end..], quote)?;
        if bytes.get(end + 1) != Some(&quote) {
            return Span::new(start, end, doubled);
        }
        doubled += 1;
        end += 2;
    }
}

/// Where `byte` is first; eight bytes at a time, as cells are too short for a call to pay.
fn find(bytes: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    let pattern = u64::from_ne_bytes([byte; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // The lowest byte that is zero here has its top bit set below.
        let differs = u64::from_le_bytes(*word) ^ pattern;
        let zeros = differs.wrapping_sub(ONES) & !differs & TOPS;
        if zeros != 0 {
            return Some(8 * index + (zeros.trailing_zeros() / 8) as usize);
        }
    }
    let place = rest.iter().position(|other| *other == byte)?;
    Some(8 * words.len() + place)
}

/// One column out of its cells; `None` if they are not UTF-8.
fn gather<'a>(
    bytes: &[u8],
    cells: impl Iterator<Item = &'a Span> + Clone,
    num_rows: usize,
    quote: u8,
) -> Option<StringArray> {
    let mut offsets: Vec<i32> = Vec::with_capacity(num_rows + 1);
    offsets.push(0);
    let mut end: u32 = 0;
    for cell in cells.clone() {
        end += cell.len();
        offsets.push(i32::try_from(end).ok()?);
    }
    let mut values = vec![0; end as usize + SHORT];
    let mut at = 0;
    for cell in cells {
        let (start, end) = (cell.start as usize, cell.end as usize);
        let short = bytes.get(start..).and_then(<[u8]>::first_chunk::<SHORT>);
        match (
            short,
            values.get_mut(at..).and_then(<[u8]>::first_chunk_mut),
        ) {
            // What is too much is written over by the next cell, or cut off.
            (Some(from), Some(to)) if cell.doubled == 0 && end - start <= SHORT => *to = *from,
            _ if cell.doubled == 0 => {
                values[at..at + (end - start)].copy_from_slice(&bytes[start..end]);
            }
            _ => unescape(&bytes[start..end], quote, &mut values[at..]),
        }
        at += cell.len() as usize;
    }
    values.truncate(end as usize);
    let valid = BooleanBuffer::collect_bool(num_rows, |row| offsets[row] < offsets[row + 1]);
    let nulls = Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0);
    let offsets = OffsetBuffer::new(offsets.into());
    StringArray::try_new(offsets, Buffer::from_vec(values), nulls).ok()
}

/// Copies a cell with one quote for every two.
fn unescape(cell: &[u8], quote: u8, to: &mut [u8]) {
    let mut was_quote = false;
    let kept = cell.iter().filter(|byte| {
        let second = was_quote && **byte == quote;
        was_quote = **byte == quote && !second;
        !second
    });
    to.iter_mut().zip(kept).for_each(|(to, byte)| *to = *byte);
}

impl Span {
    fn new(start: usize, end: usize, doubled: u32) -> Option<Self> {
        Some(Self {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
            doubled,
        })
    }

    /// Bytes without the second of doubled quotes.
    fn len(&self) -> u32 {
        self.end - self.start - self.doubled
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::csv::blocks::{Block, Cut};
    use crate::ingest::csv::cells::decode;
    use crate::ingest::csv::records::line_breaks;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
    };

    fn block(text: &[u8]) -> Block {
        Block {
            bytes: text.to_vec(),
            first_line: 1,
            line_breaks: line_breaks(text),
            cut: Cut::Known,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn whatever_is_split_is_what_the_decoder_reads(
            text in "([ab,\"\n\r\u{e9}]|\"\"|\",|,\"|\"\n|\n\"|,\n|a{20}){0,40}", num_fields in 1usize..4,
        ) {
            let columns: Vec<usize> = (0..num_fields).rev().collect();
            if let Some(split) = cells(text.as_bytes(), num_fields, &columns, COMMA) {
                let block = block(text.as_bytes());
                let decoded = decode(&block, num_fields, &columns, COMMA);
                prop_assert_eq!(decoded.unwrap(), Some(split));
            }
        }

        #[test]
        fn regular_text_is_split(
            rows in prop::collection::vec(prop::collection::vec("[ab, é\"\n]{0,20}", 3), 1..20),
            crlf in any::<bool>(),
        ) {
            let line_break = if crlf { "\r\n" } else { "\n" };
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let record = |row: &Vec<String>| {
                let cells: Vec<String> = row.iter().map(quoted).collect();
                cells.join(",") + line_break
            };
            let text: String = rows.iter().map(record).collect();
            let (columns, num_rows) = cells(text.as_bytes(), 3, &[0, 1, 2], COMMA).unwrap();
            prop_assert_eq!(num_rows, rows.len());
            for (index, column) in columns.iter().enumerate() {
                let found: Vec<&str> = column.iter().map(Option::unwrap_or_default).collect();
                let expected: Vec<&str> = rows.iter().map(|row| row[index].as_str()).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn irregular_text_is_left_to_the_decoder() {
        for text in [
            &b"a,b\n\nc,d\n"[..],
            b"a\n",
            b"a,b,c\n",
            b"a,\"b\"c\n",
            b"a,\"b",
            b"a,b\rc,d\r",
            b"a,",
            b"a,\xff\n",
        ] {
            assert!(cells(text, 2, &[0, 1], COMMA).is_none(), "{text:?}");
        }
        assert!(cells(b"a,b\nc,d", 2, &[1], COMMA).is_some());
    }
}

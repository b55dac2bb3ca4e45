//! Text of other encodings, as UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::failure::Malformed;

/// How the bytes of a text file stand for characters.
///
/// A byte-order mark at the start of the file decides, whatever encoding was asked for, and is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8. Bytes that are not are an error; none is replaced.
    #[default]
    Utf8,
    /// UTF-16, the low byte of a unit first. A surrogate without its partner is an error.
    Utf16Le,
    /// UTF-16, the high byte of a unit first. A surrogate without its partner is an error.
    Utf16Be,
    /// Windows code page 1252, which holds Latin-1 (ISO 8859-1): one byte a character, all of them text.
    #[doc(alias = "Latin1")]
    Windows1252,
}

impl Encoding {
    /// The encoding that a byte-order mark at the start of `head` stands for, and the length of the mark.
    pub(super) fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => Some((Self::Utf16Le, 2)),
            [0xfe, 0xff, ..] => Some((Self::Utf16Be, 2)),
            _ => None,
        }
    }
}

/// A reader of text that is not UTF-8, as UTF-8.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    raw_left: std::ops::Range<usize>,
    text: Box<[u8]>,
    text_left: std::ops::Range<usize>,
    /// Line feeds decoded so far.
    line_feeds: u64,
    input_ended: bool,
    text_ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Bytes decoded at a time.
    const RAW_BYTES: usize = 1 << 16;

    /// Gives `input` back for UTF-8, which needs no decoding.
    pub(super) fn new(input: R, encoding: Encoding) -> Result<Self, R> {
        let encoding = match encoding {
            Encoding::Utf8 => return Err(input),
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Windows1252 => WINDOWS_1252,
        };
        Ok(Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; Self::RAW_BYTES].into(),
            raw_left: 0..0,
            text: vec![0; 2 * Self::RAW_BYTES].into(),
            text_left: 0..0,
            line_feeds: 0,
            input_ended: false,
            text_ended: false,
        })
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.text_left.is_empty() && !self.text_ended {
            if self.raw_left.is_empty() && !self.input_ended {
                let read = self.input.read(&mut self.raw)?;
                self.raw_left = 0..read;
                self.input_ended = read == 0;
            }
            let raw = &self.raw[self.raw_left.clone()];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                raw,
                &mut self.text,
                self.input_ended,
            );
            self.raw_left.start += read;
            self.text_left = 0..written;
            let decoded = &self.text[..written];
            self.line_feeds += decoded.iter().filter(|byte| **byte == b'\n').count() as u64;
            match result {
                DecoderResult::InputEmpty => self.text_ended = self.input_ended,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.text_ended = true;
                    let message = format!("is not {} text", self.decoder.encoding().name());
                    return Err(Malformed::at(self.line_feeds + 1, message));
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let count = out.len().min(self.text_left.len());
        let end = self.text_left.start + count;
        out[..count].copy_from_slice(&self.text[self.text_left.start..end]);
        self.text_left.start = end;
        Ok(count)
    }
}

impl<R> std::fmt::Debug for Decoded<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded")
            .field("encoding", &self.decoder.encoding().name())
            .finish_non_exhaustive()
    }
}

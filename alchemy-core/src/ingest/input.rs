//! How the bytes of a text file reach a decoder: decompressed, as UTF-8, within limits.
//!
//! ```text
//! file ──▶ gzip or zstd, by its first bytes ──▶ encoding, by its mark or as asked for ──▶ UTF-8
//! ```
//!
//! Text that is neither compressed nor of another encoding passes through without a copy.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

use super::compression::Unpacked;
use super::encoding::{Decoded, Encoding};
use super::failure::Origin;
use super::limits::Limits;
use crate::Result;

/// UTF-8 text, a byte-order mark left out. Whether it is valid UTF-8 is for the decoder to see.
///
/// A read fails with what [`Origin::io`] turns into the right error.
#[derive(Debug)]
pub(crate) enum Input<R: Read> {
    Plain(Prefixed<Unpacked<R>>),
    Decoded(Decoded<Prefixed<Unpacked<R>>>),
}

/// Bytes that were looked at, and the rest.
pub(super) type Prefixed<R> = Chain<Cursor<Vec<u8>>, R>;

impl Input<File> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if it cannot be opened or read, and those of [`Self::new`].
    pub(crate) fn open(path: &Path, encoding: Encoding, limits: &Limits) -> Result<(Self, Origin)> {
        let origin = Origin::file(path);
        let file = File::open(path).map_err(|error| origin.io(error))?;
        Ok((Self::new(file, encoding, limits, &origin)?, origin))
    }
}

impl<R: Read> Input<R> {
    /// Looks at the first bytes of `input`.
    ///
    /// # Errors
    ///
    /// [`Error::Read`](crate::Error::Read) if they are of an archive that cannot be read.
    pub(crate) fn new(
        input: R,
        encoding: Encoding,
        limits: &Limits,
        origin: &Origin,
    ) -> Result<Self> {
        Self::sniff(input, encoding, limits).map_err(|error| origin.io(error))
    }

    fn sniff(input: R, encoding: Encoding, limits: &Limits) -> io::Result<Self> {
        let mut unpacked = Unpacked::new(input, limits)?;
        let mut head = read_head::<3>(&mut unpacked)?;
        let mark = Encoding::of_mark(&head);
        let (encoding, mark_bytes) = mark.unwrap_or((encoding, 0));
        head.drain(..mark_bytes);
        let input = Cursor::new(head).chain(unpacked);
        Ok(match Decoded::new(input, encoding) {
            Ok(decoded) => Self::Decoded(decoded),
            Err(plain) => Self::Plain(plain),
        })
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(out),
            Self::Decoded(input) => input.read(out),
        }
    }
}

/// The first `N` bytes; fewer where the input ends.
pub(super) fn read_head<const N: usize>(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(N);
    input.take(N as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: Encoding) -> Result<String> {
        let origin = Origin::default();
        let mut text = String::new();
        Input::new(bytes, encoding, &Limits::new(), &origin)?
            .read_to_string(&mut text)
            .map_err(|error| origin.io(error))?;
        Ok(text)
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn a_mark_decides_and_is_left_out() {
        let sample = "a,ü\n€,😀\n";
        let marked = format!("\u{feff}{sample}");
        for asked in [
            Encoding::Utf8,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Windows1252,
        ] {
            for bytes in [
                marked.clone().into_bytes(),
                utf16(&marked, u16::to_le_bytes),
                utf16(&marked, u16::to_be_bytes),
            ] {
                assert_eq!(text(&bytes, asked).unwrap(), sample);
            }
        }
    }

    #[test]
    fn text_without_a_mark_is_of_the_encoding_asked_for() {
        let sample = "a,ü\n€,😀\n".repeat(50_000);
        let utf8 = text(sample.as_bytes(), Encoding::Utf8).unwrap();
        assert!(utf8 == sample);
        let le = utf16(&sample, u16::to_le_bytes);
        assert!(text(&le, Encoding::Utf16Le).unwrap() == sample);
        let be = utf16(&sample, u16::to_be_bytes);
        assert!(text(&be, Encoding::Utf16Be).unwrap() == sample);
        let latin = b"caf\xe9 \x80 \x81 \xff";
        let decoded = text(latin, Encoding::Windows1252).unwrap();
        assert_eq!(decoded, "café € \u{81} ÿ");
        for short in [&b""[..], b"a", b"ab"] {
            let same = text(short, Encoding::Utf8).unwrap();
            assert_eq!(same.as_bytes(), short);
        }
    }

    #[test]
    fn broken_utf_16_is_an_error_with_its_line() {
        let mut bytes = utf16("a\nb\n", u16::to_le_bytes);
        bytes.extend([0x00, 0xd8, b'x', 0]);
        let error = text(&bytes, Encoding::Utf16Le).unwrap_err();
        assert_eq!(error.to_string(), "line 3: is not UTF-16LE text");
        let error = text(b"a\0\n\0b", Encoding::Utf16Le).unwrap_err();
        assert_eq!(error.to_string(), "line 2: is not UTF-16LE text");
    }

    #[test]
    fn a_reader_of_single_bytes_makes_no_difference() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let count = out.len().min(1);
                self.0.read(&mut out[..count])
            }
        }
        let bytes = utf16("\u{feff}ü,😀\n", u16::to_be_bytes);
        let mut input = Input::sniff(Drip(&bytes), Encoding::Utf8, &Limits::new()).unwrap();
        let mut decoded = String::new();
        input.read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, "ü,😀\n");
    }
}

//! Compressed input, recognised by its first bytes and unpacked as it is read.

#[cfg(feature = "compression")]
use std::io::BufReader;
use std::io::{self, Cursor, Read};

use super::failure::Malformed;
use super::input::{Prefixed, read_head};
use super::limits::Limits;

/// The bytes of an input that may be compressed.
pub(crate) enum Unpacked<R: Read> {
    Stored(Prefixed<R>),
    #[cfg(feature = "compression")]
    Packed(Box<Packed<R>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Gzip,
    Zstd,
    Xz,
    Zip,
}

impl Format {
    /// What the first four bytes say. No UTF-8 text starts with those of gzip, Zstandard or xz.
    fn of_head(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or a frame to skip, with which some writers begin.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X'] => Some(Self::Xz),
            [b'P', b'K', 3, 4] => Some(Self::Zip),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::Xz => "xz",
            Self::Zip => "ZIP",
        }
    }
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(mut input: R, limits: &Limits) -> io::Result<Self> {
        let head = read_head::<4>(&mut input)?;
        let format = Format::of_head(&head);
        let input = Cursor::new(head).chain(input);
        match format {
            None => Ok(Self::Stored(input)),
            Some(format @ (Format::Xz | Format::Zip)) => Err(Malformed::error(format!(
                "is {} data; of compressed files gzip and Zstandard can be read",
                format.name()
            ))),
            #[cfg(feature = "compression")]
            Some(format) => {
                Packed::new(input, format, *limits).map(|packed| Self::Packed(Box::new(packed)))
            }
            #[cfg(not(feature = "compression"))]
            Some(format) => {
                let _ = limits;
                Err(Malformed::error(format!(
                    "is {} data; to read it, turn on the feature `compression` of alchemy-core",
                    format.name()
                )))
            }
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(input) => input.read(out),
            #[cfg(feature = "compression")]
            Self::Packed(input) => input.read(out),
        }
    }
}

impl<R: Read> std::fmt::Debug for Unpacked<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stored(_) => "Stored",
            #[cfg(feature = "compression")]
            Self::Packed(_) => "Packed",
        })
    }
}

/// Compressed bytes that are unpacked within limits. Members of gzip and frames of Zstandard may follow one another.
#[cfg(feature = "compression")]
pub(crate) struct Packed<R: Read> {
    decoder: Decoder<R>,
    format: Format,
    limits: Limits,
    unpacked: u64,
}

#[cfg(feature = "compression")]
enum Decoder<R: Read> {
    Gzip(flate2::bufread::MultiGzDecoder<Metered<R>>),
    Zstd(zstd::stream::read::Decoder<'static, Metered<R>>),
}

#[cfg(feature = "compression")]
type Metered<R> = BufReader<Counted<Prefixed<R>>>;

/// Counts the bytes that pass.
#[cfg(feature = "compression")]
struct Counted<R> {
    input: R,
    bytes: u64,
}

#[cfg(feature = "compression")]
impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(feature = "compression")]
impl<R: Read> Packed<R> {
    /// Bytes of compressed input taken at a time.
    const BUFFER_BYTES: usize = 1 << 16;
    /// Bytes that any input may become: a small file may be one long run of one value.
    const FREE_BYTES: u64 = 64 << 20;

    fn new(input: Prefixed<R>, format: Format, limits: Limits) -> io::Result<Self> {
        let input = BufReader::with_capacity(Self::BUFFER_BYTES, Counted { input, bytes: 0 });
        let decoder = match format {
            Format::Zstd => Decoder::Zstd(zstd::stream::read::Decoder::with_buffer(input)?),
            _ => Decoder::Gzip(flate2::bufread::MultiGzDecoder::new(input)),
        };
        Ok(Self {
            decoder,
            format,
            limits,
            unpacked: 0,
        })
    }

    fn packed(&self) -> u64 {
        match &self.decoder {
            Decoder::Gzip(decoder) => decoder.get_ref().get_ref().bytes,
            Decoder::Zstd(decoder) => decoder.get_ref().get_ref().bytes,
        }
    }

    fn check(&self) -> io::Result<()> {
        let Limits {
            max_decompressed_bytes: most,
            max_compression_ratio: ratio,
            ..
        } = self.limits;
        if self.unpacked > most {
            return Err(Malformed::error(format!(
                "becomes more than the limit of {most} bytes when decompressed"
            )));
        }
        let fair = self
            .packed()
            .saturating_mul(ratio)
            .saturating_add(Self::FREE_BYTES);
        if self.unpacked > fair {
            return Err(Malformed::error(format!(
                "becomes more than {ratio} times its size when decompressed, which is the limit"
            )));
        }
        Ok(())
    }
}

#[cfg(feature = "compression")]
impl<R: Read> Read for Packed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.read(out),
            Decoder::Zstd(decoder) => decoder.read(out),
        };
        match read {
            Ok(count) => {
                self.unpacked += count as u64;
                self.check()?;
                Ok(count)
            }
            // Of the file, or of the caller's reader, not of what stands in it.
            Err(error)
                if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted =>
            {
                Err(error)
            }
            Err(error) => {
                let name = self.format.name();
                Err(Malformed::error(format!(
                    "is damaged or cut short: the {name} data cannot be decompressed ({error})"
                )))
            }
        }
    }
}

#[cfg(test)]
#[cfg(feature = "compression")]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::ingest::failure::Origin;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    fn unpack(bytes: &[u8], limits: Limits) -> crate::Result<Vec<u8>> {
        let mut out = Vec::new();
        let read = Unpacked::new(bytes, &limits).and_then(|mut input| input.read_to_end(&mut out));
        read.map(|_| out)
            .map_err(|error| Origin::default().io(error))
    }

    #[test]
    fn members_and_frames_follow_one_another() {
        let text = b"a,b\n1,2\n".repeat(100_000);
        for pack in [gzip, zstd] {
            let (head, tail) = text.split_at(123_456);
            let packed = [pack(head), pack(b""), pack(tail)].concat();
            assert!(unpack(&packed, Limits::new()).unwrap() == text);
        }
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2][..], &zstd(b"a")].concat();
        assert_eq!(unpack(&skipped, Limits::new()).unwrap(), b"a");
    }

    #[test]
    fn every_cut_and_any_damage_is_an_error() {
        let text: Vec<u8> = (0..2000_u32).flat_map(u32::to_le_bytes).collect();
        for (pack, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gzip"), (zstd, "Zstandard")] {
            let packed = pack(&text);
            for end in (5..packed.len()).step_by(7) {
                let error = unpack(&packed[..end], Limits::new())
                    .unwrap_err()
                    .to_string();
                assert!(error.contains("damaged or cut short"), "{end}: {error}");
                assert!(error.contains(name), "{error}");
            }
        }
        let mut packed = gzip(&text);
        let middle = packed.len() / 2;
        packed[middle] ^= 0x10;
        assert!(unpack(&packed, Limits::new()).is_err());
        let trailed = [gzip(b"a"), b"something else".to_vec()].concat();
        assert!(unpack(&trailed, Limits::new()).is_err());
    }

    #[test]
    fn a_bomb_goes_off_outside() {
        let zeros = vec![0; 100 << 20];
        for pack in [gzip, zstd] {
            let packed = pack(&zeros);
            let error = unpack(&packed, Limits::new()).map(|bytes| bytes.len());
            let error = error.unwrap_err().to_string();
            assert!(error.contains("more than 250 times its size"), "{error}");
            let limits = Limits::new().with_max_decompressed_bytes(1 << 20);
            let error = unpack(&packed, limits).map(|bytes| bytes.len());
            let error = error.unwrap_err().to_string();
            assert!(error.contains("limit of 1048576 bytes"), "{error}");
            let limits = Limits::new().with_max_compression_ratio(u64::MAX);
            assert_eq!(unpack(&packed, limits).unwrap().len(), zeros.len());
        }
    }

    #[test]
    fn other_archives_are_named() {
        let error = unpack(b"PK\x03\x04....", Limits::new()).unwrap_err();
        assert!(error.to_string().starts_with("is ZIP data"), "{error}");
        let error = unpack(b"\xfd7zXZ\0", Limits::new()).unwrap_err();
        assert!(error.to_string().starts_with("is xz data"), "{error}");
    }
}

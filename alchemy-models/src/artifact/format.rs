//! The bytes of an artifact: a header, then named sections, each with its length and checksum.
//!
//! All numbers are little-endian.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `ALCHEMY\n` |
//! | 4 | format version |
//! | 4 | number of sections |
//! | per section | name length (4), name, length (8), XXH3-128 of name and contents (16), contents |

use alchemy_core::Result;
use xxhash_rust::xxh3::Xxh3;

use super::corrupt;

const MAGIC: &[u8; 8] = b"ALCHEMY\n";
const VERSION: u32 = 1;
/// Far above what an artifact holds; a damaged count must not cause a large allocation.
const MAX_SECTIONS: u32 = 64;

/// Named sections, in order.
#[derive(Debug, Default)]
pub(super) struct Sections(Vec<(String, Vec<u8>)>);

impl Sections {
    pub(super) fn push(&mut self, name: &str, contents: Vec<u8>) {
        self.0.push((name.to_owned(), contents));
    }

    pub(super) fn find(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, contents)| contents.as_slice())
    }

    pub(super) fn get(&self, name: &str) -> Result<&[u8]> {
        self.find(name)
            .ok_or_else(|| corrupt(format!("has no section {name:?}")))
    }

    /// A hash over the checksums of all sections.
    pub(super) fn id(&self) -> String {
        let mut hash = Xxh3::new();
        self.0
            .iter()
            .for_each(|(name, contents)| hash.update(&checksum(name, contents)));
        format!("{:032x}", hash.digest128())
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&length(self.0.len()).to_le_bytes()[..4]);
        for (name, contents) in &self.0 {
            out.extend_from_slice(&length(name.len()).to_le_bytes()[..4]);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&length(contents.len()).to_le_bytes());
            out.extend_from_slice(&checksum(name, contents));
            out.extend_from_slice(contents);
        }
        out
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = Rest(bytes);
        if rest.take(MAGIC.len() as u64)? != MAGIC {
            return Err(corrupt("is not an Alchemy artifact"));
        }
        let version = rest.u32()?;
        if version != VERSION {
            return Err(corrupt(format!(
                "is of format {version}; this build reads format {VERSION}"
            )));
        }
        let count = rest.u32()?;
        if count > MAX_SECTIONS {
            return Err(corrupt("has an impossible number of sections"));
        }
        let sections = (0..count).map(|_| rest.section()).collect::<Result<_>>()?;
        if rest.0.is_empty() {
            Ok(Self(sections))
        } else {
            Err(corrupt("has bytes after its last section"))
        }
    }
}

/// The bytes not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8]> {
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= self.0.len());
        let (taken, rest) = self
            .0
            .split_at(count.ok_or_else(|| corrupt("ends too early"))?);
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N as u64)?
            .try_into()
            .map_err(|_| corrupt("ends too early"))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn section(&mut self) -> Result<(String, Vec<u8>)> {
        let name_length = self.u32()?;
        let name = std::str::from_utf8(self.take(name_length.into())?)
            .map_err(|_| corrupt("has a section without a readable name"))?;
        let length = u64::from_le_bytes(self.array()?);
        let expected: [u8; 16] = self.array()?;
        let contents = self.take(length)?;
        if checksum(name, contents) != expected {
            return Err(corrupt(format!(
                "section {name:?} does not match its checksum"
            )));
        }
        Ok((name.to_owned(), contents.to_vec()))
    }
}

fn checksum(name: &str, contents: &[u8]) -> [u8; 16] {
    let mut hash = Xxh3::new();
    hash.update(name.as_bytes());
    hash.update(&[0]);
    hash.update(contents);
    hash.digest128().to_le_bytes()
}

fn length(count: usize) -> u64 {
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> Sections {
        Sections(vec![
            ("a".into(), vec![1, 2, 3]),
            ("b".into(), vec![]),
            ("c".into(), vec![9; 40]),
        ])
    }

    #[test]
    fn bytes_read_back() {
        let bytes = sections().to_bytes();
        let read = Sections::from_bytes(&bytes).unwrap();
        assert_eq!(read.0, sections().0);
        assert_eq!(read.id(), sections().id());
        assert_eq!(read.to_bytes(), bytes);
        assert!(read.get("d").is_err());
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let bytes = sections().to_bytes();
        for index in 0..bytes.len() {
            assert!(
                Sections::from_bytes(&bytes[..index]).is_err(),
                "cut at {index}"
            );
            for flip in [1, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[index] ^= flip;
                assert!(Sections::from_bytes(&damaged).is_err(), "byte {index}");
            }
        }
        assert!(Sections::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
}

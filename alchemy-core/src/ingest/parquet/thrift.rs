//! The sizes that Thrift's compact protocol claims, without the values.
//!
//! Parquet's footer and page headers are in this protocol. Its decoder reserves memory for a list before it reads the
//! list; a claimed size that the input cannot hold would end the process. This walk reserves nothing.
//!
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>

/// Structures inside one another; Parquet's own stay below ten.
const MAX_DEPTH: usize = 64;

/// Why a walk ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end inside a value.
    Short,
    /// The bytes are not of the protocol.
    Broken,
}

/// What a page header claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PageSizes {
    pub(super) unpacked: i64,
    pub(super) packed: i64,
    /// The number of values of a dictionary.
    pub(super) dictionary: Option<i64>,
    pub(super) data: Option<DataPage>,
    /// The length of the header itself.
    pub(super) header: usize,
}

/// What the header of a data page says about its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DataPage {
    pub(super) num_values: i64,
    pub(super) encoding: i64,
    pub(super) definition_encoding: i64,
    pub(super) repetition_encoding: i64,
    /// The bytes of levels before the values, in a page of the second version.
    pub(super) levels_bytes: Option<i64>,
    /// Whether the values of such a page are left as they are.
    pub(super) is_stored: bool,
}

/// The sizes of the page whose header `bytes` begin with.
pub(super) fn page_sizes(bytes: &[u8]) -> Result<PageSizes, Stop> {
    let mut sizes = PageSizes::default();
    let mut walk = Walk { bytes, depth: 0 };
    walk.fields(|walk, id, kind| {
        match (id, kind) {
            (2, Kind::Integer) => sizes.unpacked = walk.integer()?,
            (3, Kind::Integer) => sizes.packed = walk.integer()?,
            (5, Kind::Struct) => {
                let mut data = DataPage::default();
                walk.fields(|walk, id, kind| {
                    match (id, kind) {
                        (1, Kind::Integer) => data.num_values = walk.integer()?,
                        (2, Kind::Integer) => data.encoding = walk.integer()?,
                        (3, Kind::Integer) => data.definition_encoding = walk.integer()?,
                        (4, Kind::Integer) => data.repetition_encoding = walk.integer()?,
                        _ => walk.skip(kind)?,
                    }
                    Ok(())
                })?;
                sizes.data = Some(data);
            }
            (8, Kind::Struct) => {
                let mut data = DataPage::default();
                let mut levels = 0_i64;
                walk.fields(|walk, id, kind| {
                    match (id, kind) {
                        (1, Kind::Integer) => data.num_values = walk.integer()?,
                        (4, Kind::Integer) => data.encoding = walk.integer()?,
                        (7, Kind::False) => data.is_stored = true,
                        (5 | 6, Kind::Integer) => levels = levels.saturating_add(walk.integer()?),
                        _ => walk.skip(kind)?,
                    }
                    Ok(())
                })?;
                data.levels_bytes = Some(levels);
                sizes.data = Some(data);
            }
            (7, Kind::Struct) => walk.fields(|walk, id, kind| {
                match (id, kind) {
                    (1, Kind::Integer) => sizes.dictionary = Some(walk.integer()?),
                    _ => walk.skip(kind)?,
                }
                Ok(())
            })?,
            _ => walk.skip(kind)?,
        }
        Ok(())
    })?;
    sizes.header = bytes.len() - walk.bytes.len();
    Ok(sizes)
}

/// The number of children of each element of the schema, in the order of a footer, which `bytes` are.
pub(super) fn schema_children(bytes: &[u8]) -> Result<Vec<i64>, Stop> {
    let mut elements = Vec::new();
    let mut walk = Walk { bytes, depth: 0 };
    walk.fields(|walk, id, kind| {
        if (id, kind) != (2, Kind::List) {
            return walk.skip(kind);
        }
        let (kind, size) = walk.list()?;
        for _ in 0..size {
            if kind != Kind::Struct {
                return Err(Stop::Broken);
            }
            let mut children = 0;
            walk.fields(|walk, id, kind| {
                match (id, kind) {
                    (5, Kind::Integer) => children = walk.integer()?,
                    _ => walk.skip(kind)?,
                }
                Ok(())
            })?;
            elements.push(children);
        }
        Ok(())
    })?;
    Ok(elements)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    True,
    False,
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn new(code: u8) -> Result<Self, Stop> {
        Ok(match code {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Integer,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err(Stop::Broken),
        })
    }
}

/// The bytes not yet walked over.
#[derive(Debug)]
struct Walk<'a> {
    bytes: &'a [u8],
    depth: usize,
}

impl Walk<'_> {
    /// Hands every field of a structure to `field`, which must walk over its value.
    fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, Kind) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Broken);
        }
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Ok(());
            }
            let step = i64::from(head >> 4);
            id = if step == 0 {
                self.integer()?
            } else {
                id + step
            };
            field(self, id, Kind::new(head & 0x0f)?)?;
        }
    }

    /// Goes over the value of a field.
    fn skip(&mut self, kind: Kind) -> Result<(), Stop> {
        match kind {
            // These two are all there is.
            Kind::True | Kind::False => Ok(()),
            Kind::Byte => self.advance(1),
            Kind::Integer => self.integer().map(|_| ()),
            Kind::Double => self.advance(8),
            Kind::Uuid => self.advance(16),
            Kind::Binary => {
                let length = self.varint()?;
                self.advance(length)
            }
            Kind::Struct => self.fields(Self::skip_field),
            Kind::List => {
                let (kind, size) = self.list()?;
                self.nested(|walk| (0..size).try_for_each(|_| walk.skip_element(kind)))
            }
            Kind::Map => {
                let size = self.varint()?;
                if size == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::new(kinds >> 4)?, Kind::new(kinds & 0x0f)?);
                self.nested(|walk| {
                    (0..size).try_for_each(|_| {
                        walk.skip_element(key)?;
                        walk.skip_element(value)
                    })
                })
            }
        }
    }

    /// Goes over an element of a list or a map.
    fn skip_element(&mut self, kind: Kind) -> Result<(), Stop> {
        match kind {
            Kind::True | Kind::False => self.advance(1),
            other => self.skip(other),
        }
    }

    fn skip_field(&mut self, _: i64, kind: Kind) -> Result<(), Stop> {
        self.skip(kind)
    }

    fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Broken);
        }
        walk(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// The kind and number of the elements of a list. Each takes a byte or more.
    fn list(&mut self) -> Result<(Kind, u64), Stop> {
        let head = self.byte()?;
        let size = match head >> 4 {
            15 => self.varint()?,
            size => u64::from(size),
        };
        if size > self.bytes.len() as u64 {
            return Err(Stop::Short);
        }
        Ok((Kind::new(head & 0x0f)?, size))
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let (first, rest) = self.bytes.split_first().ok_or(Stop::Short)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn advance(&mut self, length: u64) -> Result<(), Stop> {
        let length = usize::try_from(length).map_err(|_| Stop::Broken)?;
        self.bytes = self.bytes.get(length..).ok_or(Stop::Short)?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Stop::Broken)
    }

    fn integer(&mut self) -> Result<i64, Stop> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_header_gives_its_sizes() {
        // type 2 (dictionary), sizes 100 and 60, dictionary header with 7 values of encoding 0.
        let header = [
            0x15, 4, 0x15, 200, 1, 0x15, 120, 0x4c, 0x15, 14, 0x15, 0, 0, 0,
        ];
        let expected = PageSizes {
            unpacked: 100,
            packed: 60,
            dictionary: Some(7),
            data: None,
            header: header.len(),
        };
        assert_eq!(page_sizes(&header), Ok(expected));
        for end in 0..header.len() {
            assert_eq!(page_sizes(&header[..end]), Err(Stop::Short), "{end}");
        }
    }

    #[test]
    fn claims_beyond_the_input_and_deep_nesting_stop_the_walk() {
        // A list of 2^31 structures in 8 bytes.
        let list = [0x29, 0xfc, 0x80, 0x80, 0x80, 0x80, 8, 0];
        assert_eq!(schema_children(&list), Err(Stop::Short));
        // A text of 2^62 bytes.
        let text = [
            0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0,
        ];
        assert_eq!(schema_children(&text), Err(Stop::Short));
        assert_eq!(page_sizes(&[0x1c; 100_000]), Err(Stop::Broken));
        assert_eq!(page_sizes(&[0x19; 100_000]), Err(Stop::Broken));
        assert_eq!(page_sizes(&[0x1f, 0]), Err(Stop::Broken));
    }
}

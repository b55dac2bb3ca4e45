//! How many values a page of delta-encoded text claims.
//!
//! In the encodings `DELTA_LENGTH_BYTE_ARRAY` and `DELTA_BYTE_ARRAY` the number stands inside the page, and the decoder
//! reserves memory for it. <https://parquet.apache.org/docs/file-format/data-pages/encodings/>

use parquet::basic::Compression;

use super::thrift::DataPage;

const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
/// Of levels: a length in four bytes, then as many bytes. The other encoding, long deprecated, packs bits.
const RLE: i64 = 3;

/// What the pages of a column share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) codec: Compression,
    pub(super) max_definition: i16,
    pub(super) max_repetition: i16,
}

/// Whether the number of values is inside the page.
pub(super) fn is_concerned(page: &DataPage) -> bool {
    matches!(page.encoding, DELTA_LENGTH_BYTE_ARRAY | DELTA_BYTE_ARRAY)
}

/// Whether a page claims more values inside than its header does. `packed` is the page as it stands in the file,
/// `unpacked_size` its size when decompressed. Bytes that cannot be followed claim nothing: the decoder fails on them.
pub(super) fn claims_too_much(
    page: &DataPage,
    column: Column,
    packed: &[u8],
    unpacked_size: usize,
) -> bool {
    let exceeds = |values: &[u8]| exceeds(page, values).unwrap_or(false);
    if let Some(levels) = page.levels_bytes {
        let levels = usize::try_from(levels).unwrap_or(usize::MAX);
        let Some(values) = packed.get(levels..) else {
            return false;
        };
        if page.is_stored {
            return exceeds(values);
        }
        let unpacked = unpack(column.codec, values, unpacked_size.saturating_sub(levels));
        return unpacked.is_some_and(|values| exceeds(&values));
    }
    let Some(unpacked) = unpack(column.codec, packed, unpacked_size) else {
        return false;
    };
    let levels = [
        (column.max_repetition, page.repetition_encoding),
        (column.max_definition, page.definition_encoding),
    ];
    let mut rest = Some(&unpacked[..]);
    for (max, encoding) in levels.into_iter().filter(|(max, _)| *max > 0) {
        rest = rest.and_then(|rest| after_levels(rest, page.num_values, max, encoding));
    }
    rest.is_some_and(exceeds)
}

fn unpack(codec: Compression, packed: &[u8], size: usize) -> Option<Vec<u8>> {
    match codec {
        Compression::UNCOMPRESSED => Some(packed.to_vec()),
        Compression::SNAPPY => {
            let fits = snap::raw::decompress_len(packed).is_ok_and(|claimed| claimed <= size);
            if !fits {
                return None;
            }
            snap::raw::Decoder::new().decompress_vec(packed).ok()
        }
        Compression::ZSTD(_) => zstd::bulk::decompress(packed, size).ok(),
        _ => None,
    }
}

fn after_levels(bytes: &[u8], num_values: i64, max: i16, encoding: i64) -> Option<&[u8]> {
    let length = if encoding == RLE {
        let (length, _) = bytes.split_first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*length))
            .ok()?
            .checked_add(4)?
    } else {
        let bits = u64::from(16 - max.leading_zeros());
        usize::try_from(
            u64::try_from(num_values)
                .ok()?
                .checked_mul(bits)?
                .div_ceil(8),
        )
        .ok()?
    };
    bytes.get(length..)
}

/// Whether the blocks that `values` begin with claim more than the header; `None` where they cannot be followed.
fn exceeds(page: &DataPage, values: &[u8]) -> Option<bool> {
    let most = u64::try_from(page.num_values).ok()?;
    let mut blocks = Blocks(values);
    let lengths = blocks.header()?;
    if lengths.total > most {
        return Some(true);
    }
    if page.encoding == DELTA_LENGTH_BYTE_ARRAY {
        return Some(false);
    }
    // The lengths of the suffixes follow those of the prefixes.
    blocks.skip(&lengths)?;
    Some(blocks.header()?.total > most)
}

/// Integers in the encoding `DELTA_BINARY_PACKED`.
struct Blocks<'a>(&'a [u8]);

struct Header {
    block_size: u64,
    mini_blocks: u64,
    total: u64,
}

impl Blocks<'_> {
    fn header(&mut self) -> Option<Header> {
        let header = Header {
            block_size: self.varint()?,
            mini_blocks: self.varint()?,
            total: self.varint()?,
        };
        self.varint()?;
        Some(header)
    }

    /// Goes over the blocks to the end of the last.
    fn skip(&mut self, header: &Header) -> Option<()> {
        let in_mini_block = header.block_size.checked_div(header.mini_blocks)?;
        if in_mini_block == 0 {
            return None;
        }
        // The first value stands in the header.
        let mut left = header.total.saturating_sub(1);
        while left > 0 {
            self.varint()?;
            let mini_blocks = usize::try_from(header.mini_blocks).ok()?;
            let (widths, rest) = self.0.split_at_checked(mini_blocks)?;
            self.0 = rest;
            for width in widths {
                if left == 0 {
                    break;
                }
                let bits = in_mini_block.checked_mul(u64::from(*width))?;
                self.0 = self.0.get(usize::try_from(bits / 8).ok()?..)?;
                left = left.saturating_sub(in_mini_block);
            }
        }
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

//! Parquet files whose claims are checked before memory is reserved for them.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use super::delta;
use super::thrift::{PageSizes, Stop, page_sizes, schema_children};
use crate::ingest::failure::{Origin, contain};
use crate::ingest::limits::Limits;
use crate::{Error, Result};

/// Levels of a schema. A decoder goes down one call for each.
const MAX_SCHEMA_DEPTH: usize = 64;
/// The longest page header read. One holds a few numbers, and at most the least and the greatest value of its page.
const MAX_HEADER_BYTES: u64 = 16 << 20;
/// Bytes that any page may become, however few it has.
const FREE_PAGE_BYTES: u64 = 64 << 20;

/// The length of a file's footer and the magic bytes after it.
const TAIL_BYTES: u64 = 8;

/// A Parquet file as the decoder reads it.
#[derive(Debug)]
pub(super) struct Guarded {
    file: File,
    length: u64,
    limits: Limits,
    chunks: Arc<[Chunk]>,
}

/// Where the pages of a column are.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: u64,
    end: u64,
    column: delta::Column,
}

impl Guarded {
    pub(super) fn open(path: &Path, origin: &Origin, limits: Limits) -> Result<Self> {
        let open = || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok(Self {
                file,
                length,
                limits,
                chunks: Arc::new([]),
            })
        };
        open().map_err(|error| origin.io(error))
    }

    /// Makes known what the footer says about the pages of some row groups.
    pub(super) fn with_row_groups(mut self, metadata: &ParquetMetaData, groups: &[usize]) -> Self {
        let columns = groups
            .iter()
            .flat_map(|group| metadata.row_group(*group).columns());
        let chunk = |chunk: &ColumnChunkMetaData| {
            let (start, length) = chunk
                .dictionary_page_offset()
                .unwrap_or(chunk.data_page_offset())
                .try_into()
                .ok()
                .zip(chunk.compressed_size().try_into().ok())?;
            Some(Chunk {
                start,
                end: u64::saturating_add(start, length),
                column: delta::Column {
                    codec: chunk.compression(),
                    max_definition: chunk.column_descr().max_def_level(),
                    max_repetition: chunk.column_descr().max_rep_level(),
                },
            })
        };
        self.chunks = columns.filter_map(chunk).collect();
        self
    }

    /// Decodes the footer, after a look at what it claims.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the file is not Parquet, is damaged or passes a limit.
    pub(super) fn metadata(&self, origin: &Origin) -> Result<ArrowReaderMetadata> {
        let damaged = |error: ParquetError| origin.error(error.to_string());
        let no_parquet = || origin.error("is not Parquet: its last bytes are not PAR1");
        let start = self.length.checked_sub(TAIL_BYTES).ok_or_else(no_parquet)?;
        let tail = self.get_bytes(start, 8).map_err(damaged)?;
        let (size, magic) = tail.split_at(4);
        if magic != b"PAR1" {
            return Err(no_parquet());
        }
        let size = size
            .iter()
            .rev()
            .fold(0, |size, byte| size << 8 | u64::from(*byte));
        let footer_start = start
            .checked_sub(size)
            .ok_or_else(|| origin.error("is damaged: its footer is larger than the file"))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let footer = self.get_bytes(footer_start, size).map_err(damaged)?;
        let children = schema_children(&footer)
            .map_err(|_| origin.error("is damaged: its footer cannot be read"))?;
        self.check_schema(&children, origin)?;
        contain(origin, || {
            let metadata = ParquetMetaDataReader::decode_metadata(&footer).map_err(damaged)?;
            ArrowReaderMetadata::try_new(Arc::new(metadata), Default::default()).map_err(damaged)
        })
    }

    /// Checks the tree that the numbers of children, in depth-first order, stand for.
    fn check_schema(&self, children: &[i64], origin: &Origin) -> Result<(), Error> {
        let limit = self.limits.max_columns;
        let num_columns = children.iter().filter(|children| **children == 0).count();
        if num_columns > limit {
            let message = format!("has {num_columns} columns, more than the limit of {limit}");
            return Err(origin.error(message));
        }
        // For each open group, how many of its children are to come.
        let mut open = Vec::new();
        for (i, count) in children.iter().enumerate() {
            let to_come = children.len() - i;
            match usize::try_from(*count) {
                Ok(count) if count < to_come.max(1) && open.len() < MAX_SCHEMA_DEPTH => {
                    open.push(count);
                }
                _ => return Err(origin.error("is damaged: its schema is no tree, or too deep")),
            }
            while open.pop_if(|left| *left == 0).is_some() {
                if let Some(left) = open.last_mut() {
                    *left -= 1;
                }
            }
        }
        Ok(())
    }
}

impl Length for Guarded {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Guarded {
    type T = PageHeader;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(PageHeader {
            file: self.file.try_clone()?,
            start,
            limits: self.limits,
            chunks: self.chunks.clone(),
            bytes: None,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            let message = format!("{length} bytes at {start} lie beyond the end of the file");
            return Err(ParquetError::EOF(message));
        }
        let mut bytes = Vec::with_capacity(length);
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        file.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() != length {
            return Err(ParquetError::EOF("the file became shorter".to_owned()));
        }
        Ok(bytes.into())
    }
}

/// The bytes from a place in the file on. The decoder reads page headers from them and nothing else, and not always that.
#[derive(Debug)]
pub(super) struct PageHeader {
    file: File,
    start: u64,
    limits: Limits,
    chunks: Arc<[Chunk]>,
    /// Once they were read and checked.
    bytes: Option<Cursor<Vec<u8>>>,
}

impl Read for PageHeader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_none() {
            self.bytes = Some(Cursor::new(self.checked()?));
        }
        self.bytes.as_mut().map_or(Ok(0), |bytes| bytes.read(out))
    }
}

impl PageHeader {
    /// Bytes enough to hold the header.
    fn checked(&self) -> io::Result<Vec<u8>> {
        let mut size = 512;
        loop {
            let bytes = self.first(size)?;
            match page_sizes(&bytes) {
                Ok(sizes) => {
                    check_page(sizes, &self.limits).map_err(io::Error::other)?;
                    self.check_values(sizes)?;
                    return Ok(bytes);
                }
                // There is more to read.
                Err(Stop::Short) if bytes.len() as u64 == size && size < MAX_HEADER_BYTES => {
                    size *= 8;
                }
                Err(_) => return Err(io::Error::other("a page header is damaged")),
            }
        }
    }

    /// Looks into pages that claim a number of values inside.
    fn check_values(&self, sizes: PageSizes) -> io::Result<()> {
        let Some(data) = sizes.data.filter(delta::is_concerned) else {
            return Ok(());
        };
        // Each value takes four bytes of memory, however few it has in the file.
        let memory = PageSizes {
            unpacked: data.num_values.saturating_mul(4),
            data: None,
            ..sizes
        };
        check_page(memory, &self.limits).map_err(io::Error::other)?;
        // Hostile chunks may overlap: each of them may be the one that is read.
        let is_here = |chunk: &&Chunk| (chunk.start..chunk.end).contains(&self.start);
        let packed = self.at(
            self.start + sizes.header as u64,
            sizes.packed.unsigned_abs(),
        )?;
        let unpacked = usize::try_from(sizes.unpacked).unwrap_or(usize::MAX);
        let mut columns = self.chunks.iter().filter(is_here).map(|chunk| chunk.column);
        if columns.any(|column| delta::claims_too_much(&data, column, &packed, unpacked)) {
            let message = "a page of delta-encoded text claims more values than its header";
            return Err(io::Error::other(message));
        }
        Ok(())
    }

    fn first(&self, size: u64) -> io::Result<Vec<u8>> {
        self.at(self.start, size)
    }

    fn at(&self, start: u64, size: u64) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Refuses a page that claims more than its bytes can fairly become.
fn check_page(sizes: PageSizes, limits: &Limits) -> Result<(), String> {
    let (Ok(unpacked), Ok(packed)) = (u64::try_from(sizes.unpacked), u64::try_from(sizes.packed))
    else {
        return Err("a page claims a negative size".to_owned());
    };
    if sizes
        .dictionary
        .is_some_and(|values| values > sizes.unpacked)
    {
        return Err("a dictionary claims more values than it has bytes".to_owned());
    }
    let ratio = limits.max_compression_ratio;
    let fair = packed.saturating_mul(ratio).saturating_add(FREE_PAGE_BYTES);
    if unpacked > fair {
        return Err(format!(
            "a page becomes more than {ratio} times its size when decompressed, which is the limit"
        ));
    }
    let most = limits.max_decompressed_bytes;
    if unpacked > most {
        return Err(format!(
            "a page becomes more than the limit of {most} bytes when decompressed"
        ));
    }
    Ok(())
}

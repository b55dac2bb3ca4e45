//! The messages of an IPC file, one at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer};

/// What a file in the file format begins and ends with.
const MAGIC: &[u8; 6] = b"ARROW1";

/// The bytes at the end of a file: the length of the footer, and the magic.
const TRAILER_BYTES: u64 = 10;

/// Bytes of a stream that are read at a time.
const CHUNK_BYTES: u64 = 1 << 16;

#[derive(Debug)]
pub(super) enum Frames {
    File(FileFrames),
    Stream(StreamFrames),
}

/// The file format: a footer at the end says where batches are.
#[derive(Debug)]
pub(super) struct FileFrames {
    file: File,
    len: u64,
    decoder: FileDecoder,
    schema: SchemaRef,
    blocks: VecDeque<Block>,
}

/// The stream format: a schema, then batches.
#[derive(Debug)]
pub(super) struct StreamFrames {
    file: File,
    decoder: StreamDecoder,
    chunk: Buffer,
    schema: SchemaRef,
}

impl Frames {
    pub(super) fn open(mut file: File) -> Result<Self, ArrowError> {
        let mut magic = Vec::new();
        (&mut file)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut magic)?;
        if magic == MAGIC {
            return FileFrames::open(file).map(Self::File);
        }
        file.seek(SeekFrom::Start(0))?;
        StreamFrames::open(file).map(Self::Stream)
    }

    pub(super) fn schema(&self) -> SchemaRef {
        match self {
            Self::File(frames) => frames.schema.clone(),
            Self::Stream(frames) => frames.schema.clone(),
        }
    }

    /// Reads the `wanted` columns only, where that saves work; returns their places in the batches to come.
    pub(super) fn choose(&mut self, wanted: &[usize]) -> Vec<usize> {
        let Self::File(frames) = self else {
            return wanted.to_vec();
        };
        let mut read = wanted.to_vec();
        read.sort_unstable();
        read.dedup();
        let places = wanted
            .iter()
            .map(|index| read.partition_point(|other| other < index))
            .collect();
        frames.read_columns(read);
        places
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        match self {
            Self::File(frames) => frames.next_batch(),
            Self::Stream(frames) => frames.next_batch(),
        }
    }
}

impl FileFrames {
    fn open(mut file: File) -> Result<Self, ArrowError> {
        let len = file.seek(SeekFrom::End(0))?;
        let start = len.saturating_sub(TRAILER_BYTES);
        let trailer = read_at(&mut file, len, start, TRAILER_BYTES)?;
        let trailer = trailer.try_into().map_err(|_| beyond("footer"))?;
        let footer_len = read_footer_length(trailer)? as u64;
        let start = len
            .checked_sub(TRAILER_BYTES + footer_len)
            .ok_or_else(|| beyond("footer"))?;
        let bytes = read_at(&mut file, len, start, footer_len)?;
        let footer = root_as_footer(&bytes).map_err(|error| damaged(error.to_string()))?;
        let found = footer
            .schema()
            .ok_or_else(|| damaged("there is no schema"))?;
        if !found.endianness().equals_to_target_endianness() {
            return Err(damaged(
                "the order of bytes in its numbers is not this machine's",
            ));
        }
        let schema: SchemaRef = Arc::new(fb_to_schema(found));
        let mut decoder = FileDecoder::new(schema.clone(), footer.version());
        for block in footer.dictionaries().into_iter().flatten() {
            let bytes = read_block(&mut file, len, block)?;
            decoder.read_dictionary(block, &bytes)?;
        }
        let blocks = footer
            .recordBatches()
            .into_iter()
            .flatten()
            .copied()
            .collect();
        Ok(Self {
            file,
            len,
            decoder,
            schema,
            blocks,
        })
    }

    fn read_columns(&mut self, columns: Vec<usize>) {
        let placeholder = FileDecoder::new(self.schema.clone(), Default::default());
        let decoder = std::mem::replace(&mut self.decoder, placeholder);
        self.decoder = decoder.with_projection(columns);
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        while let Some(block) = self.blocks.pop_front() {
            let bytes = read_block(&mut self.file, self.len, &block)?;
            if let Some(batch) = self.decoder.read_record_batch(&block, &bytes)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl StreamFrames {
    fn open(mut file: File) -> Result<Self, ArrowError> {
        let mut decoder = StreamDecoder::new();
        let mut chunk = read_chunk(&mut file)?;
        // Fed in small pieces: the decoder must not go on from the schema to a batch that nobody is waiting for.
        while decoder.schema().is_none() && !chunk.is_empty() {
            let mut piece = chunk.slice_with_length(0, chunk.len().min(1));
            decoder.decode(&mut piece)?;
            chunk.advance(1);
            if chunk.is_empty() {
                chunk = read_chunk(&mut file)?;
            }
        }
        match decoder.schema() {
            Some(schema) => Ok(Self {
                file,
                decoder,
                chunk,
                schema,
            }),
            None => Err(damaged("is neither an Arrow file nor an Arrow stream")),
        }
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        loop {
            if self.chunk.is_empty() {
                self.chunk = read_chunk(&mut self.file)?;
            }
            if self.chunk.is_empty() {
                return self.decoder.finish().map(|()| None);
            }
            if let Some(batch) = self.decoder.decode(&mut self.chunk)? {
                return Ok(Some(batch));
            }
        }
    }
}

/// A block, whose parts are known to be where the file says; the decoder takes that for granted.
fn read_block(file: &mut File, len: u64, block: &Block) -> Result<Buffer, ArrowError> {
    /// The smallest message: its continuation marker and its length.
    const LEAST_METADATA: u64 = 8;
    let parts = (
        u64::try_from(block.offset()),
        u64::try_from(block.metaDataLength()),
        u64::try_from(block.bodyLength()),
    );
    match parts {
        (Ok(offset), Ok(metadata), Ok(body)) if metadata >= LEAST_METADATA => {
            let total = metadata.checked_add(body).ok_or_else(|| beyond("block"))?;
            Ok(Buffer::from_vec(read_at(file, len, offset, total)?))
        }
        _ => Err(beyond("block")),
    }
}

/// `count` bytes at `offset` of a file of `len` bytes.
fn read_at(file: &mut File, len: u64, offset: u64, count: u64) -> Result<Vec<u8>, ArrowError> {
    if offset.checked_add(count).is_none_or(|end| end > len) {
        return Err(beyond("block"));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < count {
        return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into());
    }
    Ok(bytes)
}

fn read_chunk(file: &mut File) -> Result<Buffer, ArrowError> {
    let mut bytes = Vec::new();
    file.take(CHUNK_BYTES).read_to_end(&mut bytes)?;
    Ok(Buffer::from_vec(bytes))
}

fn beyond(what: &str) -> ArrowError {
    damaged(format!("a {what} lies outside the file"))
}

fn damaged(message: impl Into<String>) -> ArrowError {
    ArrowError::ParseError(message.into())
}

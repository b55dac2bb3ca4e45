//! Files in, record batches out: CSV and Parquet.

#[cfg(feature = "csv")]
mod compression;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod encoding;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod failure;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod files;
#[cfg(feature = "csv")]
mod input;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod limits;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod replace;

#[cfg(feature = "csv")]
pub use csv::{CsvBatches, CsvReader, CsvWriter, OuterSpaces, RaggedRows, write_csv};
#[cfg(feature = "csv")]
pub use encoding::Encoding;
#[cfg(any(feature = "csv", feature = "parquet"))]
pub use limits::Limits;
#[cfg(feature = "parquet")]
pub use parquet::{
    ParquetBatches, ParquetCompression, ParquetReader, ParquetWriter, RangeValue, write_parquet,
};

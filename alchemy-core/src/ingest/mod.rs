//! Files in, record batches out: CSV and Parquet.

#[cfg(feature = "csv")]
mod compression;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod encoding;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod failure;
#[cfg(feature = "csv")]
mod input;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod limits;
#[cfg(feature = "parquet")]
mod parquet;

#[cfg(feature = "csv")]
pub use csv::{CsvBatches, CsvReader, OuterSpaces};
#[cfg(feature = "csv")]
pub use encoding::Encoding;
#[cfg(any(feature = "csv", feature = "parquet"))]
pub use limits::Limits;
#[cfg(feature = "parquet")]
pub use parquet::{ParquetBatches, ParquetReader, write_parquet};

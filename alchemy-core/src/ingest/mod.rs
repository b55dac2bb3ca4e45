//! Files in, record batches out: CSV and Parquet.

#[cfg(feature = "csv")]
mod csv;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod failure;
#[cfg(feature = "parquet")]
mod parquet;

#[cfg(feature = "csv")]
pub use csv::{CsvBatches, CsvReader, OuterSpaces};
#[cfg(feature = "parquet")]
pub use parquet::{ParquetBatches, ParquetReader, write_parquet};

//! Files in, record batches out: CSV and Parquet.

#[cfg(feature = "csv")]
mod csv;
mod failure;

#[cfg(feature = "csv")]
pub use csv::{CsvBatches, CsvReader, OuterSpaces};

//! Files in, record batches out, and back: CSV, JSON lines, Arrow IPC and Parquet.

#[cfg(any(feature = "csv", feature = "json"))]
mod compression;
#[cfg(feature = "csv")]
mod csv;
#[cfg(any(feature = "csv", feature = "json"))]
mod encoding;
#[cfg(any(
    feature = "csv",
    feature = "ipc",
    feature = "json",
    feature = "parquet"
))]
mod failure;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod files;
mod flatten;
#[cfg(any(feature = "csv", feature = "json"))]
mod input;
#[cfg(feature = "ipc")]
mod ipc;
#[cfg(feature = "json")]
mod json;
#[cfg(any(
    feature = "csv",
    feature = "ipc",
    feature = "json",
    feature = "parquet"
))]
mod limits;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(any(
    feature = "csv",
    feature = "ipc",
    feature = "json",
    feature = "parquet"
))]
mod replace;

#[cfg(feature = "csv")]
pub use csv::{CsvBatches, CsvReader, CsvWriter, OuterSpaces, RaggedRows, write_csv};
#[cfg(any(feature = "csv", feature = "json"))]
pub use encoding::Encoding;
pub use flatten::flatten;
#[cfg(feature = "ipc")]
pub use ipc::{IpcBatches, IpcReader, write_ipc};
#[cfg(feature = "json")]
pub use json::{BadLines, JsonBatches, JsonReader, write_json};
#[cfg(any(
    feature = "csv",
    feature = "ipc",
    feature = "json",
    feature = "parquet"
))]
pub use limits::Limits;
#[cfg(feature = "parquet")]
pub use parquet::{
    ParquetBatches, ParquetCompression, ParquetReader, ParquetWriter, RangeValue, write_parquet,
};

//! Apache Parquet.
//!
//! A file is opened through a guard (`guard`, `thrift`, `delta`): the sizes it claims are held against its length before the
//! decoder proper, that of the `parquet` crate, reserves memory for them. Files of one schema are one table (`table`),
//! columns of their paths included (`partition`); a range on a column leaves out row groups and rows (`range`).

mod delta;
mod guard;
#[cfg(test)]
mod hostile_tests;
mod partition;
mod range;
mod reader;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod thrift;
mod writer;

pub use range::RangeValue;
pub use reader::{ParquetBatches, ParquetReader};
pub use writer::{ParquetCompression, ParquetWriter, write_parquet};

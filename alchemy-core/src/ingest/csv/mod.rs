//! Comma-separated values.
//!
//! Input is cut into blocks of whole records (`blocks`), blocks are split into cells (`cells`), regular ones in one pass
//! (`regular`) and all others by `arrow-csv`, in parallel, a few at a time, in file order (`source`), and a column of cells becomes
//! a typed array (`convert`, `dates`), its type declared or inferred (`plan`, `infer`). Records with too few or too many
//! fields take a way of their own (`ragged`), so regular text pays nothing for them.

mod batches;
mod blocks;
mod cells;
mod convert;
mod dates;
mod infer;
mod plan;
mod ragged;
mod read;
mod reader;
mod records;
mod regular;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use batches::CsvBatches;
pub use ragged::RaggedRows;
pub use reader::{CsvReader, OuterSpaces};
pub use write::{CsvWriter, write_csv};

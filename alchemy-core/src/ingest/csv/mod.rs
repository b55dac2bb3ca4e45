//! Comma-separated values.
//!
//! Input is cut into blocks of whole records (`blocks`), each block is split into cells by `arrow-csv`
//! (`cells`), and a column of cells becomes a typed array (`convert`), its type declared or inferred
//! (`infer`). Blocks are decoded in parallel, a few at a time, in file order.

mod batches;
mod blocks;
mod cells;
mod convert;
mod header;
mod infer;
mod reader;
mod records;
#[cfg(test)]
mod tests;

pub use batches::CsvBatches;
pub use reader::{CsvReader, OuterSpaces};

//! Comma-separated values.
//!
//! Input is cut into blocks of whole records (`blocks`), blocks are split into cells by `arrow-csv`
//! (`cells`), in parallel, a few at a time, in file order (`source`), and a column of cells becomes
//! a typed array (`convert`), its type declared or inferred (`plan`, `infer`).

mod batches;
mod blocks;
mod cells;
mod convert;
mod infer;
mod plan;
mod reader;
mod records;
mod source;
#[cfg(test)]
mod tests;

pub use batches::CsvBatches;
pub use reader::{CsvReader, OuterSpaces};

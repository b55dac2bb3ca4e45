//! JSON lines.
//!
//! Input is cut at line feeds into blocks (`lines`). Every line is checked against the grammar, and what its cells are is
//! gathered (`scan`, `shape`); that decides, with what was declared, the columns (`plan`, `kinds`), which every cell must fit
//! (`misfit`). Blocks are decoded by `arrow-json` (`decode`), in parallel, a few at a time, in file order (`source`). The
//! decoder takes more than JSON, and rounds or converts without a word; nothing reaches it that it would not keep.

mod batches;
mod cursor;
mod decode;
mod kinds;
mod lines;
mod misfit;
mod numbers;
mod plan;
mod reader;
mod rewrite;
mod scan;
mod shape;
mod source;
#[cfg(test)]
mod tests;
mod writer;

pub use batches::JsonBatches;
pub use reader::{BadLines, JsonReader};
pub use writer::write_json;

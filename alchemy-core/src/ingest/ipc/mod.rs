//! Arrow IPC: the file format ("Feather 2") and the stream format.
//!
//! The framing is read here, and its claims are checked against what there is before memory is set aside; messages are
//! decoded by `arrow-ipc`, which checks the arrays.

mod batches;
mod frames;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use batches::IpcBatches;
pub use reader::IpcReader;
pub use writer::write_ipc;

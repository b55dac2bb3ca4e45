//! What the steps promise, seen from outside.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test fails by panicking, says why it was skipped, and knows its small numbers"
)]

mod conformance;
mod golden;
mod pipeline;
mod properties;

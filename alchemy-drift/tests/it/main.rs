//! Integration tests of the crate.

mod golden;
mod nycflights;
mod properties;
mod report;

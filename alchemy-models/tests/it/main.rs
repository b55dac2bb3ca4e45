//! Integration tests of the crate.

mod metrics;

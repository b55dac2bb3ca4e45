//! What does each cleaning step cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

mod impute;
mod rows;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, impute::median, rows::duplicates, rows::missing);
criterion_main!(benches);

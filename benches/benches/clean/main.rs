//! What does each cleaning step cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

mod coerce;
mod impute;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, coerce::coerce, impute::median);
criterion_main!(benches);

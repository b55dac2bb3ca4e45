//! What does each cleaning step cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

mod impute;
mod rules;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, impute::median, rules::rules);
criterion_main!(benches);

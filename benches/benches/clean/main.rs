//! What does each cleaning step cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

mod coerce;
mod fills;
mod impute;
mod neighbors;
mod outliers;
mod rows;
mod rules;
mod text;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    coerce::coerce,
    text::steps,
    impute::median,
    impute::groups,
    impute::mode,
    fills::fills,
    neighbors::knn,
    neighbors::iterative,
    outliers::fences,
    rows::duplicates,
    rows::missing,
    rules::rules
);
criterion_main!(benches);

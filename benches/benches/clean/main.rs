//! What does each cleaning step cost?

#![expect(clippy::unwrap_used, reason = "a bench that fails has to stop")]

mod fills;
mod coerce;
mod impute;
mod text;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, impute::median, text::steps);
mod outliers;


criterion_group!(
    benches,
    impute::median,
    impute::groups,
    impute::mode,
    outliers::fences
);
criterion_group!(benches, fills::fills, impute::median);
mod rows;


criterion_group!(benches, impute::median, rows::duplicates, rows::missing);
criterion_group!(benches, coerce::coerce, impute::median);
mod neighbors;


criterion_group!(
    benches,
    impute::median,
    neighbors::knn,
    neighbors::iterative
);
criterion_main!(benches);

//! What a table holds: counts, distributions, and what looks wrong.

mod column;
mod counted;
mod date_counts;
mod dates;
mod describe;
mod diff;
mod distribution;
mod figure;
mod finding;
mod keys;
mod markdown;
mod modes;
mod numbers;
mod profiler;
mod row_hash;
mod row_numbers;
mod sample;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod text;

pub use column::{ColumnProfile, Summary, ValueCount};
pub use diff::{Change, ColumnDiff, ProfileDiff, QuantileShift};
pub use finding::{Finding, FindingKind, Severity};
pub use numbers::{NumericSummary, QuantileValue};
pub use profiler::{Profile, ProfileAccumulator, Profiler};
pub use sample::{Sampler, head};
pub use text::{DateFormat, TextSummary};

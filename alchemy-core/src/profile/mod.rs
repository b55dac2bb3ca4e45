//! What a table holds: counts, distributions, and what looks wrong.

mod association;
mod column;
mod correlations;
mod counted;
mod date_counts;
mod dates;
mod describe;
mod detect;
mod diff;
mod distribution;
pub(crate) mod figure;
mod finding;
mod keys;
mod levels;
mod markdown;
mod modes;
mod numbers;
mod plot_data;
mod profiler;
pub(crate) mod row_hash;
mod row_numbers;
mod sample;
#[cfg(test)]
mod sketch_tests;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod text;
mod to_contract;

pub use association::{Association, Measure, TargetAssociations, target_association};
pub use column::{ColumnProfile, Summary, ValueCount};
pub use correlations::{Correlations, correlations};
pub use diff::{Change, ColumnDiff, ProfileDiff, QuantileShift};
pub use finding::{Finding, FindingKind, Severity};
pub use numbers::{NumericSummary, QuantileValue};
pub use plot_data::{density_table, five_numbers_by, histogram_table};
pub use profiler::{Profile, ProfileAccumulator, Profiler};
pub use sample::{Sampler, head};
pub use text::{DateFormat, TextSummary};

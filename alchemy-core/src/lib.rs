#![doc = include_str!("../README.md")]

pub mod column;
#[cfg(feature = "conformance")]
pub mod conformance;
mod context;
mod contract;
mod erased;
mod error;
mod expr;
mod ingest;
mod keyed;
mod ledger;
mod memories;
mod number_text;
pub mod parallel;
mod parts;
mod pipeline;
mod profile;
pub mod random;
mod registry;
mod role;
#[cfg(feature = "rows")]
mod rows;
mod select;
mod sort;
pub mod stats;
mod traits;

pub use arrow;
pub use context::{Context, Progress};
pub use contract::{
    Admitted, CheckOutcome, ColumnContract, Comparison, Contract, ContractAccumulator,
    ContractReport, Expectation, Interval, Pattern, Rejection, Rule, Scalar, TableExpectation,
};
pub use erased::{DynAccumulate, DynFitMerge, DynStep};
pub use error::{Error, Result, shorten};
pub use expr::{Expr, Operator, col, lit};
#[cfg(any(feature = "csv", feature = "json"))]
pub use ingest::Encoding;
#[cfg(any(
    feature = "csv",
    feature = "ipc",
    feature = "json",
    feature = "parquet"
))]
pub use ingest::Limits;
pub use ingest::flatten;
#[cfg(feature = "json")]
pub use ingest::{BadLines, JsonBatches, JsonReader, write_json};
#[cfg(feature = "csv")]
pub use ingest::{CsvBatches, CsvReader, CsvWriter, OuterSpaces, RaggedRows, write_csv};
#[cfg(feature = "ipc")]
pub use ingest::{IpcBatches, IpcReader, write_ipc};
#[cfg(feature = "parquet")]
pub use ingest::{
    ParquetBatches, ParquetCompression, ParquetReader, ParquetWriter, RangeValue, write_parquet,
};
pub use keyed::{Keyed, KeyedColumns, Live};
pub use ledger::{Action, Entry, Ledger, Limit, StepCounts};
pub use memories::{Memories, Recalled};
pub use number_text::{parse_number, parse_scaled};
pub use parts::{Test, Train, Valid};
pub use pipeline::{FittedPipeline, Pipeline, Session, TrainingBatches};
pub use profile::{
    Association, Change, ColumnDiff, ColumnProfile, Correlations, DateFormat, Finding, FindingKind,
    Measure, NumericSummary, Profile, ProfileAccumulator, ProfileDiff, Profiler, QuantileShift,
    QuantileValue, Sampler, Severity, Summary, TargetAssociations, TextSummary, ValueCount,
    correlations, density_table, five_numbers_by, head, histogram_table, target_association,
};
pub use registry::{Registry, Steps};
pub use role::Role;
#[cfg(feature = "rows")]
pub use rows::{from_batch, to_batch, to_batch_with_schema};
pub use select::ColumnSelector;
pub use sort::{is_sorted_by, sort_by_time};
pub use traits::{
    Accumulate, Classify, Fit, FitMerge, Learning, Model, Predict, Reach, RowPass, SelectRows,
    Step, Transform,
};

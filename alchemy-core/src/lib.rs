//! Work in progress.

pub mod column;
mod context;
mod erased;
mod error;
mod keyed;
mod ledger;
mod parts;
pub mod random;
mod role;
mod select;
mod traits;

pub use arrow;
pub use context::{Context, Progress};
pub use erased::{DynAccumulate, DynFitMerge, DynStep};
pub use error::{Error, Result, shorten};
pub use keyed::{Keyed, KeyedColumns, Live};
pub use ledger::{Action, Entry, Ledger, Limit};
pub use parts::{Test, Train, Valid};
pub use role::Role;
pub use select::ColumnSelector;
pub use traits::{
    Accumulate, Classify, Fit, FitMerge, Learning, Model, Predict, Reach, RowPass, SelectRows,
    Step, Transform,
};

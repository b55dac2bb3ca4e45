//! Rules that rows must meet, rows left out by a condition, and columns calculated from others.
//!
//! All of them speak [`Expr`](alchemy_core::Expr), the language in which a contract states what must hold, so that what is
//! checked and what is repaired cannot drift apart.

mod cells;
mod deductive_imputer;
mod derived_column;
mod row_filter;
mod row_rule;
#[cfg(test)]
mod tests;

pub use deductive_imputer::DeductiveImputer;
pub use derived_column::DerivedColumn;
pub use row_filter::RowFilter;
pub use row_rule::{OnViolation, RowRule};

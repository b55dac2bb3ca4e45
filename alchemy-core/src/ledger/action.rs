//! What a step can do to data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a step did to a cell, a row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// A cell was read as another type.
    Coerced,
    /// A cell that could not be used became null.
    Nulled,
    /// A missing cell got a value.
    Filled,
    /// A cell outside the fences was moved to the fence.
    Capped,
    /// A cell was rewritten in a standard form.
    Standardised,
    /// A cell has a value that was not seen in training or is not in a map.
    Unmatched,
    /// A cell was pointed out by a flag beside it.
    Flagged,
    /// A row was left out of training.
    RowDropped,
    /// A row was refused at scoring.
    RowRejected,
    /// A column was left out.
    ColumnDropped,
}

impl Action {
    /// Whether it is done to cells, not to rows or columns.
    pub(super) fn is_of_cells(self) -> bool {
        !matches!(
            self,
            Self::RowDropped | Self::RowRejected | Self::ColumnDropped
        )
    }

    fn name(self) -> &'static str {
        match self {
            Self::Coerced => "coerced",
            Self::Nulled => "nulled",
            Self::Filled => "filled",
            Self::Capped => "capped",
            Self::Standardised => "standardised",
            Self::Unmatched => "unmatched",
            Self::Flagged => "flagged",
            Self::RowDropped => "rows dropped",
            Self::RowRejected => "rows rejected",
            Self::ColumnDropped => "column dropped",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

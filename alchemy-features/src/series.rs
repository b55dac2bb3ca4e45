//! Which rows follow one another.

use alchemy_core::KeyedColumns;
use serde::{Deserialize, Serialize};

/// A numeric column, read in row order within each key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) column: String,
    pub(crate) keys: Vec<String>,
    pub(crate) time: Option<String>,
}

impl Series {
    pub(crate) fn of(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            keys: Vec::new(),
            time: None,
        }
    }

    pub(crate) fn with_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn with_time(mut self, time: impl Into<String>) -> Self {
        self.time = Some(time.into());
        self
    }

    pub(crate) fn columns(&self) -> KeyedColumns<'_> {
        KeyedColumns {
            input: &self.column,
            keys: &self.keys,
            time: self.time.as_deref(),
        }
    }
}

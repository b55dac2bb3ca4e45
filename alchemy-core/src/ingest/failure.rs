//! What went wrong while reading, with its file.

use std::path::Path;

use arrow::error::ArrowError;

use crate::Error;

/// Where input comes from, for messages: a path, or nothing for bytes in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin(Option<String>);

impl Origin {
    pub(crate) fn file(path: &Path) -> Self {
        Self(Some(path.display().to_string()))
    }

    /// An [`Error::Read`] about the input as a whole.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.clone(),
            line: None,
            column: None,
            message: message.into(),
        }
    }

    /// An [`Error::Read`] at a one-based line.
    #[cfg(feature = "csv")]
    pub(crate) fn at(&self, line: u64, column: Option<&str>, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.clone(),
            line: Some(line),
            column: column.map(str::to_owned),
            message: message.into(),
        }
    }

    /// An [`Error::Io`], or an [`Error::Read`] when there is no file to name.
    pub(crate) fn io(&self, source: std::io::Error) -> Error {
        match &self.0 {
            Some(path) => Error::Io {
                path: path.clone(),
                source,
            },
            None => self.error(source.to_string()),
        }
    }
}

/// Carries an [`Error`] through the `ArrowError` that a `RecordBatchReader` must return.
pub(crate) fn into_arrow(error: Error) -> ArrowError {
    match error {
        Error::Arrow(error) => error,
        error => ArrowError::ExternalError(Box::new(error)),
    }
}

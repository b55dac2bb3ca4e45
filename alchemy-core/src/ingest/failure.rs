//! What went wrong while reading, with its file.

use std::io;
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
    #[cfg(any(feature = "csv", feature = "json"))]
    pub(crate) fn at(&self, line: u64, column: Option<&str>, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.clone(),
            line: Some(line),
            column: column.map(str::to_owned),
            message: message.into(),
        }
    }

    /// An [`Error::Io`], or an [`Error::Read`] when there is no file to name or the fault is in what stands in it.
    pub(crate) fn io(&self, source: io::Error) -> Error {
        #[cfg(any(feature = "csv", feature = "json"))]
        if let Some(malformed) = source
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Malformed>())
        {
            return Error::Read {
                path: self.0.clone(),
                line: malformed.line,
                column: None,
                message: malformed.message.clone(),
            };
        }
        match &self.0 {
            Some(path) => Error::Io {
                path: path.clone(),
                source,
            },
            None => self.error(source.to_string()),
        }
    }
}

/// Runs a decoder of another crate; its panic on bytes that it did not foresee becomes an error.
#[cfg(any(feature = "json", feature = "ipc"))]
pub(crate) fn contained<T>(
    decode: impl FnOnce() -> Result<T, ArrowError>,
) -> Result<T, ArrowError> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode));
    outcome.unwrap_or_else(|_| {
        Err(ArrowError::ParseError(
            "the decoder failed on it".to_owned(),
        ))
    })
}

/// Carries an [`Error`] through the `ArrowError` that a `RecordBatchReader` must return.
pub(crate) fn into_arrow(error: Error) -> ArrowError {
    match error {
        Error::Arrow(error) => error,
        error => ArrowError::ExternalError(Box::new(error)),
    }
}

/// What is wrong with input that a `Read` works on, carried through its `io::Error` to [`Origin::io`].
#[cfg(any(feature = "csv", feature = "json"))]
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Malformed {
    line: Option<u64>,
    message: String,
}

#[cfg(any(feature = "csv", feature = "json"))]
impl Malformed {
    pub(crate) fn error(message: String) -> io::Error {
        let line = None;
        io::Error::new(io::ErrorKind::InvalidData, Self { line, message })
    }

    pub(crate) fn at(line: u64, message: String) -> io::Error {
        let line = Some(line);
        io::Error::new(io::ErrorKind::InvalidData, Self { line, message })
    }
}

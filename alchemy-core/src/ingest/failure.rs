//! What went wrong while reading, with its file.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow::error::ArrowError;

use crate::{Error, Result, shorten};

/// Where input comes from, for messages: a path, or nothing for bytes in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin(Option<Arc<str>>);

impl Origin {
    pub(crate) fn file(path: &Path) -> Self {
        Self(Some(path.display().to_string().into()))
    }

    /// An [`Error::Read`] about the input as a whole.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.as_deref().map(str::to_owned),
            line: None,
            column: None,
            message: message.into(),
        }
    }

    /// An [`Error::Read`] about a column.
    #[cfg(any(feature = "csv", feature = "parquet"))]
    pub(crate) fn about(&self, column: &str, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.as_deref().map(str::to_owned),
            line: None,
            column: Some(column.to_owned()),
            message: message.into(),
        }
    }

    /// An [`Error::Read`] at a one-based line.
    #[cfg(any(feature = "csv", feature = "json"))]
    pub(crate) fn at(&self, line: u64, column: Option<&str>, message: impl Into<String>) -> Error {
        Error::Read {
            path: self.0.as_deref().map(str::to_owned),
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
                path: self.0.as_deref().map(str::to_owned),
                line: malformed.line,
                column: None,
                message: malformed.message.clone(),
            };
        }
        match &self.0 {
            Some(path) => Error::Io {
                path: path.as_ref().to_owned(),
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

/// Runs a decoder that is not ours. If it panics, that is an [`Error::Read`]: what it worked on is lost, and its caller
/// goes on.
#[cfg(any(feature = "csv", feature = "parquet"))]
pub(crate) fn contain<T>(origin: &Origin, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(decode).unwrap_or_else(|message| Err(origin.error(message)))
}

/// As [`contain`], where the input is named later.
#[cfg(any(feature = "json", feature = "ipc"))]
pub(crate) fn contained<T>(
    decode: impl FnOnce() -> Result<T, ArrowError>,
) -> Result<T, ArrowError> {
    caught(decode).unwrap_or_else(|message| Err(ArrowError::ParseError(message)))
}

fn caught<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let text = shorten(&text.unwrap_or_default());
        format!("is damaged: its decoder gave up ({text})")
    })
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

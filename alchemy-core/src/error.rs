//! The one error type of the family.

use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// Result of every fallible operation in the Alchemy crates.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with what a caller needs to react.
///
/// Library code returns these for bad data and bad parameters; it never panics on data. Each message
/// names the column, row or parameter at fault and quotes at most one cell, shortened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A named column is not in the schema.
    #[error("no column {column:?}{}", suggest(suggestion))]
    ColumnNotFound {
        /// The name asked for.
        column: String,
        /// The nearest name that exists, when one is near.
        suggestion: Option<String>,
    },
    /// A column name occurs twice, so a column cannot be chosen by name.
    #[error("column name {column:?} occurs more than once")]
    DuplicateColumn {
        /// The repeated name.
        column: String,
    },
    /// A column has a type that the operation gives no meaning to.
    #[error("column {column:?} is {found}, expected {expected}")]
    ColumnType {
        /// The column at fault.
        column: String,
        /// Its type.
        found: DataType,
        /// What would be accepted, in words.
        expected: String,
    },
    /// A column holds nothing to learn from: no row, or only missing values.
    #[error("column {column:?} has no value to learn from")]
    AllNull {
        /// The column at fault.
        column: String,
    },
    /// One cell cannot be used.
    #[error("column {column:?}, row {row}: {value:?} is not {expected}")]
    InvalidValue {
        /// The column at fault.
        column: String,
        /// The zero-based row.
        row: u64,
        /// The cell as text, shortened to at most 40 characters.
        value: String,
        /// What would be accepted, in words.
        expected: String,
    },
    /// Rows are not in the order that a step across rows needs.
    #[error("column {column:?}, row {row}: {message}")]
    RowOrder {
        /// The time column.
        column: String,
        /// The zero-based row.
        row: u64,
        /// What the order should be.
        message: String,
    },
    /// A parameter is outside its domain, or two contradict each other.
    #[error("parameter `{parameter}`: {message}")]
    InvalidParameter {
        /// The parameter, as its setter is called.
        parameter: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The target column cannot be learned from.
    #[error("target {column:?}: {message}")]
    InvalidTarget {
        /// The target column.
        column: String,
        /// Why, such as "has one class only".
        message: String,
    },
    /// There is no row, or no column, where at least one is needed.
    #[error("{what} is empty")]
    Empty {
        /// What is empty, such as "the training data".
        what: String,
    },
    /// A row count changed where rows must be kept.
    #[error("step {step} was given {before} rows and returned {after}")]
    RowsChanged {
        /// The step at fault.
        step: String,
        /// Rows in.
        before: usize,
        /// Rows out.
        after: usize,
    },
    /// A step needs the whole table in one batch and cannot learn from a stream.
    #[error("step {step} needs all rows at once and cannot learn from a stream")]
    NotMergeable {
        /// The step at fault.
        step: String,
    },
    /// Stages that cannot follow one another.
    #[error("step {step}: {message}")]
    InvalidPipeline {
        /// The step at fault.
        step: String,
        /// Why it cannot stand there.
        message: String,
    },
    /// A stored step or model is not in the registry it was loaded with.
    #[error(
        "{step} version {version} was written by crate {crate_name}; it is not registered here. Registered: {}",
        registered.join(", ")
    )]
    UnknownStep {
        /// Stored name.
        step: String,
        /// Stored version.
        version: u32,
        /// Crate that wrote it.
        crate_name: String,
        /// Names that the registry knows.
        registered: Vec<String>,
    },
    /// A stored step or model is of a version that this build cannot read.
    #[error("{step} version {found} cannot be read; this build reads up to version {supported}")]
    StepVersion {
        /// Stored name.
        step: String,
        /// Stored version.
        found: u32,
        /// The newest version this build knows.
        supported: u32,
    },
    /// Stored bytes are damaged or not of the expected kind.
    #[error("{what}: {message}")]
    Corrupt {
        /// What was being read, such as "artifact".
        what: String,
        /// What is wrong with it.
        message: String,
    },
    /// A count in the ledger passed the limit set for it.
    #[error("column {column:?}: {count} of {of} cells {action}, more than the limit of {limit}")]
    LimitExceeded {
        /// The column at fault.
        column: String,
        /// What was done to its cells.
        action: String,
        /// How many cells.
        count: u64,
        /// Out of how many.
        of: u64,
        /// The share that was allowed.
        limit: f64,
    },
    /// A table does not meet its contract.
    #[error("{}: {message}{}", place_of(column.as_deref(), expectation), others_in_words(*others))]
    ContractNotMet {
        /// The column at fault, or `None` for the table.
        column: Option<String>,
        /// What it should be.
        expectation: String,
        /// What it is.
        message: String,
        /// How many more expectations are not met.
        others: usize,
    },
    /// Input that cannot be read as the format it should have.
    #[error("{}{message}", place(path.as_deref(), *line, column.as_deref()))]
    Read {
        /// The file, when there is one.
        path: Option<String>,
        /// One-based line, when known.
        line: Option<u64>,
        /// The column, when known.
        column: Option<String>,
        /// What is wrong.
        message: String,
    },
    /// A file could not be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Arrow refused an operation.
    #[error(transparent)]
    Arrow(ArrowError),
    /// JSON could not be written or read.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// A [`Error::ColumnNotFound`] that suggests the nearest of `names`.
    #[must_use]
    pub fn column_not_found<'a>(column: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let suggestion = names
            .into_iter()
            .map(|name| {
                (
                    edit_distance(&column.to_lowercase(), &name.to_lowercase()),
                    name,
                )
            })
            .filter(|(distance, _)| *distance <= column.chars().count().div_ceil(3))
            .min()
            .map(|(_, name)| name.to_owned());
        Self::ColumnNotFound {
            column: column.to_owned(),
            suggestion,
        }
    }

    /// A [`Error::InvalidParameter`] from anything that prints.
    #[must_use]
    pub fn parameter(parameter: &'static str, message: impl Into<String>) -> Self {
        Self::InvalidParameter {
            parameter,
            message: message.into(),
        }
    }

    /// A [`Error::InvalidValue`] whose `value` is shortened to 40 characters.
    #[must_use]
    pub fn value(column: &str, row: u64, value: &str, expected: impl Into<String>) -> Self {
        Self::InvalidValue {
            column: column.to_owned(),
            row,
            value: shorten(value),
            expected: expected.into(),
        }
    }

    /// This error without any cell that it quotes, and with what tells where the cell is.
    ///
    /// A text that comes from a library, and may quote a cell, is left out as a whole.
    ///
    /// # Examples
    ///
    /// ```
    /// use alchemy_core::Error;
    ///
    /// let error = Error::value("iban", 7, "DE02 1203 0000", "a number").masked();
    /// assert_eq!(error.to_string(), "column \"iban\", row 7: \"***\" is not a number");
    /// ```
    #[must_use]
    pub fn masked(self) -> Self {
        match self {
            Self::InvalidValue {
                column,
                row,
                expected,
                ..
            } => Self::InvalidValue {
                column,
                row,
                value: MASK.into(),
                expected,
            },
            Self::Read {
                path, line, column, ..
            } => Self::Read {
                path,
                line,
                column,
                message: MASKED.into(),
            },
            Self::InvalidTarget { column, .. } => Self::InvalidTarget {
                column,
                message: MASKED.into(),
            },
            Self::Corrupt { what, .. } => Self::Corrupt {
                what,
                message: MASKED.into(),
            },
            Self::Arrow(_) => Self::Arrow(ArrowError::ComputeError(MASKED.into())),
            Self::Json(_) => Self::Corrupt {
                what: "JSON".into(),
                message: MASKED.into(),
            },
            other => other,
        }
    }
}

/// What stands for a cell that must not be shown.
pub(crate) const MASK: &str = "***";
/// What stands for a message that may quote one.
const MASKED: &str = "cannot be used (the reason is masked, as it may quote a cell)";

/// An error of ours that travelled through one of Arrow's readers comes out as it went in.
impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::ExternalError(source) => match source.downcast::<Self>() {
                Ok(ours) => *ours,
                Err(source) => Self::Arrow(ArrowError::ExternalError(source)),
            },
            other => Self::Arrow(other),
        }
    }
}

/// At most 40 characters of `text`, with an ellipsis where it was cut.
#[must_use]
pub fn shorten(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn suggest(suggestion: &Option<String>) -> String {
    suggestion
        .as_ref()
        .map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

fn place_of(column: Option<&str>, expectation: &str) -> String {
    column.map_or_else(
        || format!("not {expectation}"),
        |column| format!("column {column:?} is not {expectation}"),
    )
}

fn others_in_words(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => "; 1 more expectation is not met".to_owned(),
        many => format!("; {many} more expectations are not met"),
    }
}

fn place(path: Option<&str>, line: Option<u64>, column: Option<&str>) -> String {
    let mut text = String::new();
    for part in [
        path.map(str::to_owned),
        line.map(|line| format!("line {line}")),
        column.map(|column| format!("column {column:?}")),
    ]
    .into_iter()
    .flatten()
    {
        text.push_str(&part);
        text.push_str(": ");
    }
    text
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_suggests_the_nearest_name() {
        let error = Error::column_not_found("Chrun", ["Churn", "tenure"]);
        assert_eq!(
            error.to_string(),
            "no column \"Chrun\"; did you mean \"Churn\"?"
        );
        let error = Error::column_not_found("zzz", ["Churn", "tenure"]);
        assert_eq!(error.to_string(), "no column \"zzz\"");
    }

    #[test]
    fn a_read_error_names_file_line_and_column() {
        let error = Error::Read {
            path: Some("a.csv".into()),
            line: Some(3),
            column: Some("x".into()),
            message: "bad".into(),
        };
        assert_eq!(error.to_string(), "a.csv: line 3: column \"x\": bad");
    }

    #[test]
    fn an_error_comes_through_a_reader_unchanged() {
        let through = Error::from(ArrowError::ExternalError(Box::new(Error::Cancelled)));
        assert!(matches!(through, Error::Cancelled));
        let foreign = Error::from(ArrowError::ExternalError("other".into()));
        assert!(matches!(
            foreign,
            Error::Arrow(ArrowError::ExternalError(_))
        ));
    }

    #[test]
    fn a_quoted_cell_is_shortened() {
        let error = Error::value("x", 1, &"ü".repeat(99), "a number");
        assert!(error.to_string().len() < 140);
    }
}

//! What looks wrong, or worth knowing, in a profile.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::table::figure;
use super::text::DateFormat;
use crate::shorten;

/// How much a [`Finding`], or a missed expectation of a [`Contract`](crate::Contract), matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing before modelling.
    Info,
    /// Most likely to be repaired.
    Warning,
    /// Not to be used as it is.
    Error,
}

/// Something that looks wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The column, or `None` for the whole table.
    pub column: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub kind: FindingKind,
}

/// What a [`Finding`] is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Rows that equal an earlier row in every column.
    DuplicateRows {
        /// How many.
        rows: u64,
    },
    /// A column without a value.
    AllNull,
    /// A column whose values are all missing but for less than half.
    MostlyNull {
        /// Missing values.
        nulls: u64,
    },
    /// A column with a single value.
    Constant {
        /// The value, as text.
        value: String,
    },
    /// A text or integer column with another value in every row: an identifier, of no use to a
    /// model.
    UniqueKey,
    /// A text column with more than 50 values, more than half of its cells different.
    HighCardinality {
        /// Different values.
        distinct: u64,
    },
    /// A text column that holds numbers in at least four fifths of its cells that are not blank.
    NumberAsText {
        /// Cells that are numbers.
        numbers: u64,
        /// Cells that are empty or white space alone.
        blank: u64,
        /// Other cells.
        other: u64,
    },
    /// A text column that holds dates, all in one format, in at least four fifths of its cells that
    /// are not blank.
    DateAsText {
        /// The format as `strftime` writes it.
        format: String,
        /// Cells that are dates.
        dates: u64,
        /// Cells that are empty or white space alone.
        blank: u64,
        /// Other cells.
        other: u64,
    },
    /// A text column that holds dates in several formats.
    MixedDateFormats {
        /// The formats, by falling count.
        formats: Vec<DateFormat>,
        /// Cells that are empty or white space alone.
        blank: u64,
        /// Other cells.
        other: u64,
    },
    /// Dates in which day and month could change places, with no other cell to say which is which, or
    /// with cells that say both.
    AmbiguousDates {
        /// How many.
        cells: u64,
    },
    /// Text cells that are empty or white space alone: missing values that are not null.
    BlankText {
        /// How many.
        cells: u64,
    },
    /// Text cells with white space at an end.
    OuterSpaces {
        /// How many.
        cells: u64,
    },
    /// Texts that differ from another only in case or outer white space.
    CaseVariants {
        /// How many.
        values: u64,
    },
    /// Infinite numbers.
    Infinite {
        /// How many.
        cells: u64,
    },
    /// Negative numbers where nine tenths and more are not.
    FewNegatives {
        /// How many.
        cells: u64,
    },
    /// More than one value in a hundred lies over 1.5 interquartile ranges beyond the quartiles,
    /// among ten different values or more.
    Outliers {
        /// How many.
        cells: u64,
    },
    /// A feature that alone predicts the target almost perfectly, and may not be known when it has to.
    LikelyLeakage {
        /// The target.
        target: String,
        /// The share of the target that it explains: the square of the
        /// [`Measure`](super::Measure).
        explained: f64,
        /// The area under the curve, of a number that tells two classes apart.
        auc: Option<f64>,
    },
    /// A distribution of several peaks, which may be that of several groups.
    Multimodal {
        /// Where the peaks are, see [`NumericSummary::modes`](super::NumericSummary::modes).
        modes: Vec<f64>,
    },
    /// A skewness beyond ±2, among ten different values or more.
    Skewed {
        /// The skewness.
        skewness: f64,
    },
}

impl FindingKind {
    fn severity(&self) -> Severity {
        match self {
            Self::UniqueKey
            | Self::HighCardinality { .. }
            | Self::FewNegatives { .. }
            | Self::Outliers { .. }
            | Self::Multimodal { .. }
            | Self::Skewed { .. } => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// The finding about a column, or about the table.
    pub(super) fn about(self, column: Option<&str>) -> Finding {
        Finding {
            column: column.map(str::to_owned),
            severity: self.severity(),
            kind: self,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        self.kind.fmt(f)
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateRows { rows } => write!(f, "{rows} rows equal an earlier row"),
            Self::AllNull => f.write_str("has no value"),
            Self::MostlyNull { nulls } => write!(f, "{nulls} values are missing"),
            Self::Constant { value } => write!(f, "holds nothing but {:?}", shorten(value)),
            Self::UniqueKey => f.write_str("differs in every row, as an identifier does"),
            Self::HighCardinality { distinct } => {
                write!(f, "has {distinct} different texts")
            }
            Self::NumberAsText {
                numbers,
                blank,
                other,
            } => {
                write!(
                    f,
                    "is text, but {numbers} cells are numbers, {blank} blank, {other} neither"
                )
            }
            Self::DateAsText {
                format,
                dates,
                blank,
                other,
            } => write!(
                f,
                "is text, but {dates} cells are dates ({format}), {blank} blank, {other} neither"
            ),
            Self::MixedDateFormats {
                formats,
                blank,
                other,
            } => {
                let counts = formats
                    .iter()
                    .map(|DateFormat { format, cells }| format!("{cells} as {format}"));
                let counts = listed(counts);
                write!(
                    f,
                    "is text that holds dates in several formats: {counts}, {blank} blank, {other} neither"
                )
            }
            Self::AmbiguousDates { cells } => {
                write!(f, "{cells} dates may begin with the day or with the month")
            }
            Self::BlankText { cells } => write!(f, "{cells} cells are blank, not null"),
            Self::OuterSpaces { cells } => {
                write!(f, "{cells} cells have white space at an end")
            }
            Self::CaseVariants { values } => {
                write!(
                    f,
                    "{values} texts differ from another only in case or outer white space"
                )
            }
            Self::Infinite { cells } => write!(f, "{cells} values are infinite"),
            Self::FewNegatives { cells } => {
                write!(f, "{cells} values are negative, unlike most")
            }
            Self::Outliers { cells } => write!(f, "{cells} values lie beyond the fences"),
            Self::LikelyLeakage {
                target,
                explained,
                auc,
            } => {
                let explained = 100.0 * explained;
                let auc = auc.map_or_else(String::new, |auc| format!(", AUC {auc:.3}"));
                write!(
                    f,
                    "alone predicts {:?}: explains {explained:.1} %{auc}",
                    shorten(target)
                )
            }
            Self::Multimodal { modes } => {
                let places = listed(modes.iter().map(|mode| figure(*mode)));
                write!(f, "has several peaks, at {places}")
            }
            Self::Skewed { skewness } => write!(f, "is skewed ({skewness:.1})"),
        }
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

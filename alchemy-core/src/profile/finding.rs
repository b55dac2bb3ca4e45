//! What looks wrong, or worth knowing, in a profile.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::column::{ColumnProfile, Summary};
use super::numbers::NumericSummary;
use super::table::figure;
use super::text::{DateFormat, TextSummary};
use crate::shorten;

/// The share of values from which text counts as numbers, or as dates.
const TYPED_SHARE: f64 = 0.8;
/// The share of missing values from which a column counts as mostly null.
const MOSTLY_NULL_SHARE: f64 = 0.5;
/// The number of distinct texts, and their share of all values, from which categories are too many
/// to encode one by one.
const MANY_CATEGORIES: u64 = 50;
const MANY_CATEGORIES_SHARE: f64 = 0.5;
/// The share of values beyond the fences from which outliers are worth a word; a normal
/// distribution has 0.7 %.
const OUTLIER_SHARE: f64 = 0.01;
/// Fewer different values are levels, not a scale with outliers or a tail.
const SCALE_VALUES: u64 = 10;
/// The share of negative values below which they look like exceptions.
const FEW_NEGATIVES_SHARE: f64 = 0.1;
/// The skewness from which a distribution counts as skewed; that of the exponential distribution.
const MUCH_SKEW: f64 = 2.0;

/// How much a [`Finding`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing before modelling.
    Info,
    /// Most likely to be repaired.
    Warning,
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
    /// A distribution of several peaks, which may be that of several groups.
    Multimodal {
        /// Where the peaks are, see [`NumericSummary::modes`].
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
        match &self.kind {
            FindingKind::DuplicateRows { rows } => write!(f, "{rows} rows equal an earlier row"),
            FindingKind::AllNull => f.write_str("has no value"),
            FindingKind::MostlyNull { nulls } => write!(f, "{nulls} values are missing"),
            FindingKind::Constant { value } => write!(f, "holds nothing but {:?}", shorten(value)),
            FindingKind::UniqueKey => f.write_str("differs in every row, as an identifier does"),
            FindingKind::HighCardinality { distinct } => {
                write!(f, "has {distinct} different texts")
            }
            FindingKind::NumberAsText {
                numbers,
                blank,
                other,
            } => {
                write!(
                    f,
                    "is text, but {numbers} cells are numbers, {blank} blank, {other} neither"
                )
            }
            FindingKind::DateAsText {
                format,
                dates,
                blank,
                other,
            } => write!(
                f,
                "is text, but {dates} cells are dates ({format}), {blank} blank, {other} neither"
            ),
            FindingKind::MixedDateFormats {
                formats,
                blank,
                other,
            } => {
                f.write_str("is text that holds dates in several formats:")?;
                for DateFormat { format, cells } in formats {
                    write!(f, " {cells} as {format},")?;
                }
                write!(f, " {blank} blank, {other} neither")
            }
            FindingKind::AmbiguousDates { cells } => {
                write!(f, "{cells} dates may begin with the day or with the month")
            }
            FindingKind::BlankText { cells } => write!(f, "{cells} cells are blank, not null"),
            FindingKind::OuterSpaces { cells } => {
                write!(f, "{cells} cells have white space at an end")
            }
            FindingKind::CaseVariants { values } => {
                write!(
                    f,
                    "{values} texts differ from another only in case or outer white space"
                )
            }
            FindingKind::Infinite { cells } => write!(f, "{cells} values are infinite"),
            FindingKind::FewNegatives { cells } => {
                write!(f, "{cells} values are negative, unlike most")
            }
            FindingKind::Outliers { cells } => write!(f, "{cells} values lie beyond the fences"),
            FindingKind::Multimodal { modes } => {
                f.write_str("has several peaks, at")?;
                for (place, mode) in modes.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    write!(f, "{comma} {}", figure(*mode))?;
                }
                Ok(())
            }
            FindingKind::Skewed { skewness } => write!(f, "is skewed ({skewness:.1})"),
        }
    }
}

/// All that is found in one column.
pub(super) fn in_column(column: &ColumnProfile) -> Vec<Finding> {
    let values = column.values();
    let mut found = Vec::new();
    if values == 0 {
        found.push(FindingKind::AllNull);
    } else if share(column.nulls, column.rows) > MOSTLY_NULL_SHARE {
        found.push(FindingKind::MostlyNull {
            nulls: column.nulls,
        });
    }
    if let (1, [only]) = (column.distinct, column.top.as_slice()) {
        found.push(FindingKind::Constant {
            value: only.value.clone(),
        });
    }
    match &column.summary {
        Summary::Text(text) => found.extend(in_text(text, column)),
        Summary::Numeric(numbers) => found.extend(in_numbers(numbers, column)),
        Summary::Temporal { .. } | Summary::None => {}
    }
    found
        .into_iter()
        .map(|kind| kind.about(Some(&column.name)))
        .collect()
}

fn in_text(text: &TextSummary, column: &ColumnProfile) -> Vec<FindingKind> {
    let (distinct, values) = (column.distinct, column.values());
    let blank = text.blank;
    let present = values - blank;
    let is_typed = |cells| present > 0 && share(cells, present) >= TYPED_SHARE;
    let is_number = text.codes == 0 && is_typed(text.numbers);
    let is_date = is_typed(text.dates());
    let is_many = distinct > MANY_CATEGORIES && share(distinct, values) > MANY_CATEGORIES_SHARE;
    let is_key = column.is_unique() && !is_date;
    let mut found = Vec::new();
    if is_key {
        found.push(FindingKind::UniqueKey);
    }
    if is_number {
        found.push(FindingKind::NumberAsText {
            numbers: text.numbers,
            blank,
            other: present - text.numbers,
        });
    } else if is_date {
        found.extend(in_dates(text, present));
    } else if is_many && !is_key {
        found.push(FindingKind::HighCardinality { distinct });
    }
    if blank > 0 && !is_number && !is_date {
        found.push(FindingKind::BlankText { cells: blank });
    }
    if text.outer_spaces > 0 {
        found.push(FindingKind::OuterSpaces {
            cells: text.outer_spaces,
        });
    }
    if text.variants > 0 {
        found.push(FindingKind::CaseVariants {
            values: text.variants,
        });
    }
    found
}

fn in_dates(text: &TextSummary, present: u64) -> Vec<FindingKind> {
    let blank = text.blank;
    let dates = text.dates();
    let other = present - dates;
    let mut found = vec![match text.date_formats.as_slice() {
        [only] => FindingKind::DateAsText {
            format: only.format.clone(),
            dates,
            blank,
            other,
        },
        formats => FindingKind::MixedDateFormats {
            formats: formats.to_vec(),
            blank,
            other,
        },
    }];
    if text.ambiguous_dates > 0 {
        found.push(FindingKind::AmbiguousDates {
            cells: text.ambiguous_dates,
        });
    }
    found
}

fn in_numbers(numbers: &NumericSummary, column: &ColumnProfile) -> Vec<FindingKind> {
    let values = column.values();
    let mut found = Vec::new();
    if column.is_integer() && column.is_unique() {
        found.push(FindingKind::UniqueKey);
    }
    if numbers.infinities > 0 {
        found.push(FindingKind::Infinite {
            cells: numbers.infinities,
        });
    }
    if numbers.negatives > 0 && share(numbers.negatives, values) < FEW_NEGATIVES_SHARE {
        found.push(FindingKind::FewNegatives {
            cells: numbers.negatives,
        });
    }
    let is_scale = column.distinct >= SCALE_VALUES;
    if is_scale && share(numbers.outside_fences, values) > OUTLIER_SHARE {
        found.push(FindingKind::Outliers {
            cells: numbers.outside_fences,
        });
    }
    if numbers.modes.len() > 1 {
        found.push(FindingKind::Multimodal {
            modes: numbers.modes.clone(),
        });
    }
    if let Some(skewness) = numbers
        .skewness
        .filter(|skewness| is_scale && skewness.abs() > MUCH_SKEW)
    {
        found.push(FindingKind::Skewed { skewness });
    }
    found
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

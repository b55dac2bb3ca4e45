//! Looking for what is wrong, or worth knowing, in a column.

use super::column::{ColumnProfile, Summary};
use super::finding::{Finding, FindingKind};
use super::numbers::NumericSummary;
use super::text::TextSummary;

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

//! A draft from what a profile found.

use alchemy_core::{ColumnProfile, Finding, FindingKind, Profile, Summary, col};

use super::{Cleaner, CleaningStep};
use crate::{
    Case, DerivedColumn, Duplicates, ImputeStrategy, Imputer, NullColumnDropper, NullTokens,
    NumericCoercer, OnOutlier, Outliers, Side, TextStandardiser, TimestampParser,
};

/// What stands between two formats that read a column equally well, where no cell tells them apart.
const EITHER: &str = " or ";

/// When a step comes, in the order in which steps are best applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Read,
    Standardise,
    Drop,
    Flag,
    Fill,
}

type Suggestion = (Stage, CleaningStep, String);

pub(super) fn suggest(profile: &Profile) -> Cleaner {
    let answers = profile.findings.iter().filter_map(|finding| {
        let (stage, step) = answer(finding, profile)?;
        Some((stage, step, finding.kind.to_string()))
    });
    let fills = profile
        .columns
        .iter()
        .filter_map(|column| fill(column, profile));
    let mut suggestions: Vec<Suggestion> = answers.chain(fills).collect();
    suggestions.sort_by_key(|(stage, ..)| *stage);
    suggestions
        .into_iter()
        .fold(Cleaner::new(), |draft, (_, step, because)| {
            draft.then_because(step, because)
        })
}

/// The step that answers a finding.
fn answer(finding: &Finding, profile: &Profile) -> Option<(Stage, CleaningStep)> {
    let Some(column) = finding.column.as_deref() else {
        return match finding.kind {
            FindingKind::DuplicateRows { .. } => {
                Some((Stage::Drop, Duplicates::of_whole_rows().into()))
            }
            _ => None,
        };
    };
    let is = |found: fn(&FindingKind) -> bool| has(profile, column, found);
    Some(match &finding.kind {
        FindingKind::BlankText { .. } => (Stage::Read, NullTokens::new(column, [""]).into()),
        FindingKind::NumberAsText { .. } => (Stage::Read, NumericCoercer::new(column).into()),
        FindingKind::DateAsText { format, .. } => {
            (Stage::Read, timestamps(column, [format.as_str()])?)
        }
        FindingKind::MixedDateFormats { formats, .. } => {
            let formats = formats.iter().map(|format| format.format.as_str());
            (Stage::Read, timestamps(column, formats)?)
        }
        FindingKind::CaseVariants { .. } => {
            let text = TextStandardiser::new(column).with_trim();
            (Stage::Standardise, text.with_case(Case::Lower).into())
        }
        FindingKind::OuterSpaces { .. } if !is(is_read) && !is(is_case) => {
            let text = TextStandardiser::new(column).with_trim();
            (Stage::Standardise, text.into())
        }
        FindingKind::AllNull => {
            let dropper = NullColumnDropper::new().with_columns(column);
            (Stage::Drop, dropper.into())
        }
        FindingKind::Infinite { .. } => {
            let finite = Outliers::fixed(f64::MIN..=f64::MAX).with_columns(column);
            (Stage::Flag, finite.with_action(OnOutlier::Null).into())
        }
        FindingKind::Outliers { .. } => {
            let fences = Outliers::iqr(1.5, Side::Both).with_columns(column);
            (Stage::Flag, fences.with_action(OnOutlier::Flag).into())
        }
        FindingKind::FewNegatives { .. } => {
            let negative = col(column).lt(0);
            (
                Stage::Flag,
                DerivedColumn::new(format!("{column}_negative"), negative).into(),
            )
        }
        _ => return None,
    })
}

/// How the missing values of a column may be filled, if it has some, and others to learn from.
fn fill(column: &ColumnProfile, profile: &Profile) -> Option<Suggestion> {
    let is = |found: fn(&FindingKind) -> bool| has(profile, &column.name, found);
    let is_number = is(|kind| matches!(kind, FindingKind::NumberAsText { .. }));
    let missing = column.nulls + unread(profile, &column.name);
    if missing == 0 || is(is_left) || is(is_date) {
        return None;
    }
    let imputer = match &column.summary {
        Summary::Numeric(_) => Imputer::new(ImputeStrategy::Median).with_indicator(),
        Summary::Text(_) if is_number => Imputer::new(ImputeStrategy::Median).with_indicator(),
        Summary::Text(_) => Imputer::new(ImputeStrategy::Mode),
        Summary::None if column.data_type == "Boolean" => Imputer::new(ImputeStrategy::Mode),
        _ => return None,
    };
    let because = format!(
        "{missing} of {} values are missing or unreadable",
        column.rows
    );
    let imputer = imputer.with_columns(column.name.as_str());
    Some((Stage::Fill, imputer.into(), because))
}

fn timestamps<'a>(
    column: &str,
    formats: impl IntoIterator<Item = &'a str>,
) -> Option<CleaningStep> {
    let formats: Vec<&str> = formats.into_iter().collect();
    let is_clear = !formats.iter().any(|format| format.contains(EITHER));
    is_clear.then(|| TimestampParser::new(column).with_formats(formats).into())
}

fn has(profile: &Profile, column: &str, found: fn(&FindingKind) -> bool) -> bool {
    let of_column = |finding: &&Finding| finding.column.as_deref() == Some(column);
    let mut findings = profile.findings.iter().filter(of_column);
    findings.any(|finding| found(&finding.kind))
}

/// Cells of a column that a suggested step makes null.
fn unread(profile: &Profile, column: &str) -> u64 {
    let of_column = |finding: &&Finding| finding.column.as_deref() == Some(column);
    let findings = profile.findings.iter().filter(of_column);
    findings
        .map(|finding| match finding.kind {
            FindingKind::BlankText { cells } | FindingKind::Infinite { cells } => cells,
            FindingKind::NumberAsText { blank, other, .. } => blank + other,
            _ => 0,
        })
        .sum()
}

fn is_read(kind: &FindingKind) -> bool {
    matches!(kind, FindingKind::NumberAsText { .. }) || is_date(kind)
}

fn is_date(kind: &FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::DateAsText { .. } | FindingKind::MixedDateFormats { .. }
    )
}

fn is_case(kind: &FindingKind) -> bool {
    matches!(kind, FindingKind::CaseVariants { .. })
}

/// Nothing to fill: there is no value, hardly one, or an identifier.
fn is_left(kind: &FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::AllNull | FindingKind::MostlyNull { .. } | FindingKind::UniqueKey
    )
}

//! A census.

use std::path::Path;

use alchemy_clean::{
    Cleaner, Duplicates, Fit, ImputeStrategy, Imputer, OnOutlier, Outliers, Side, TextStandardiser,
};
use alchemy_core::{Action, ColumnSelector, CsvReader};

use super::Cleaned;
use crate::Failure;

const COLUMNS: [&str; 15] = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
];

/// The columns with missing values.
const INCOMPLETE: [&str; 3] = ["workclass", "occupation", "native_country"];

pub(super) fn clean(data: &Path) -> Result<Cleaned, Failure> {
    let reader = CsvReader::new()
        .with_columns(COLUMNS)
        .with_null_values([" ?"]);
    let raw = reader.read(data.join("adult/adult.data"))?;
    let hours = Outliers::iqr(1.5, Side::Both).with_columns("hours_per_week");
    let recipe = Cleaner::new()
        .then(TextStandardiser::new(ColumnSelector::text()).with_trim())
        .then(hours.clone().with_action(OnOutlier::Flag))
        .then_because(
            Imputer::new(ImputeStrategy::Mode).with_columns(INCOMPLETE),
            "the most frequent level",
        )
        .then(Duplicates::of_whole_rows());
    let mut cleaned = Cleaned::of("adult census", &raw, recipe)?;

    if let Some(fences) = hours.fit(&raw)?.fences("hours_per_week") {
        let [lower, upper] =
            [fences.lower(), fences.upper()].map(|fence| fence.unwrap_or(f64::NAN));
        cleaned = cleaned
            .with_figure("hours fence_lo", lower)
            .with_figure("hours fence_hi", upper);
    }
    let filled = INCOMPLETE.map(|column| (column, cleaned.ledger.count(column, Action::Filled)));
    for (column, count) in filled {
        cleaned = cleaned.with_count(format!("nulls {column}"), count);
    }
    let outside = cleaned.ledger.count("hours_per_week", Action::Flagged);
    let (rows, duplicates) = (cleaned.before.rows, cleaned.duplicates());
    Ok(cleaned
        .with_count("rows", rows)
        .with_count("exact_duplicate_rows", duplicates)
        .with_count("hours outside_fences", outside))
}

//! Customers of a telephone company.

use std::path::Path;

use alchemy_clean::{BooleanCoercer, Cleaner, ImputeStrategy, Imputer, NumericCoercer};
use alchemy_core::{Action, CsvReader};

use super::Cleaned;
use crate::Failure;

pub(super) fn clean(data: &Path) -> Result<Cleaned, Failure> {
    // Empty cells stay text: the blank in `TotalCharges` is what this table is known for.
    let raw = CsvReader::new().read(data.join("telco/Telco-Customer-Churn.csv"))?;
    let total = "TotalCharges";
    let recipe = Cleaner::new()
        .then_because(
            NumericCoercer::new(total),
            "numbers, but for customers of the first month",
        )
        .then(BooleanCoercer::new([
            "Partner",
            "Dependents",
            "PhoneService",
            "PaperlessBilling",
        ]))
        .then(
            Imputer::new(ImputeStrategy::Median)
                .with_columns(total)
                .with_indicator(),
        );
    let cleaned = Cleaned::of("telco churn", &raw, recipe)?;

    let rows = cleaned.before.rows;
    let [read, nulled, filled] = [Action::Coerced, Action::Nulled, Action::Filled]
        .map(|action| cleaned.ledger.count(total, action));
    Ok(cleaned
        .with_count("rows", rows)
        .with_count("TotalCharges n", read)
        .with_count("TotalCharges nulls", nulled)
        .with_count("filled", filled))
}

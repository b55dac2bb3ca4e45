//! Sales of a café, in which any cell may say `ERROR`.

use std::path::Path;

use alchemy_clean::{
    Cleaner, DeductiveImputer, Duplicates, NullTokens, NumericCoercer, TimestampParser,
};
use alchemy_core::{Action, ColumnSelector, CsvReader, col};

use super::Cleaned;
use crate::Failure;

const FIGURES: [&str; 3] = ["Quantity", "Price Per Unit", "Total Spent"];

pub(super) fn clean(data: &Path) -> Result<Cleaned, Failure> {
    let raw = CsvReader::new().read(data.join("retail/dirty_cafe_sales.csv"))?;
    let [quantity, price, total] = FIGURES;
    let arithmetic = "quantity × price = total: one of the three follows from the others";
    let recipe = Cleaner::new()
        .then(Duplicates::of_whole_rows())
        .then_because(
            NullTokens::new(ColumnSelector::text(), ["ERROR", "UNKNOWN"]),
            "what the till wrote where it knew nothing",
        )
        .then(NumericCoercer::new(FIGURES))
        .then(TimestampParser::new("Transaction Date").to_date())
        .then_because(
            DeductiveImputer::new(total, col(quantity) * col(price)),
            arithmetic,
        )
        .then_because(
            DeductiveImputer::new(quantity, col(total) / col(price)),
            arithmetic,
        )
        .then_because(
            DeductiveImputer::new(price, col(total) / col(quantity)),
            arithmetic,
        );
    let cleaned = Cleaned::of("dirty café", &raw, recipe)?;

    let filled = |column| cleaned.ledger.count(column, Action::Filled);
    let nulls = |column| {
        cleaned
            .after
            .column(column)
            .map_or(0, |column| column.nulls)
    };
    let mut counts = vec![("rows".to_owned(), cleaned.before.rows)];
    counts.push(("rows_after_dedup".into(), cleaned.after.rows));
    counts.push(("repaired".into(), FIGURES.into_iter().map(filled).sum()));
    for column in cleaned
        .before
        .columns
        .iter()
        .map(|column| column.name.as_str())
    {
        counts.push((format!("nulls {column}"), nulls(column) + filled(column)));
    }
    Ok(counts.into_iter().fold(cleaned, |cleaned, (name, count)| {
        cleaned.with_count(name, count)
    }))
}

//! Invoices of an online shop.

use std::path::Path;

use alchemy_clean::{
    Cleaner, DerivedColumn, Duplicates, MissingRows, RowFilter, TextStandardiser, TimestampParser,
};
use alchemy_core::column::{NumericColumn, TextColumn, by_name};
use alchemy_core::stats::ExactSum;
use alchemy_core::{Action, CsvReader, Summary, col};

use super::Cleaned;
use crate::Failure;

pub(super) fn clean(data: &Path) -> Result<Cleaned, Failure> {
    let raw = CsvReader::new().read(data.join("retail/online_retail_2010-12.csv"))?;
    let recipe = Cleaner::new()
        .then_because(
            DerivedColumn::new("is_return", col("Quantity").lt(0)),
            "a negative quantity takes goods back",
        )
        .then_because(Duplicates::of_whole_rows(), "lines entered twice")
        .then(TextStandardiser::new("Description").with_trim())
        .then(TimestampParser::new("InvoiceDate"))
        .then_because(
            MissingRows::any_of(["CustomerID"]),
            "nobody to send an offer to",
        )
        .then_because(
            RowFilter::keep_where("Quantity > 0 and UnitPrice > 0".parse()?),
            "returns and give-aways are no sales",
        )
        .then(DerivedColumn::new(
            "revenue",
            col("Quantity") * col("UnitPrice"),
        ));
    let cleaned = Cleaned::of("online retail", &raw, recipe)?;

    let customers = cleaned.before.column("CustomerID");
    let nulls = customers.map_or(0, |column| column.nulls);
    let spaces = cleaned.before.column("Description");
    let spaces = spaces.map_or(0, |column| match &column.summary {
        Summary::Text(text) => text.outer_spaces,
        _ => 0,
    });
    let united_kingdom = revenue(&cleaned, Some("United Kingdom"))?;
    let revenue = revenue(&cleaned, None)?;
    let (rows, duplicates) = (cleaned.before.rows, cleaned.duplicates());
    let returns = cleaned.ledger.count("is_return", Action::Flagged);
    let clean_rows = cleaned.after.rows;
    Ok(cleaned
        .with_count("rows", rows)
        .with_count("exact_duplicate_rows", duplicates)
        .with_count("rows_after_exact_dedup", rows - duplicates)
        .with_count("customer_nulls", nulls)
        .with_count("description_with_outer_space", spaces)
        .with_count("rows_quantity_negative", returns)
        .with_count("clean_rows", clean_rows)
        .with_figure("clean_revenue", revenue)
        .with_figure("revenue_united_kingdom", united_kingdom))
}

/// The revenue of all countries, or of one.
fn revenue(cleaned: &Cleaned, country: Option<&str>) -> Result<f64, Failure> {
    let revenue = NumericColumn::new("revenue", by_name(&cleaned.batch, "revenue")?)?;
    let countries = TextColumn::new("Country", by_name(&cleaned.batch, "Country")?)?;
    let mut sum = ExactSum::new();
    for row in 0..cleaned.batch.num_rows() {
        if country.is_none() || countries.get(row) == country {
            sum.add(revenue.view().get(row).unwrap_or(0.0));
        }
    }
    Ok(sum.value())
}

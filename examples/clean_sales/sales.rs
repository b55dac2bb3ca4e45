//! What a person made of the draft for the made-up sales.

use alchemy_clean::{
    Case, Cleaner, DeductiveImputer, DerivedColumn, Duplicates, Fit, ImputeStrategy, Imputer,
    NearDuplicates, NullTokens, NumberFormat, NumericCoercer, OnOutlier, Outliers, Side, Synonyms,
    TextStandardiser, TimestampParser, Transform,
};
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{ColumnSelector, col};
use alchemy_examples::Failure;

const COUNTRIES: [(&str, &str); 6] = [
    ("uk", "United Kingdom"),
    ("u.k.", "United Kingdom"),
    ("deutschland", "Germany"),
    ("usa", "United States"),
    ("u.s.a.", "United States"),
    ("france", "France"),
];

/// The recipe; the misspelled products among `raw` become part of it.
pub(crate) fn recipe(raw: &RecordBatch) -> Result<Cleaner, Failure> {
    let products = TextStandardiser::new("product")
        .with_trim()
        .with_case(Case::Lower);
    let misspelled = NearDuplicates::new("product").fit(&products.transform(raw)?)?;
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"];
    let arithmetic = "quantity × price = total: one of the three follows from the others";
    Ok(Cleaner::new()
        .then_because(
            NullTokens::new(ColumnSelector::text(), ["ERROR", "UNKNOWN", "n/a", ""]),
            "what the shop's systems write where they know nothing",
        )
        .then(
            NumericCoercer::new(["quantity", "price", "total"])
                .with_format(NumberFormat::new().with_currency(["$"])),
        )
        .then(TimestampParser::new("sold_at").with_formats(formats))
        .then(products)
        .then_because(
            misspelled.approve(),
            "read, and found to be slips of the pen",
        )
        .then(
            TextStandardiser::new("country")
                .with_trim()
                .with_case(Case::Title)
                .with_synonyms(Synonyms::new(COUNTRIES)),
        )
        .then_because(Duplicates::of_whole_rows(), "sent twice")
        .then_because(
            DeductiveImputer::new("total", col("quantity") * col("price")),
            arithmetic,
        )
        .then_because(
            DeductiveImputer::new("quantity", col("total") / col("price")),
            arithmetic,
        )
        .then_because(
            DeductiveImputer::new("price", col("total") / col("quantity")),
            arithmetic,
        )
        .then_because(
            DerivedColumn::new("is_return", col("quantity").lt(0)),
            "goods taken back are no error",
        )
        .then_because(
            Outliers::iqr(1.5, Side::Both)
                .with_columns("price")
                .with_keys(["product"])
                .with_action(OnOutlier::Flag),
            "a price a hundred times that of its product is a slip, but not ours to correct",
        )
        .then(
            Imputer::new(ImputeStrategy::constant("unknown"))
                .with_columns("payment")
                .with_indicator(),
        ))
}

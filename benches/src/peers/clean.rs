//! The task `clean`: a table of sales put in order.

use std::collections::HashSet;

use alchemy_clean::{
    Case, Cleaner, DerivedColumn, Duplicates, ImputeStrategy, Imputer, Ledger, NumericCoercer,
    OnViolation, Outliers, RowRule, Side, Synonyms, TextStandardiser, TimestampParser, col,
};
use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use alchemy_core::column::{TextColumn, by_name};
use serde::Serialize;

use crate::Result;
use crate::columns::fold;
use crate::harness::{Context, Job};

pub(crate) const FORMATS: [&str; 3] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"];

pub(crate) const COUNTRIES: [(&str, &str); 7] = [
    ("usa", "United States"),
    ("u.s.a", "United States"),
    ("us", "United States"),
    ("uk", "United Kingdom"),
    ("u.k.", "United Kingdom"),
    ("great britain", "United Kingdom"),
    ("deutschland", "Germany"),
];

/// The recipe: nine steps, and a condition or two. `with_sketches` learns and remembers in bounded memory.
pub(crate) fn recipe(with_sketches: bool) -> Cleaner {
    let impute = |column: &str, strategy| Imputer::new(strategy).with_columns(column);
    let mut price = impute("price", ImputeStrategy::Median);
    let mut duplicates = Duplicates::on(["transaction_id", "customer_id", "timestamp"]);
    let mut capper = Outliers::iqr(1.5, Side::Both).with_columns("transaction_value");
    if with_sketches {
        price = price.with_sketches();
        duplicates = duplicates.with_fingerprints();
        capper = capper.with_sketches();
    }
    let country = TextStandardiser::new("country")
        .with_trim()
        .with_case(Case::Title)
        .with_synonyms(Synonyms::new(COUNTRIES));
    Cleaner::new()
        .then(NumericCoercer::new("price"))
        .then(price)
        .then(impute("region", ImputeStrategy::Mode))
        .then(duplicates)
        .then(
            TextStandardiser::new("product_category")
                .with_trim()
                .with_case(Case::Lower),
        )
        .then(
            RowRule::forbid("negative quantity", col("quantity").lt(0))
                .with_on_violation(OnViolation::null(["quantity"])),
        )
        .then(impute("quantity", ImputeStrategy::constant(1)))
        .then(country)
        .then(TimestampParser::new("timestamp").with_formats(FORMATS))
        .then(DerivedColumn::new(
            "is_return",
            col("transaction_value").lt(0),
        ))
        .then(capper)
}

/// `sales_raw` cleaned by the recipe.
pub(crate) struct Clean {
    sales: RecordBatch,
}

impl Clean {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        Ok(Self {
            sales: context.table("sales_raw", &ParquetReader::new())?,
        })
    }
}

impl Job for Clean {
    type Output = RecordBatch;
    type Figures = Cleaned;

    fn run(&self) -> Result<RecordBatch> {
        Ok(recipe(false).clean(&self.sales, &mut Ledger::new())?)
    }

    fn check(&self, sales: &RecordBatch) -> Result<Cleaned> {
        let mut tally = Tally::default();
        tally.add(sales)?;
        Ok(tally.cleaned())
    }
}

/// What is reported of the cleaned table.
#[derive(Clone, Serialize)]
pub(crate) struct Cleaned {
    rows: usize,
    price_sum: f64,
    quantity_sum: f64,
    north: usize,
    categories: usize,
    countries: usize,
    united_kingdom: usize,
    null_timestamps: usize,
    returns: usize,
    value_sum: f64,
    value_max: f64,
}

/// Gathers what is reported, batch after batch: sums are those in the order of rows, however they are cut.
#[derive(Default)]
pub(crate) struct Tally {
    rows: usize,
    price_sum: f64,
    quantity_sum: f64,
    north: usize,
    categories: HashSet<String>,
    countries: HashSet<String>,
    united_kingdom: usize,
    null_timestamps: usize,
    returns: usize,
    value_sum: f64,
    value_max: Option<f64>,
}

impl Tally {
    pub(crate) fn add(&mut self, sales: &RecordBatch) -> alchemy_core::Result<()> {
        let sum = |name, start| fold(sales, name, start, |sum, value| sum + value);
        let is_return: &BooleanArray = by_name(sales, "is_return")?.as_boolean();
        self.rows += sales.num_rows();
        self.price_sum = sum("price", self.price_sum)?;
        self.quantity_sum = sum("quantity", self.quantity_sum)?;
        self.north += count(sales, "region", "North")?;
        distinct(sales, "product_category", &mut self.categories)?;
        distinct(sales, "country", &mut self.countries)?;
        self.united_kingdom += count(sales, "country", "United Kingdom")?;
        self.null_timestamps += by_name(sales, "timestamp")?.null_count();
        self.returns += is_return.true_count();
        self.value_sum = sum("transaction_value", self.value_sum)?;
        let max = self.value_max.unwrap_or(f64::NEG_INFINITY);
        self.value_max = Some(fold(sales, "transaction_value", max, f64::max)?);
        Ok(())
    }

    pub(crate) fn cleaned(self) -> Cleaned {
        Cleaned {
            rows: self.rows,
            price_sum: self.price_sum,
            quantity_sum: self.quantity_sum,
            north: self.north,
            categories: self.categories.len(),
            countries: self.countries.len(),
            united_kingdom: self.united_kingdom,
            null_timestamps: self.null_timestamps,
            returns: self.returns,
            value_sum: self.value_sum,
            value_max: self.value_max.unwrap_or(f64::NEG_INFINITY),
        }
    }
}

fn count(batch: &RecordBatch, column: &str, text: &str) -> alchemy_core::Result<usize> {
    let mut count = 0;
    TextColumn::new(column, by_name(batch, column)?)?
        .for_each(|cell| count += usize::from(cell == Some(text)));
    Ok(count)
}

fn distinct(
    batch: &RecordBatch,
    column: &str,
    seen: &mut HashSet<String>,
) -> alchemy_core::Result<()> {
    TextColumn::new(column, by_name(batch, column)?)?.for_each(|cell| {
        if let Some(text) = cell.filter(|text| !seen.contains(*text)) {
            seen.insert(text.to_owned());
        }
    });
    Ok(())
}

//! The task `clean`: a table of sales put in order.

use std::collections::HashSet;
use std::sync::Arc;

use alchemy_clean::{
    Case, Duplicates, Fit, ImputeStrategy, Imputer, Ledger, NumericCoercer, Outliers, SelectRows,
    Side, Synonyms, TextStandardiser, TimestampParser, Transform,
};
use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::{Array, AsArray, Int64Array, RecordBatch, Scalar};
use alchemy_core::arrow::array::{BooleanArray, Float64Array};
use alchemy_core::arrow::compute::kernels::cmp::lt;
use alchemy_core::arrow::compute::nullif;
use alchemy_core::column::{TextColumn, by_name};
use serde::Serialize;

use crate::Result;
use crate::columns::{fold, with_column};
use crate::harness::{Context, Job};

const FORMATS: [&str; 3] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"];

const COUNTRIES: [(&str, &str); 7] = [
    ("usa", "United States"),
    ("u.s.a", "United States"),
    ("us", "United States"),
    ("uk", "United Kingdom"),
    ("u.k.", "United Kingdom"),
    ("great britain", "United Kingdom"),
    ("deutschland", "Germany"),
];

/// `sales_raw` cleaned in nine steps; two that only this table needs are Arrow kernels.
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
        let sales = NumericCoercer::new("price").transform(&self.sales)?;
        let sales = impute(&sales, "price", ImputeStrategy::Median)?;
        let sales = impute(&sales, "region", ImputeStrategy::Mode)?;
        let sales = Duplicates::on(["transaction_id", "customer_id", "timestamp"])
            .select(&sales, &mut Ledger::new())?;
        let sales = TextStandardiser::new("product_category")
            .with_trim()
            .with_case(Case::Lower)
            .transform(&sales)?;
        let quantity = by_name(&sales, "quantity")?;
        let negative = lt(quantity, &Scalar::new(Int64Array::from(vec![0])))?;
        let sales = with_column(&sales, "quantity", nullif(quantity, &negative)?)?;
        let sales = impute(&sales, "quantity", ImputeStrategy::constant(1))?;
        let sales = TextStandardiser::new("country")
            .with_trim()
            .with_case(Case::Title)
            .with_synonyms(Synonyms::new(COUNTRIES))
            .transform(&sales)?;
        let sales = TimestampParser::new("timestamp")
            .with_formats(FORMATS)
            .transform(&sales)?;
        let zero = Scalar::new(Float64Array::from(vec![0.0]));
        let is_return = lt(by_name(&sales, "transaction_value")?, &zero)?;
        let sales = with_column(&sales, "is_return", Arc::new(is_return))?;
        let capper = Outliers::iqr(1.5, Side::Both).with_columns("transaction_value");
        Ok(capper.fit(&sales)?.transform(&sales)?)
    }

    fn check(&self, sales: &RecordBatch) -> Result<Cleaned> {
        let sum = |name| fold(sales, name, 0.0, |sum, value| sum + value);
        let is_return: &BooleanArray = by_name(sales, "is_return")?.as_boolean();
        Ok(Cleaned {
            rows: sales.num_rows(),
            price_sum: sum("price")?,
            quantity_sum: sum("quantity")?,
            north: count(sales, "region", "North")?,
            categories: distinct(sales, "product_category")?,
            countries: distinct(sales, "country")?,
            united_kingdom: count(sales, "country", "United Kingdom")?,
            null_timestamps: by_name(sales, "timestamp")?.null_count(),
            returns: is_return.true_count(),
            value_sum: sum("transaction_value")?,
            value_max: fold(sales, "transaction_value", f64::NEG_INFINITY, f64::max)?,
        })
    }
}

/// What is reported of the cleaned table.
#[derive(Serialize)]
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

fn impute(batch: &RecordBatch, column: &str, strategy: ImputeStrategy) -> Result<RecordBatch> {
    let imputer = Imputer::new(strategy).with_columns(column);
    Ok(imputer.fit(batch)?.transform(batch)?)
}

fn count(batch: &RecordBatch, column: &str, text: &str) -> Result<usize> {
    let mut count = 0;
    TextColumn::new(column, by_name(batch, column)?)?
        .for_each(|cell| count += usize::from(cell == Some(text)));
    Ok(count)
}

fn distinct(batch: &RecordBatch, column: &str) -> Result<usize> {
    let mut seen = HashSet::new();
    TextColumn::new(column, by_name(batch, column)?)?
        .for_each(|cell| seen.extend(cell.map(str::to_owned)));
    Ok(seen.len())
}

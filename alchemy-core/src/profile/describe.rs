//! A profile as a table of figures, one row for each column.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};

use super::column::{ColumnProfile, Summary};
use super::numbers::NumericSummary;
use super::profiler::Profile;
use crate::Result;
use crate::stats::Quantile;

impl Profile {
    /// The figures of every column, one row for each: what pandas gives by
    /// `describe(include="all").T`, but for figures that it leaves out of a kind of column.
    ///
    /// | column | what |
    /// | --- | --- |
    /// | `column`, `type` | name and Arrow type |
    /// | `count`, `missing`, `distinct` | values, missing ones, different ones |
    /// | `top`, `top_count` | the most frequent value as text, and how often it occurs |
    /// | `mean`, `std_dev`, `min`, `1%` …, `max` | of numbers, with the quantiles the profiler was asked for |
    /// | `first`, `last` | of dates and timestamps, as text |
    ///
    /// A figure that does not apply is null.
    ///
    /// # Errors
    ///
    /// None in practice: only what Arrow might have against the table.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::arrow::array::{AsArray, types::Float64Type};
    /// use alchemy_core::stats::Quantile;
    /// use alchemy_core::{CsvReader, Profiler};
    ///
    /// let text = "city,age\nOslo,20\nRome,30\nRome,70\n";
    /// let profiler = Profiler::new().with_quantiles([Quantile::MEDIAN]);
    /// let table = profiler.profile(&CsvReader::new().read_from(text.as_bytes())?)?.describe()?;
    /// let of_age = |figure: &str| table[figure].as_primitive::<Float64Type>().value(1);
    /// assert_eq!((of_age("mean"), of_age("50%"), of_age("max")), (40.0, 30.0, 70.0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn describe(&self) -> Result<RecordBatch> {
        let text = |figure: &dyn Fn(&ColumnProfile) -> Option<String>| -> ArrayRef {
            Arc::new(self.columns.iter().map(figure).collect::<StringArray>())
        };
        let count = |figure: &dyn Fn(&ColumnProfile) -> Option<u64>| -> ArrayRef {
            Arc::new(self.columns.iter().map(figure).collect::<UInt64Array>())
        };
        let number = |figure: &dyn Fn(&NumericSummary) -> Option<f64>| -> ArrayRef {
            let numbers = self.columns.iter().map(|column| match &column.summary {
                Summary::Numeric(summary) => figure(summary),
                _ => None,
            });
            Arc::new(numbers.collect::<Float64Array>())
        };
        let end = |is_first: bool| {
            text(&|column| match &column.summary {
                Summary::Temporal { first, last, .. } => {
                    Some(if is_first { first } else { last }.clone())
                }
                _ => None,
            })
        };
        let mut figures: Vec<(String, ArrayRef)> = Vec::new();
        let mut add = |name: &str, figure: ArrayRef| figures.push((name.to_owned(), figure));
        add("column", text(&|column| Some(column.name.clone())));
        add("type", text(&|column| Some(column.data_type.clone())));
        add("count", count(&|column| Some(column.values())));
        add("missing", count(&|column| Some(column.nulls)));
        add("distinct", count(&|column| Some(column.distinct)));
        let top = |column: &ColumnProfile| Some(column.top.first()?.value.clone());
        add("top", text(&top));
        add(
            "top_count",
            count(&|column| Some(column.top.first()?.count)),
        );
        add("mean", number(&|summary| summary.mean));
        add("std_dev", number(&|summary| summary.std_dev));
        add("min", number(&|summary| Some(summary.min)));
        for q in self.quantiles() {
            add(&percent(q), number(&|summary| summary.quantile(q)));
        }
        add("max", number(&|summary| Some(summary.max)));
        add("first", end(true));
        add("last", end(false));
        let figures = figures
            .into_iter()
            .map(|(name, figure)| (name, figure, true));
        Ok(RecordBatch::try_from_iter_with_nullable(figures)?)
    }

    /// How many values each column misses: those that miss most first, equal ones in the order of the
    /// table.
    #[must_use]
    pub fn missing(&self) -> Vec<(&str, u64)> {
        let columns = self.columns.iter();
        let mut missing: Vec<(&str, u64)> = columns
            .map(|column| (column.name.as_str(), column.nulls))
            .collect();
        missing.sort_by_key(|(_, nulls)| std::cmp::Reverse(*nulls));
        missing
    }

    /// The quantiles that numeric columns have.
    fn quantiles(&self) -> impl Iterator<Item = Quantile> {
        let mut summaries = self.columns.iter().map(|column| &column.summary);
        let found = summaries.find_map(|summary| match summary {
            Summary::Numeric(summary) => Some(summary.quantiles.as_slice()),
            _ => None,
        });
        found.unwrap_or_default().iter().map(|found| found.q)
    }
}

/// A quantile as a percentage, rounded to ten decimals: 0.07 times 100 is a little above 7.
pub(super) fn percent(q: Quantile) -> String {
    const DECIMALS: f64 = 1e10;
    format!("{}%", (q.get() * 100.0 * DECIMALS).round() / DECIMALS)
}

//! What is gathered of one column while batches come in.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::column::{ColumnProfile, Summary, ValueCount};
use super::numbers::{Numbers, NumericSummary};
use super::profiler::Options;
use super::text::TextSummary;
use crate::column::{
    NumericColumn, TextColumn, is_boolean, is_numeric, is_temporal, is_text, missing_count,
};
use crate::stats::{Frequencies, Moments4, top};
use crate::{Error, Result};

/// The counts of one column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ColumnTally {
    name: String,
    data_type: String,
    rows: u64,
    nulls: u64,
    nans: u64,
    bytes: u64,
    values: Values,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Values {
    Numbers { numbers: Numbers, moments: Moments4 },
    Instants(Numbers),
    Booleans([u64; 2]),
    Text(Frequencies),
    Other,
}

impl ColumnTally {
    pub(super) fn new(field: &Field) -> Self {
        let data_type = field.data_type();
        let values = if is_numeric(data_type) {
            Values::Numbers {
                numbers: Numbers::default(),
                moments: Moments4::new(),
            }
        } else if is_temporal(data_type) {
            Values::Instants(Numbers::default())
        } else if is_boolean(data_type) {
            Values::Booleans([0; 2])
        } else if is_text(data_type) {
            Values::Text(Frequencies::new())
        } else {
            Values::Other
        };
        Self {
            name: field.name().clone(),
            data_type: data_type.to_string(),
            rows: 0,
            nulls: 0,
            nans: 0,
            bytes: 0,
            values,
        }
    }

    /// Whether a column of `field` may be added.
    pub(super) fn matches(&self, field: &Field) -> bool {
        self.name == *field.name() && self.data_type == field.data_type().to_string()
    }

    /// Adds `array`, which begins at `first_row` of the table.
    pub(super) fn update(&mut self, array: &ArrayRef, first_row: u64) -> Result<()> {
        let missing = missing_count(&self.name, array)?;
        self.rows += array.len() as u64;
        self.nulls += missing as u64;
        self.nans += (missing - array.logical_null_count()) as u64;
        self.bytes += array.to_data().get_slice_memory_size()? as u64;
        match &mut self.values {
            Values::Numbers { numbers, moments } => {
                let column = NumericColumn::new(&self.name, array)?;
                numbers.update(&column.view(), first_row);
                column.view().for_each(|value| moments.add(value));
            }
            Values::Instants(ticks) => {
                let column = NumericColumn::ordered(&self.name, array)?;
                ticks.update(&column.view(), first_row);
            }
            Values::Booleans(counts) => {
                let plain = cast(array, &DataType::Boolean)?;
                for value in plain.as_boolean().iter().flatten() {
                    counts[usize::from(value)] += 1;
                }
            }
            Values::Text(frequencies) => {
                TextColumn::new(&self.name, array)?.for_each(|cell| {
                    if let Some(text) = cell {
                        frequencies.add(text);
                    }
                });
            }
            Values::Other => {}
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        match (&mut self.values, other.values) {
            (
                Values::Numbers { numbers, moments },
                Values::Numbers {
                    numbers: more,
                    moments: further,
                },
            ) => {
                numbers.merge(more);
                moments.merge(&further);
            }
            (Values::Instants(ticks), Values::Instants(more)) => ticks.merge(more),
            (Values::Booleans([no, yes]), Values::Booleans([more_no, more_yes])) => {
                *no += more_no;
                *yes += more_yes;
            }
            (Values::Text(frequencies), Values::Text(more)) => frequencies.merge(&more),
            (Values::Other, Values::Other) => {}
            _ => return Err(different(&self.name)),
        }
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.nans += other.nans;
        self.bytes += other.bytes;
        Ok(())
    }

    /// Sums up the column. `is_numbered` says whether the rows of extremes mean anything.
    pub(super) fn finish(self, options: &Options, is_numbered: bool) -> ColumnProfile {
        let k = options.top;
        let (distinct, top, summary) = match self.values {
            Values::Numbers {
                mut numbers,
                moments,
            } => {
                numbers.sort();
                let distinct = numbers.distinct();
                let top = ValueCount::list(numbers.top(k), |key| numbers.text(key));
                let [min_row, max_row] = numbers.end_rows(is_numbered);
                let summary = numbers.summary(&moments, &options.quantiles);
                let summary = summary.map_or(Summary::None, |summary| {
                    Summary::Numeric(NumericSummary {
                        min_row,
                        max_row,
                        ..summary
                    })
                });
                (distinct, top, summary)
            }
            Values::Instants(mut ticks) => {
                ticks.sort();
                let text = |key| instant_text(&self.data_type, ticks.ticks(key));
                let [first_row, last_row] = ticks.end_rows(is_numbered);
                let summary = ticks.ends().map(|(first, last)| Summary::Temporal {
                    first: text(first),
                    last: text(last),
                    first_row,
                    last_row,
                });
                (
                    ticks.distinct(),
                    ValueCount::list(ticks.top(k), text),
                    summary.unwrap_or(Summary::None),
                )
            }
            Values::Booleans([no, yes]) => {
                let counts = [(false, no), (true, yes)]
                    .into_iter()
                    .filter(|(_, count)| *count > 0);
                let distinct = counts.clone().count() as u64;
                let top = ValueCount::list(top(counts, k), |value| value.to_string());
                (distinct, top, Summary::None)
            }
            Values::Text(frequencies) => {
                let summary = TextSummary::of(&frequencies).map_or(Summary::None, Summary::Text);
                let top = ValueCount::list(frequencies.top(k), str::to_owned);
                (frequencies.distinct() as u64, top, summary)
            }
            Values::Other => (0, Vec::new(), Summary::None),
        };
        ColumnProfile {
            name: self.name,
            data_type: self.data_type,
            rows: self.rows,
            nulls: self.nulls,
            nans: self.nans,
            distinct,
            bytes: self.bytes,
            top,
            summary,
        }
    }
}

pub(super) fn different(column: &str) -> Error {
    Error::parameter(
        "profile",
        format!("column {column:?} is not the same in both"),
    )
}

/// A date or timestamp as Arrow prints it; its ticks where Arrow cannot, as in a zone known by
/// name.
fn instant_text(data_type: &str, ticks: i64) -> String {
    let printed = || {
        let data_type: DataType = data_type.parse().ok()?;
        let ticks: ArrayRef = Arc::new(Int64Array::from(vec![ticks]));
        let narrow = data_type.primitive_width() == Some(size_of::<i32>());
        let ticks = if narrow {
            cast(&ticks, &DataType::Int32).ok()?
        } else {
            ticks
        };
        array_value_to_string(&cast(&ticks, &data_type).ok()?, 0).ok()
    };
    printed().unwrap_or_else(|| ticks.to_string())
}

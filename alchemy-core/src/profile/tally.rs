//! What is gathered of one column while batches come in.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::column::{ColumnProfile, Summary, ValueCount};
use super::counted::{Counted, Memory};
use super::keys::Keys;
use super::numbers::NumericSummary;
use super::profiler::Options;
use super::text::Texts;
use crate::column::{NumericColumn, TextColumn, is_boolean, is_numeric, is_temporal, is_text};
use crate::stats::{Moments4, top};
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
    Numbers { keys: Keys, moments: Moments4 },
    Instants(Keys),
    Booleans([u64; 2]),
    Text(Texts),
    Other,
}

impl ColumnTally {
    pub(super) fn new(field: &Field, memory: Memory) -> Self {
        let data_type = field.data_type();
        let values = if is_numeric(data_type) {
            Values::Numbers {
                keys: Keys::new(memory),
                moments: Moments4::new(),
            }
        } else if is_temporal(data_type) {
            Values::Instants(Keys::new(memory))
        } else if is_boolean(data_type) {
            Values::Booleans([0; 2])
        } else if is_text(data_type) {
            Values::Text(Texts::new(memory))
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
        let nulls = array.logical_null_count();
        let mut missing = nulls;
        match &mut self.values {
            Values::Numbers { keys, moments } => {
                let column = NumericColumn::new(&self.name, array)?;
                missing = array.len() - keys.update(&column.view(), first_row);
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
            Values::Text(texts) => texts.update(&TextColumn::new(&self.name, array)?),
            Values::Other => {}
        }
        self.rows += array.len() as u64;
        self.nulls += missing as u64;
        self.nans += (missing - nulls) as u64;
        self.bytes += array.to_data().get_slice_memory_size()? as u64;
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        match (&mut self.values, other.values) {
            (
                Values::Numbers { keys, moments },
                Values::Numbers {
                    keys: more,
                    moments: further,
                },
            ) => {
                keys.merge(more)?;
                moments.merge(&further);
            }
            (Values::Instants(ticks), Values::Instants(more)) => ticks.merge(more)?,
            (Values::Booleans([no, yes]), Values::Booleans([more_no, more_yes])) => {
                *no += more_no;
                *yes += more_yes;
            }
            (Values::Text(texts), Values::Text(more)) => texts.merge(more)?,
            (Values::Other, Values::Other) => {}
            _ => return Err(different(&self.name)),
        }
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.nans += other.nans;
        self.bytes += other.bytes;
        Ok(())
    }

    /// Sums up the column.
    pub(super) fn finish(self, options: &Options) -> ColumnProfile {
        let k = options.top;
        let data_type = self.data_type;
        let (counted, summary) = match self.values {
            Values::Numbers { keys, moments } => {
                let gathered = keys.gather(k);
                let summary = NumericSummary::of(&gathered, &moments, &options.quantiles);
                let kind = gathered.kind;
                (
                    gathered.counted.into_text(|key| kind.text(key)),
                    summary.map(Summary::Numeric),
                )
            }
            Values::Instants(keys) => {
                let gathered = keys.gather(k);
                let text = |key| instant_text(&data_type, gathered.kind.ticks(key));
                let summary =
                    gathered
                        .ends
                        .map(|([first, last], [first_row, last_row])| Summary::Temporal {
                            first: text(first),
                            last: text(last),
                            first_row: Some(first_row),
                            last_row: Some(last_row),
                        });
                (gathered.counted.into_text(text), summary)
            }
            Values::Booleans([no, yes]) => {
                let counts = [(false, no), (true, yes)]
                    .into_iter()
                    .filter(|(_, count)| *count > 0);
                let counted = Counted {
                    distinct: counts.clone().count() as u64,
                    top: top(counts, k),
                    ..Counted::default()
                };
                (counted.into_text(|value| value.to_string()), None)
            }
            Values::Text(texts) => {
                let (counted, summary) = texts.finish(k);
                (counted, summary.map(Summary::Text))
            }
            Values::Other => (Counted::default(), None),
        };
        ColumnProfile {
            name: self.name,
            data_type,
            rows: self.rows,
            nulls: self.nulls,
            nans: self.nans,
            distinct: counted.distinct,
            distinct_error: counted.distinct_error,
            bytes: self.bytes,
            top: ValueCount::list(counted.top),
            top_error: counted.top_error,
            summary: summary.unwrap_or(Summary::None),
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

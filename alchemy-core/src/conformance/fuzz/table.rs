//! Random tables.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, UInt64Array, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::draw::TEXTS;
use crate::Error;
use crate::conformance::{Shape, hostile, variants};
use crate::random::Stream;

/// The types and habits of the columns of a table.
#[derive(Debug)]
pub(super) struct Plan {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
    data_type: DataType,
    /// Values at the edges of the type.
    extreme: bool,
    /// How many different values there are at most.
    distinct: u64,
    null_share: f64,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Float,
    Integer,
    Unsigned,
    Decimal,
    Boolean,
    Text,
    Time,
    Foreign,
}

const NAMES: [&str; 10] = [
    "a",
    "b",
    "c",
    "time",
    "a_lag_1",
    "a=b",
    "",
    "ü",
    "A",
    "b_missing",
];

impl Plan {
    /// Draws up to eight columns, mostly of types with a meaning.
    pub(super) fn draw(stream: &mut Stream) -> Self {
        let count = match stream.below(8) {
            0 => stream.below(3),
            _ => 3 + stream.below(6),
        };
        let mut names = NAMES;
        stream.shuffle(&mut names);
        let columns = names.iter().zip(0..count);
        Self {
            columns: columns
                .map(|(name, _)| Column::draw(stream, name))
                .collect(),
        }
    }

    /// A table of the plan, now and then in a [`Shape`].
    pub(super) fn shaped_table(&self, stream: &mut Stream) -> Result<RecordBatch, String> {
        let table = self.table(stream)?;
        if stream.below(3) > 0 {
            return Ok(table);
        }
        let shape = pick(stream, &Shape::ALL);
        // A shape that the types of the table do not allow is left out.
        let Ok(mut shaped) = shape.of(&table) else {
            return Ok(table);
        };
        let index = below(stream, shaped.len());
        Ok(if shaped.is_empty() {
            table
        } else {
            shaped.swap_remove(index)
        })
    }

    /// A table of the plan: often small, sometimes a slice of a larger one.
    pub(super) fn table(&self, stream: &mut Stream) -> Result<RecordBatch, String> {
        let rows = match stream.below(12) {
            0 => below(stream, 3),
            1 => 60 + below(stream, 80),
            _ => 1 + below(stream, 30),
        };
        let before = if stream.below(3) == 0 {
            pick(stream, &variants::OFFSETS)
        } else {
            0
        };
        let mut columns = Vec::new();
        for column in &self.columns {
            columns.push(column.array(stream, before + rows)?);
        }
        let field = |column: &Column| Field::new(&column.name, column.data_type.clone(), true);
        let schema = Schema::new(self.columns.iter().map(field).collect::<Vec<_>>());
        let options = RecordBatchOptions::new().with_row_count(Some(before + rows));
        let table = RecordBatch::try_new_with_options(Arc::new(schema), columns, &options);
        let table = table.map_err(|error| format!("the table of the case: {error}"))?;
        Ok(table.slice(before, rows))
    }
}

impl Column {
    fn draw(stream: &mut Stream, name: &str) -> Self {
        let kind = match stream.below(20) {
            0..6 => Kind::Float,
            6..9 => Kind::Integer,
            9 => Kind::Unsigned,
            10 => Kind::Decimal,
            11 => Kind::Boolean,
            12..16 => Kind::Text,
            16..19 => Kind::Time,
            _ => Kind::Foreign,
        };
        // A step that asks for the order of time refuses rows without one.
        let null_shares: &[f64] = match kind {
            Kind::Time => &[0.0, 0.0, 0.0, 0.1],
            _ => &[0.0, 0.0, 0.1, 0.1, 0.1, 0.5, 0.5, 1.0],
        };
        Self {
            name: name.to_owned(),
            kind,
            data_type: kind.data_type(stream),
            extreme: stream.below(5) == 0,
            distinct: pick(stream, &[1, 2, 3, 8, 40]),
            null_share: pick(stream, null_shares),
        }
    }

    fn array(&self, stream: &mut Stream, rows: usize) -> Result<ArrayRef, String> {
        let mut time = 0;
        let number = |stream: &mut Stream| i64::try_from(stream.below(self.distinct)).unwrap_or(0);
        let base: ArrayRef = match self.kind {
            Kind::Float => {
                let cell = |stream: &mut Stream| match self.extreme {
                    true => pick(stream, &hostile::FLOATS),
                    false => number(stream) as f64 / 4.0 - 1.0,
                };
                Arc::new(self.cells(stream, rows, cell).collect::<Float64Array>())
            }
            Kind::Integer => {
                let cell = |stream: &mut Stream| match self.extreme {
                    true => pick(stream, &[i64::MIN, i64::MAX, 0, -1, 127, -128, 1 << 53]),
                    false => number(stream) - 1,
                };
                Arc::new(self.cells(stream, rows, cell).collect::<Int64Array>())
            }
            Kind::Unsigned => {
                let cell = |stream: &mut Stream| match self.extreme {
                    true => pick(stream, &[u64::MAX, u64::MAX - 1, 1 << 63, 0]),
                    false => stream.below(self.distinct),
                };
                Arc::new(self.cells(stream, rows, cell).collect::<UInt64Array>())
            }
            Kind::Decimal => {
                let cell = |stream: &mut Stream| match self.extreme {
                    true => pick(stream, &[99_999, -99_999, 0, 1]),
                    false => i128::from(number(stream)) * 125,
                };
                let numbers: Decimal128Array = self.cells(stream, rows, cell).collect();
                let decimals = match self.data_type {
                    DataType::Decimal128(precision, scale) => {
                        numbers.with_precision_and_scale(precision, scale)
                    }
                    _ => Ok(numbers),
                };
                Arc::new(decimals.map_err(|error| error.to_string())?)
            }
            Kind::Boolean => {
                let cell = |stream: &mut Stream| stream.below(self.distinct.min(2)) == 1;
                Arc::new(self.cells(stream, rows, cell).collect::<BooleanArray>())
            }
            Kind::Text => {
                let first = below(stream, TEXTS.len());
                let long = "x".repeat(300);
                let cell = |stream: &mut Stream| {
                    let index = first + below(stream, usize::try_from(self.distinct).unwrap_or(1));
                    match self.extreme && stream.below(9) == 0 {
                        true => long.as_str(),
                        false => TEXTS[index % TEXTS.len()],
                    }
                };
                Arc::new(self.cells(stream, rows, cell).collect::<StringArray>())
            }
            Kind::Time => {
                let sorted = stream.below(4) > 0;
                let cell = |stream: &mut Stream| match (sorted, self.extreme) {
                    (true, _) => {
                        time += number(stream) * 1000;
                        time
                    }
                    (false, true) => pick(stream, &[i64::MIN, i64::MAX, 0, -1, i64::MAX / 1000]),
                    (false, false) => number(stream) * 86_400,
                };
                let ticks: Int64Array = self.cells(stream, rows, cell).collect();
                if self.data_type == DataType::Date32 {
                    // Days of 32 bits; what they do not hold becomes null.
                    cast(&ticks, &DataType::Int32).map_err(|error| error.to_string())?
                } else {
                    Arc::new(ticks)
                }
            }
            Kind::Foreign => return Ok(new_null_array(&self.data_type, rows)),
        };
        cast(&base, &self.data_type).map_err(|error: arrow::error::ArrowError| {
            format!("the table of the case: {}", Error::from(error))
        })
    }

    fn cells<'a, T>(
        &'a self,
        stream: &'a mut Stream,
        rows: usize,
        mut cell: impl FnMut(&mut Stream) -> T + 'a,
    ) -> impl Iterator<Item = Option<T>> + 'a {
        (0..rows).map(move |_| {
            let value = cell(stream);
            (stream.next_f64() >= self.null_share).then_some(value)
        })
    }
}

impl Kind {
    fn data_type(self, stream: &mut Stream) -> DataType {
        let dictionary =
            |key: DataType, value: DataType| DataType::Dictionary(Box::new(key), Box::new(value));
        match self {
            Self::Float => {
                let floats = [DataType::Float64, DataType::Float32, DataType::Float16];
                let dictionary = dictionary(DataType::Int16, DataType::Float64);
                match stream.below(8) {
                    0 => dictionary,
                    1 | 2 => pick(stream, &floats),
                    _ => DataType::Float64,
                }
            }
            Self::Integer => {
                let all = [
                    DataType::Int64,
                    DataType::Int32,
                    DataType::Int16,
                    DataType::Int8,
                    dictionary(DataType::UInt8, DataType::Int64),
                ];
                pick(stream, &all)
            }
            Self::Unsigned => {
                let all = [
                    DataType::UInt64,
                    DataType::UInt32,
                    DataType::UInt16,
                    DataType::UInt8,
                ];
                pick(stream, &all)
            }
            Self::Decimal => {
                let all = [(5, 2), (5, 0), (5, 5), (38, 10), (9, -2)];
                let (precision, scale) = pick(stream, &all);
                DataType::Decimal128(precision, scale)
            }
            Self::Boolean => DataType::Boolean,
            Self::Text => {
                let all = [
                    DataType::Utf8,
                    DataType::Utf8,
                    DataType::LargeUtf8,
                    DataType::Utf8View,
                    dictionary(DataType::Int32, DataType::Utf8),
                    dictionary(DataType::UInt8, DataType::LargeUtf8),
                ];
                pick(stream, &all)
            }
            Self::Time => {
                let zones = [
                    None,
                    None,
                    Some("UTC"),
                    Some("+02:30"),
                    Some("Europe/Berlin"),
                ];
                let zone = pick(stream, &zones).map(Into::into);
                let all = [
                    DataType::Timestamp(TimeUnit::Second, zone.clone()),
                    DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
                    DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
                    DataType::Timestamp(TimeUnit::Nanosecond, zone),
                    DataType::Date32,
                    DataType::Date64,
                ];
                pick(stream, &all)
            }
            Self::Foreign => pick(stream, &variants::foreign_types()),
        }
    }
}

pub(super) fn below(stream: &mut Stream, bound: usize) -> usize {
    usize::try_from(stream.below(bound as u64)).unwrap_or(0)
}

/// One of `items`, of which there is at least one.
fn pick<T: Clone>(stream: &mut Stream, items: &[T]) -> T {
    items[below(stream, items.len())].clone()
}

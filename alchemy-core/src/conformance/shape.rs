//! The eighteen shapes of data that break careless code.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
    new_null_array,
};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;

use super::variants::{self, OFFSETS};
use crate::Result;
use crate::column::{is_numeric, is_text};

/// A shape that a batch can take on.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_core::conformance::Shape;
///
/// let x = Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])) as ArrayRef;
/// let sample = RecordBatch::try_from_iter_with_nullable([("x", x, true)])?;
/// for shape in Shape::ALL {
///     for batch in shape.of(&sample)? {
///         // Whatever your code does with a batch, it does not panic on this one.
///         assert!(batch.num_columns() <= 2, "{shape:?}");
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// No row.
    NoRows,
    /// Rows, but no column; and neither.
    NoColumns,
    /// One row.
    OneRow,
    /// Two rows.
    TwoRows,
    /// Every value null, in all columns and in each alone.
    AllNull,
    /// One null in each column.
    OneNull,
    /// Every float NaN.
    AllNan,
    /// Floats that are infinite: some, all of one sign, and of both.
    Infinite,
    /// Equal values in every column.
    Constant,
    /// Equal texts in every text column.
    OneText,
    /// Numbers as the least and greatest `i64`.
    Int64Extremes,
    /// Numbers as `u64` beyond what an `i64` holds.
    LargeUnsigned,
    /// Numbers as floats that are subnormal or near the largest.
    ExtremeFloats,
    /// A slice at an odd offset of a longer batch.
    Sliced,
    /// Dictionaries with values twice, values not used, and null values.
    Dictionaries,
    /// Text as `LargeUtf8` and `Utf8View`.
    TextEncodings,
    /// Batches of one row, with batches without rows between them: the parts of one table, in order.
    Pieces,
    /// A column name twice, for each column.
    DuplicateNames,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 18] = [
        Self::NoRows,
        Self::NoColumns,
        Self::OneRow,
        Self::TwoRows,
        Self::AllNull,
        Self::OneNull,
        Self::AllNan,
        Self::Infinite,
        Self::Constant,
        Self::OneText,
        Self::Int64Extremes,
        Self::LargeUnsigned,
        Self::ExtremeFloats,
        Self::Sliced,
        Self::Dictionaries,
        Self::TextEncodings,
        Self::Pieces,
        Self::DuplicateNames,
    ];

    /// Batches that have this shape and the names of `sample`; the types too, unless the shape is one of types.
    ///
    /// # Errors
    ///
    /// An Arrow error for a type of `sample` that cannot be cut and joined.
    pub fn of(self, sample: &RecordBatch) -> Result<Vec<RecordBatch>> {
        let rows = sample.num_rows();
        let each_column = |spoil: &dyn Fn(&RecordBatch, usize) -> Result<RecordBatch>| {
            let indices = 0..sample.num_columns();
            indices.map(|index| spoil(sample, index)).collect()
        };
        Ok(match self {
            Self::NoRows => vec![sample.slice(0, 0), RecordBatch::new_empty(sample.schema())],
            Self::NoColumns => {
                let none = sample.project(&[])?;
                vec![none.slice(0, 0), none]
            }
            Self::OneRow => vec![sample.slice(0, rows.min(1)), middle(sample, 1)],
            Self::TwoRows => vec![sample.slice(0, rows.min(2)), middle(sample, 2)],
            Self::AllNull => {
                let mut nulls = vec![variants::all_null(sample)?];
                let each: Result<Vec<RecordBatch>> = each_column(&|sample, index| {
                    let column = sample.column(index);
                    let null = new_null_array(column.data_type(), column.len());
                    variants::replace(sample, index, null)
                });
                nulls.extend(each?);
                nulls
            }
            Self::OneNull => vec![variants::map_columns(sample, |_| true, with_one_null)?],
            Self::AllNan => vec![variants::map_floats(sample, |_| Some(f64::NAN))?],
            Self::Infinite => {
                const INF: f64 = f64::INFINITY;
                [
                    &[INF] as &[f64],
                    &[-INF],
                    &[INF, -INF],
                    &[INF, 1.0, 2.0, -INF, 3.0],
                ]
                .into_iter()
                .map(|values| {
                    let mut next = values.iter().copied().cycle();
                    variants::map_floats(sample, |_| next.next())
                })
                .collect::<Result<_>>()?
            }
            Self::Constant => vec![variants::map_columns(sample, |_| true, constant)?],
            Self::OneText => {
                let text = |column: &ArrayRef| {
                    let text = StringArray::from(vec!["only"; column.len()]);
                    Ok(arrow::compute::cast(&text, column.data_type())?)
                };
                vec![variants::map_columns(sample, is_text, text)?]
            }
            Self::Int64Extremes | Self::LargeUnsigned | Self::ExtremeFloats => {
                self.of_numbers(sample)?
            }
            Self::Sliced => {
                let slice = |offset: usize| variants::at_offset(sample, offset);
                OFFSETS.into_iter().map(slice).collect::<Result<_>>()?
            }
            Self::Dictionaries => vec![
                variants::with_dictionaries(sample, is_text)?,
                variants::with_dictionaries(sample, is_numeric)?,
            ],
            Self::TextEncodings => vec![
                variants::with_text_as(sample, &DataType::LargeUtf8)?,
                variants::with_text_as(sample, &DataType::Utf8View)?,
            ],
            Self::Pieces => variants::pieces_and_gaps(sample, 1),
            Self::DuplicateNames => each_column(&variants::doubled)?,
        })
    }

    /// The shapes of numbers at the edges of their types.
    fn of_numbers(self, sample: &RecordBatch) -> Result<Vec<RecordBatch>> {
        match self {
            Self::Int64Extremes => {
                let values = [i64::MIN, i64::MAX, 0, -1, i64::MIN + 1];
                let numbers = cycled::<Int64Array, _>(&values);
                Ok(vec![variants::map_columns(sample, is_numeric, numbers)?])
            }
            Self::LargeUnsigned => {
                let large = i64::MAX.unsigned_abs() + 1;
                let values = [large, u64::MAX, 0, large + 1];
                let numbers = cycled::<UInt64Array, _>(&values);
                Ok(vec![variants::map_columns(sample, is_numeric, numbers)?])
            }
            _ => {
                let tiny = f64::from_bits(1);
                let large = [1e308, -1e308, f64::MAX, f64::MIN];
                let small = [tiny, -tiny, f64::MIN_POSITIVE, -0.0];
                let mixed = [f64::MAX, tiny, 1e-308, -1e308, 0.0, f64::MIN];
                let of = |values: &[f64]| {
                    variants::map_columns(sample, is_numeric, cycled::<Float64Array, _>(values))
                };
                [&large as &[f64], &small, &mixed]
                    .into_iter()
                    .map(of)
                    .collect()
            }
        }
    }
}

/// `rows` rows from the middle of `sample`, or as many as there are.
fn middle(sample: &RecordBatch, rows: usize) -> RecordBatch {
    let rows = rows.min(sample.num_rows());
    sample.slice((sample.num_rows() - rows) / 2, rows)
}

/// The last of the values before each null, and a single null in the middle.
fn with_one_null(column: &ArrayRef) -> Result<ArrayRef> {
    let mut last = (0..column.len()).find(|row| column.is_valid(*row));
    let rows = (0..column.len()).map(|row| {
        if column.is_valid(row) {
            last = Some(row);
        }
        last.filter(|_| row != column.len() / 2)
            .map(|row| row as u64)
    });
    let rows: UInt64Array = rows.collect();
    Ok(take(column, &rows, None)?)
}

fn constant(column: &ArrayRef) -> Result<ArrayRef> {
    let first = (0..column.len()).find(|row| column.is_valid(*row));
    let Some(first) = first else {
        return Ok(column.clone());
    };
    let one = column.slice(first, 1);
    Ok(concat(&vec![one.as_ref(); column.len()])?)
}

/// `values` again and again, where a column has a value.
fn cycled<A, T>(values: &[T]) -> impl Fn(&ArrayRef) -> Result<ArrayRef> + use<'_, A, T>
where
    A: Array + FromIterator<Option<T>> + 'static,
    T: Copy,
{
    |column| {
        let values = values.iter().copied().cycle();
        let cells = values.zip(0..column.len());
        let cells: A = cells
            .map(|(value, row)| column.is_valid(row).then_some(value))
            .collect();
        Ok(Arc::new(cells))
    }
}

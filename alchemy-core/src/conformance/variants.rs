//! Variants of a sample: the same values in other bytes, or spoiled in one place.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Float64Array, Int32Array, RecordBatch,
    RecordBatchOptions, StringArray, UInt64Array, new_null_array,
};
use arrow::compute::{cast, concat, concat_batches, take, take_record_batch};
use arrow::datatypes::{
    DataType, Field, Float64Type, IntervalUnit, Schema, TimeUnit, UnionFields, UnionMode,
};

use crate::column::{is_numeric, is_text};
use crate::random::Stream;
use crate::{Error, Result};

/// Offsets around the edges of the bytes and words of a validity bitmap.
pub(super) const OFFSETS: [usize; 6] = [1, 7, 8, 63, 64, 65];

/// A column that no sample has.
pub(super) const EXTRA: &str = "a column more";

/// `batch` cut into pieces of `rows` rows.
pub(super) fn pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(rows.max(1));
    starts
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
        .collect()
}

/// `batch` cut into pieces of `rows` rows, with a batch without rows before and after each.
pub(super) fn pieces_and_gaps(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    let gap = || batch.slice(0, 0);
    let mut pieces_and_gaps = vec![gap()];
    for piece in pieces(batch, rows) {
        pieces_and_gaps.extend([piece, gap()]);
    }
    pieces_and_gaps
}

/// The numbers below `rows` in another order.
pub(super) fn order(rows: usize) -> Vec<u64> {
    let mut order: Vec<u64> = (0..rows as u64).collect();
    Stream::new(7, &[]).shuffle(&mut order);
    order
}

/// The rows of `batch` in another order.
pub(super) fn shuffled(batch: &RecordBatch) -> Result<RecordBatch> {
    if batch.num_columns() == 0 {
        return Ok(batch.clone());
    }
    let order = UInt64Array::from(order(batch.num_rows()));
    Ok(take_record_batch(batch, &order)?)
}

/// `batch` again and again, up to `rows` rows or a little more.
pub(super) fn repeated(batch: &RecordBatch, rows: usize) -> Result<RecordBatch> {
    let times = rows.div_ceil(batch.num_rows().max(1));
    Ok(concat_batches(batch.schema_ref(), vec![batch; times])?)
}

/// The rows of `batch` as a slice that starts at `offset` of a longer batch.
pub(super) fn at_offset(batch: &RecordBatch, offset: usize) -> Result<RecordBatch> {
    let before = if batch.num_rows() == 0 {
        batch.clone()
    } else {
        repeated(batch, offset)?.slice(0, offset)
    };
    let start = before.num_rows();
    Ok(concat_batches(&batch.schema(), [&before, batch])?.slice(start, batch.num_rows()))
}

/// `batch` with every value null.
pub(super) fn all_null(batch: &RecordBatch) -> Result<RecordBatch> {
    let nulls = |column: &ArrayRef| Ok(new_null_array(column.data_type(), column.len()));
    map_columns(batch, |_| true, nulls)
}

/// `batch` without the column at `index`.
pub(super) fn without(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|other| *other != index)
        .collect();
    Ok(batch.project(&kept)?)
}

/// `batch` with one column more.
pub(super) fn with_extra(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let extra = Arc::new(Field::new(EXTRA, DataType::Utf8, true));
    let fields: Vec<_> = schema.fields().iter().cloned().chain([extra]).collect();
    let text = StringArray::from(vec!["x"; batch.num_rows()]);
    let columns = batch.columns().iter().cloned();
    let columns = columns.chain([Arc::new(text) as ArrayRef]).collect();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// Types that no step gives a meaning to.
pub(super) fn foreign_types() -> Vec<DataType> {
    let item = Arc::new(Field::new("item", DataType::Float64, true));
    let entries = Field::new("key", DataType::Utf8, false);
    let entries = vec![entries, Field::new("value", DataType::Float64, true)];
    let entries = Field::new("entries", DataType::Struct(entries.into()), false);
    let union = UnionFields::from_fields(vec![Field::new("a", DataType::Int64, true)]);
    vec![
        DataType::Duration(TimeUnit::Second),
        DataType::List(item.clone()),
        DataType::LargeList(item.clone()),
        DataType::FixedSizeList(item.clone(), 2),
        DataType::Struct(vec![item].into()),
        DataType::Map(Arc::new(entries), false),
        DataType::Union(union, UnionMode::Sparse),
        DataType::Interval(IntervalUnit::MonthDayNano),
        DataType::Binary,
        DataType::FixedSizeBinary(3),
        DataType::Null,
    ]
}

/// `batch` with the column at `index` as one of [`foreign_types`].
pub(super) fn with_foreign(
    batch: &RecordBatch,
    index: usize,
    data_type: &DataType,
) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let column: ArrayRef = match data_type {
        DataType::Binary => Arc::new(BinaryArray::from(vec![b"\xff".as_slice(); rows])),
        DataType::Duration(_) => {
            let ones = Arc::new(arrow::array::Int64Array::from(vec![1; rows])) as ArrayRef;
            cast(&ones, data_type)?
        }
        // All null, for what counts is the type.
        other => new_null_array(other, rows),
    };
    replace(batch, index, column)
}

/// `batch` with the column at `index` as text if it was not, or as numbers if it was.
pub(super) fn retyped(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let column: ArrayRef = if is_text(batch.column(index).data_type()) {
        Arc::new(Float64Array::from(vec![1.5; rows]))
    } else {
        Arc::new(StringArray::from(vec!["one and a half"; rows]))
    };
    replace(batch, index, column)
}

/// `batch` with the column at `index` twice.
pub(super) fn doubled(batch: &RecordBatch, index: usize) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let mut fields = schema.fields().to_vec();
    fields.push(fields[index].clone());
    let mut columns = batch.columns().to_vec();
    columns.push(columns[index].clone());
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
        columns,
    )?)
}

/// `batch` with its text columns as `data_type`.
pub(super) fn with_text_as(batch: &RecordBatch, data_type: &DataType) -> Result<RecordBatch> {
    map_columns(batch, is_text, |column| Ok(cast(column, data_type)?))
}

/// `batch` with its `Float64` columns as `data_type`.
pub(super) fn with_floats_as(batch: &RecordBatch, data_type: &DataType) -> Result<RecordBatch> {
    let double = |found: &DataType| *found == DataType::Float64;
    map_columns(batch, double, |column| Ok(cast(column, data_type)?))
}

/// `batch` with the columns of the kinds `of` as dictionaries that hold each value twice, a value that is not used, and
/// a null beside null keys.
pub(super) fn with_dictionaries(
    batch: &RecordBatch,
    of: impl Fn(&DataType) -> bool,
) -> Result<RecordBatch> {
    map_columns(batch, of, dictionary)
}

fn dictionary(column: &ArrayRef) -> Result<ArrayRef> {
    let column = unpacked(column)?;
    let rows = column.len();
    let null = new_null_array(column.data_type(), 1);
    let values = concat(&[&null, &column, &column, &column.slice(0, rows.min(1))])?;
    let key = |row: usize| {
        let first = i32::try_from(row).unwrap_or(i32::MAX).saturating_add(1);
        let second = first.saturating_add(i32::try_from(rows).unwrap_or(i32::MAX));
        match (column.is_valid(row), row.is_multiple_of(2)) {
            (true, true) => Some(first),
            (true, false) => Some(second),
            (false, true) => Some(0),
            (false, false) => None,
        }
    };
    let keys: Int32Array = (0..rows).map(key).collect();
    let dictionary = arrow::array::DictionaryArray::try_new(keys, values)?;
    Ok(Arc::new(dictionary))
}

fn unpacked(column: &ArrayRef) -> Result<ArrayRef> {
    match column.data_type() {
        DataType::Dictionary(_, value) => Ok(cast(column, value)?),
        _ => Ok(column.clone()),
    }
}

/// `batch` in one form for all encodings of the same values: dictionaries laid out, text as `Utf8`, null for NaN (a step
/// passes on the columns that it does not read).
pub(super) fn canonical(batch: &RecordBatch) -> Result<RecordBatch> {
    let batch = map_columns(batch, |_| true, unpacked)?;
    let batch = with_text_as(&batch, &DataType::Utf8)?;
    map_floats(&batch, |value| value.filter(|value| !value.is_nan()))
}

/// `batch` with NaN for null in its float columns, in turn the usual one, a negative one, and one with a payload.
pub(super) fn with_nan(batch: &RecordBatch) -> Result<RecordBatch> {
    const PAYLOAD: u64 = 0x7ff8_0000_dead_beef;
    let nans = [f64::NAN, -f64::NAN, f64::from_bits(PAYLOAD)];
    let mut next = nans.iter().copied().cycle();
    map_floats(batch, |value| value.or_else(|| next.next()))
}

pub(super) fn map_floats(
    batch: &RecordBatch,
    mut change: impl FnMut(Option<f64>) -> Option<f64>,
) -> Result<RecordBatch> {
    map_columns(batch, DataType::is_floating, |column| {
        let wide = cast(column, &DataType::Float64)?;
        let wide = wide.as_primitive::<Float64Type>();
        let changed: Float64Array = wide.iter().map(&mut change).collect();
        Ok(cast(&changed, column.data_type())?)
    })
}

/// `batch` with the rows from `row` on replaced by its first rows.
pub(super) fn with_other_future(batch: &RecordBatch, row: usize) -> Result<RecordBatch> {
    let rows = (0..batch.num_rows()).map(|i| if i < row { i } else { i - row } as u64);
    let rows: UInt64Array = rows.collect();
    // Time and keys stay, or the rows would be out of order.
    map_columns(batch, is_numeric, |column| Ok(take(column, &rows, None)?))
}

/// `batch` with `change` of each column whose type is one of those `of`.
pub(super) fn map_columns(
    batch: &RecordBatch,
    of: impl Fn(&DataType) -> bool,
    mut change: impl FnMut(&ArrayRef) -> Result<ArrayRef>,
) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| {
        if of(column.data_type()) {
            change(column)
        } else {
            Ok(column.clone())
        }
    });
    with_columns(batch, columns.collect::<Result<_>>()?)
}

/// `batch` with another column at `index`, under the same name.
pub(super) fn replace(batch: &RecordBatch, index: usize, column: ArrayRef) -> Result<RecordBatch> {
    let mut columns = batch.columns().to_vec();
    columns[index] = column;
    with_columns(batch, columns)
}

/// Other columns under the names of `batch`.
fn with_columns(batch: &RecordBatch, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let typed = |(field, column): (&Arc<Field>, &ArrayRef)| {
        let nullable = field.is_nullable() || column.is_nullable();
        let field = field.as_ref().clone().with_nullable(nullable);
        field.with_data_type(column.data_type().clone())
    };
    let fields: Vec<Field> = schema.fields().iter().zip(&columns).map(typed).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(Error::from)
}

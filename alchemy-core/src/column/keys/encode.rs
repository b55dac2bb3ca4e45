//! Rows as byte strings that are equal when the rows are.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, GenericByteArray,
    GenericByteViewArray, LargeBinaryArray, LargeStringArray, PrimitiveArray, StringArray,
    StringViewArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, ByteArrayType, ByteViewType, DataType, Float32Type, Float64Type,
};
use arrow::row::{RowConverter, Rows, SortField};

use super::FloatKeys;
use crate::Result;
use crate::column::{Number, unpacked};

/// The keys of some rows, end to end.
///
/// A value of fixed width is a tag, 1, and its bytes; a missing one is all zeros. Text is its length plus one as a
/// variable-length integer, seven bits a byte, and its bytes; a missing one is the length 0. So the key of a row tells
/// where each of its values ends, and two rows of the same types have the same key only if their values are the same.
#[derive(Debug)]
pub(super) struct EncodedKeys {
    bytes: Vec<u8>,
    /// Where the key of each row ends; it starts where the one before ends.
    ends: Vec<usize>,
}

impl EncodedKeys {
    /// The keys of the rows of `columns`, which are of the same length.
    pub(super) fn of(columns: &[ArrayRef], floats: FloatKeys) -> Result<Self> {
        let rows = columns.first().map_or(0, Array::len);
        let cells = columns
            .iter()
            .map(|column| Cells::of(column, floats))
            .collect::<Result<Vec<_>>>()?;
        let mut ends = vec![0; rows];
        cells.iter().for_each(|cells| cells.add_lengths(&mut ends));
        let mut total = 0;
        let mut cursors = Vec::with_capacity(rows);
        for end in &mut ends {
            cursors.push(total);
            total += *end;
            *end = total;
        }
        let mut bytes = vec![0; total];
        for cells in &cells {
            cells.write(&mut cursors, &mut bytes);
        }
        Ok(Self { bytes, ends })
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[row]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|row| self.get(row))
    }
}

/// A column in a form whose values are written without a look at its type.
enum Cells {
    /// Always missing.
    Nothing,
    Fixed {
        values: Buffer,
        width: usize,
        nulls: Option<NullBuffer>,
    },
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Binary(BinaryArray),
    LargeBinary(LargeBinaryArray),
    BinaryView(BinaryViewArray),
    FixedBinary(FixedSizeBinaryArray),
    /// Lists and structs in Arrow's row format, which tells a null too.
    Nested(Rows),
}

macro_rules! each_kind {
    ($cells:expr, $nothing:expr, ($values:ident, $width:ident, $nulls:ident) => $fixed:expr, $strings:ident => $any:expr) => {
        match $cells {
            Cells::Nothing => $nothing,
            Cells::Fixed {
                values: $values,
                width: $width,
                nulls: $nulls,
            } => $fixed,
            Cells::Text($strings) => $any,
            Cells::LargeText($strings) => $any,
            Cells::TextView($strings) => $any,
            Cells::Binary($strings) => $any,
            Cells::LargeBinary($strings) => $any,
            Cells::BinaryView($strings) => $any,
            Cells::FixedBinary($strings) => $any,
            Cells::Nested($strings) => $any,
        }
    };
}

impl Cells {
    fn of(column: &ArrayRef, floats: FloatKeys) -> Result<Self> {
        let column = unpacked(column)?;
        Ok(match column.data_type() {
            DataType::Null => Self::Nothing,
            DataType::Boolean => {
                let flags = column.as_boolean();
                let values: Vec<u8> = flags.values().iter().map(u8::from).collect();
                Self::Fixed {
                    values: values.into(),
                    width: 1,
                    nulls: flags.nulls().cloned(),
                }
            }
            DataType::Float16 if floats == FloatKeys::ByValue => {
                Self::floats::<Float32Type>(&cast(&column, &DataType::Float32)?)
            }
            DataType::Float32 if floats == FloatKeys::ByValue => {
                Self::floats::<Float32Type>(&column)
            }
            DataType::Float64 if floats == FloatKeys::ByValue => {
                Self::floats::<Float64Type>(&column)
            }
            DataType::Utf8 => Self::Text(column.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeText(column.as_string().clone()),
            DataType::Utf8View => Self::TextView(column.as_string_view().clone()),
            DataType::Binary => Self::Binary(column.as_binary().clone()),
            DataType::LargeBinary => Self::LargeBinary(column.as_binary().clone()),
            DataType::BinaryView => Self::BinaryView(column.as_binary_view().clone()),
            DataType::FixedSizeBinary(_) => {
                Self::FixedBinary(column.as_fixed_size_binary().clone())
            }
            other => match other.primitive_width() {
                Some(width) => Self::fixed(&column, width),
                None => {
                    let converter = RowConverter::new(vec![SortField::new(other.clone())])?;
                    Self::Nested(converter.convert_columns(&[column])?)
                }
            },
        })
    }

    fn fixed(column: &dyn Array, width: usize) -> Self {
        let data = column.to_data();
        let (start, length) = (data.offset() * width, data.len() * width);
        Self::Fixed {
            values: data.buffers()[0].slice_with_length(start, length),
            width,
            nulls: data.nulls().cloned(),
        }
    }

    /// Floats with null for NaN and 0.0 for −0.0.
    fn floats<T: ArrowPrimitiveType>(column: &ArrayRef) -> Self
    where
        T::Native: Number + std::ops::Add<Output = T::Native> + Default,
    {
        let array = column.as_primitive::<T>();
        let slots = array.values();
        let numbers =
            BooleanBuffer::collect_bool(slots.len(), |row| !slots[row].is_missing()).into();
        let nulls = NullBuffer::union(array.nulls(), Some(&numbers));
        let zero = T::Native::default();
        let values = slots.iter().map(|value| *value + zero).collect();
        Self::fixed(
            &PrimitiveArray::<T>::new(values, nulls),
            size_of::<T::Native>(),
        )
    }

    /// Adds to each row how many bytes its value takes.
    fn add_lengths(&self, lengths: &mut [usize]) {
        each_kind!(self, (),
            (_values, width, _nulls) => lengths.iter_mut().for_each(|length| *length += 1 + width),
            strings => add_lengths(strings, lengths)
        );
    }

    /// Writes the value of each row where its cursor is, and moves the cursor behind it.
    fn write(&self, cursors: &mut [usize], bytes: &mut [u8]) {
        each_kind!(self, (),
            (values, width, nulls) => {
                let write = match width {
                    1 => write_fixed::<1>,
                    2 => write_fixed::<2>,
                    4 => write_fixed::<4>,
                    8 => write_fixed::<8>,
                    16 => write_fixed::<16>,
                    // No type is wider.
                    _ => write_fixed::<32>,
                };
                write(values, nulls.as_ref(), cursors, bytes);
            },
            strings => write_strings(strings, cursors, bytes)
        );
    }
}

/// Values that are byte strings.
trait Strings {
    /// The bytes of `row`, or `None` where it is null.
    fn string(&self, row: usize) -> Option<&[u8]>;
}

impl<T: ByteArrayType> Strings for GenericByteArray<T> {
    fn string(&self, row: usize) -> Option<&[u8]> {
        self.is_valid(row).then(|| self.value(row).as_ref())
    }
}

impl<T: ByteViewType> Strings for GenericByteViewArray<T> {
    fn string(&self, row: usize) -> Option<&[u8]> {
        self.is_valid(row).then(|| self.value(row).as_ref())
    }
}

impl Strings for FixedSizeBinaryArray {
    fn string(&self, row: usize) -> Option<&[u8]> {
        self.is_valid(row).then(|| self.value(row))
    }
}

impl Strings for Rows {
    fn string(&self, row: usize) -> Option<&[u8]> {
        Some(self.row(row).data())
    }
}

fn add_lengths(strings: &impl Strings, lengths: &mut [usize]) {
    for (row, length) in lengths.iter_mut().enumerate() {
        *length += strings
            .string(row)
            .map_or(1, |string| prefix_length(string.len() + 1) + string.len());
    }
}

fn write_strings(strings: &impl Strings, cursors: &mut [usize], bytes: &mut [u8]) {
    for (row, cursor) in cursors.iter_mut().enumerate() {
        // A missing value is the zero that is there already.
        let Some(string) = strings.string(row) else {
            *cursor += 1;
            continue;
        };
        let start = *cursor + write_prefix(string.len() + 1, &mut bytes[*cursor..]);
        *cursor = start + string.len();
        bytes[start..*cursor].copy_from_slice(string);
    }
}

fn write_fixed<const WIDTH: usize>(
    values: &[u8],
    nulls: Option<&NullBuffer>,
    cursors: &mut [usize],
    bytes: &mut [u8],
) {
    let (values, _) = values.as_chunks::<WIDTH>();
    let mut write = |row: usize| {
        let to = &mut bytes[cursors[row]..][..=WIDTH];
        to[0] = 1;
        to[1..].copy_from_slice(&values[row]);
    };
    match nulls {
        None => (0..values.len()).for_each(write),
        Some(nulls) => nulls.valid_indices().for_each(&mut write),
    }
    cursors.iter_mut().for_each(|cursor| *cursor += 1 + WIDTH);
}

/// How many bytes `number` takes at seven bits a byte.
pub(super) fn prefix_length(number: usize) -> usize {
    (usize::BITS - number.leading_zeros()).div_ceil(7).max(1) as usize
}

/// Writes `number` at seven bits a byte, the lowest first, and says how many bytes it took.
#[expect(
    clippy::cast_possible_truncation,
    reason = "seven bits of each are kept"
)]
pub(super) fn write_prefix(mut number: usize, to: &mut [u8]) -> usize {
    let mut length = 0;
    while number >= 0x80 {
        to[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    to[length] = number as u8;
    length + 1
}

/// The number at the start of `from`, and how many bytes it takes.
pub(super) fn read_prefix(from: &[u8]) -> (usize, usize) {
    let mut number = 0;
    for (index, byte) in from.iter().enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return (number, index + 1);
        }
    }
    (number, from.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int64Array};

    use super::*;

    #[test]
    fn a_key_is_as_it_is_described() {
        let number = Arc::new(Int64Array::from(vec![Some(2), None])) as ArrayRef;
        let text = Arc::new(StringArray::from(vec![None, Some("ab")])) as ArrayRef;
        let keys = EncodedKeys::of(&[number, text], FloatKeys::ByValue).unwrap();
        assert_eq!(keys.get(0), [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(keys.get(1), [0, 0, 0, 0, 0, 0, 0, 0, 0, 3, b'a', b'b']);
    }

    #[test]
    fn a_prefix_of_any_size_is_read_back() {
        for number in [0, 1, 127, 128, 16_383, 16_384, usize::MAX] {
            let mut bytes = [0xff; 10];
            let length = write_prefix(number, &mut bytes);
            assert_eq!(length, prefix_length(number), "{number}");
            assert_eq!(read_prefix(&bytes), (number, length));
        }
    }

    #[test]
    fn floats_are_numbers_or_bits() {
        let floats = Float64Array::from(vec![Some(0.0), Some(-0.0), Some(f64::NAN), None]);
        let floats = [Arc::new(floats) as ArrayRef];
        let distinct = |by| {
            let keys = EncodedKeys::of(&floats, by).unwrap();
            let mut keys: Vec<&[u8]> = keys.iter().collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        assert_eq!(distinct(FloatKeys::ByValue), 2);
        assert_eq!(distinct(FloatKeys::ByBits), 4);
    }
}

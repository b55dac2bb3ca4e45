//! Numbers of any Arrow type, read in place.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use super::{is_boolean, is_temporal, ticks, unpacked, wrong_type};
use crate::Result;

/// A native number type of a column.
pub trait Number: Copy + PartialOrd + Send + Sync + 'static {
    /// The nearest `f64`; integers beyond 2^53 round.
    fn to_f64(self) -> f64;
    /// Whether the value is a floating-point NaN, and so missing.
    fn is_missing(self) -> bool {
        false
    }
}

macro_rules! number {
    (exact: $($exact:ty)*; rounded: $($rounded:ty)*) => {
        $(impl Number for $exact {
            fn to_f64(self) -> f64 { f64::from(self) }
        })*
        $(impl Number for $rounded {
            fn to_f64(self) -> f64 { self as f64 }
        })*
    };
}
number!(exact: i8 i16 i32 u8 u16 u32; rounded: i64 u64);

impl Number for f32 {
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

impl Number for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

/// The values of a column in their native type, with their validity.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a, T> {
    values: &'a [T],
    nulls: Option<&'a NullBuffer>,
}

impl<'a, T: Number> Values<'a, T> {
    /// Every slot, the ones under a null included: those hold arbitrary values.
    #[must_use]
    pub fn slots(&self) -> &'a [T] {
        self.values
    }

    /// The value of `row`, or `None` where it is missing or there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<T> {
        let value = *self.values.get(row)?;
        let valid = self.nulls.is_none_or(|nulls| nulls.is_valid(row));
        (valid && !value.is_missing()).then_some(value)
    }

    /// Calls `each` with the row and value of every value that is not missing, in row order.
    pub fn for_each_row(&self, mut each: impl FnMut(usize, T)) {
        let mut one = |row: usize| {
            let value = self.values[row];
            if !value.is_missing() {
                each(row, value);
            }
        };
        match self.nulls {
            None => (0..self.values.len()).for_each(one),
            Some(nulls) => nulls.valid_indices().for_each(&mut one),
        }
    }

    /// Calls `each` with every value that is not missing, in row order.
    pub fn for_each(&self, mut each: impl FnMut(T)) {
        let mut one = |value: T| {
            if !value.is_missing() {
                each(value);
            }
        };
        match self.nulls {
            None => self.values.iter().copied().for_each(one),
            Some(nulls) => nulls.valid_slices().for_each(|(start, end)| {
                self.values[start..end].iter().copied().for_each(&mut one);
            }),
        }
    }
}

/// Code that is generic over the native type of a numeric column; see [`Numeric::visit`].
pub trait Visit {
    /// What the visit returns.
    type Out;
    /// Runs on the values in their native type.
    fn visit<T: Number>(self, values: Values<'_, T>) -> Self::Out;
}

/// A numeric column in one of the native types.
#[derive(Debug, Clone, Copy)]
#[expect(
    missing_docs,
    reason = "each variant is the native type it is named after"
)]
pub enum Numeric<'a> {
    I8(Values<'a, i8>),
    I16(Values<'a, i16>),
    I32(Values<'a, i32>),
    I64(Values<'a, i64>),
    U8(Values<'a, u8>),
    U16(Values<'a, u16>),
    U32(Values<'a, u32>),
    U64(Values<'a, u64>),
    F32(Values<'a, f32>),
    F64(Values<'a, f64>),
}

macro_rules! each_type {
    ($view:expr, $values:ident => $body:expr) => {
        match $view {
            Numeric::I8($values) => $body,
            Numeric::I16($values) => $body,
            Numeric::I32($values) => $body,
            Numeric::I64($values) => $body,
            Numeric::U8($values) => $body,
            Numeric::U16($values) => $body,
            Numeric::U32($values) => $body,
            Numeric::U64($values) => $body,
            Numeric::F32($values) => $body,
            Numeric::F64($values) => $body,
        }
    };
}

impl Numeric<'_> {
    /// Calls `each` with every value that is not missing, as `f64`, in row order.
    pub fn for_each(&self, mut each: impl FnMut(f64)) {
        each_type!(self, values => values.for_each(|value| each(value.to_f64())));
    }

    /// Calls `each` with the row and value of every value that is not missing, in row order.
    pub fn for_each_row(&self, mut each: impl FnMut(usize, f64)) {
        each_type!(self, values => values.for_each_row(|row, value| each(row, value.to_f64())));
    }

    /// The value of `row` as `f64`, or `None` where it is missing. Matches on the type at every call: for loops use
    /// [`for_each_row`](Self::for_each_row).
    #[must_use]
    pub fn get(&self, row: usize) -> Option<f64> {
        each_type!(self, values => values.get(row).map(Number::to_f64))
    }

    /// Runs `visitor` on the values in their native type.
    pub fn visit<V: Visit>(&self, visitor: V) -> V::Out {
        each_type!(self, values => visitor.visit(*values))
    }

    /// One `f64` per row, NaN where the value is missing.
    #[must_use]
    pub fn to_vec(&self) -> Vec<f64> {
        let mut out = vec![f64::NAN; self.len()];
        self.for_each_row(|row, value| out[row] = value);
        out
    }

    /// The values that are not missing, in row order.
    #[must_use]
    pub fn valid(&self) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.len());
        self.for_each(|value| out.push(value));
        out
    }

    /// How many values are not missing.
    #[must_use]
    pub fn valid_count(&self) -> usize {
        let mut count = 0;
        self.for_each(|_| count += 1);
        count
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        each_type!(self, values => values.values.len())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column read as numbers.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Float64Array};
/// use alchemy_core::column::NumericColumn;
///
/// let array = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::NAN), Some(4.0)])) as ArrayRef;
/// let column = NumericColumn::new("x", &array)?;
/// let mut sum = 0.0;
/// column.view().for_each(|value| sum += value);
/// assert_eq!(sum, 5.0);
/// assert_eq!(column.view().get(2), None);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NumericColumn {
    array: ArrayRef,
}

impl NumericColumn {
    /// Reads `array` as numbers: every integer and float type, `Decimal128`, and dictionaries of those.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`](crate::Error::ColumnType) for any other type.
    pub fn new(name: &str, array: &ArrayRef) -> Result<Self> {
        let array = unpacked(array)?;
        let array = match array.data_type() {
            DataType::Float16 => cast(&array, &DataType::Float32)?,
            DataType::Decimal128(..) => cast(&array, &DataType::Float64)?,
            other if other.is_integer() || other.is_floating() => array,
            _ => return Err(wrong_type(name, &array, "a number")),
        };
        Ok(Self { array })
    }

    /// Reads `array` as numbers in the order of its values: as [`new`](Self::new), and also Booleans (0 and 1), dates and
    /// timestamps (their ticks).
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`](crate::Error::ColumnType) for any other type.
    pub fn ordered(name: &str, array: &ArrayRef) -> Result<Self> {
        let unpacked = unpacked(array)?;
        if is_boolean(unpacked.data_type()) {
            return Ok(Self {
                array: cast(&unpacked, &DataType::UInt8)?,
            });
        }
        if is_temporal(unpacked.data_type()) {
            return Ok(Self {
                array: ticks(&unpacked)?,
            });
        }
        Self::new(name, &unpacked)
    }

    /// The values in their native type.
    #[must_use]
    pub fn view(&self) -> Numeric<'_> {
        let array = &self.array;
        match array.data_type() {
            DataType::Int8 => Numeric::I8(values::<Int8Type>(array)),
            DataType::Int16 => Numeric::I16(values::<Int16Type>(array)),
            DataType::Int32 => Numeric::I32(values::<Int32Type>(array)),
            DataType::Int64 => Numeric::I64(values::<Int64Type>(array)),
            DataType::UInt8 => Numeric::U8(values::<UInt8Type>(array)),
            DataType::UInt16 => Numeric::U16(values::<UInt16Type>(array)),
            DataType::UInt32 => Numeric::U32(values::<UInt32Type>(array)),
            DataType::UInt64 => Numeric::U64(values::<UInt64Type>(array)),
            DataType::Float32 => Numeric::F32(values::<Float32Type>(array)),
            _ => Numeric::F64(values::<Float64Type>(array)),
        }
    }
}

fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> Values<'_, T::Native>
where
    T::Native: Number,
{
    let array = array.as_primitive::<T>();
    Values {
        values: array.values(),
        nulls: array.nulls().filter(|nulls| nulls.null_count() > 0),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, StringArray,
    };

    use super::*;

    #[test]
    fn a_slice_reads_as_its_copy() {
        let array = Arc::new(Int64Array::from(vec![Some(1), None, Some(3), Some(4)])) as ArrayRef;
        let column = NumericColumn::new("x", &array.slice(1, 3)).unwrap();
        assert_eq!(column.view().valid(), [3.0, 4.0]);
        assert_eq!(column.view().get(0), None);
        assert_eq!(column.view().get(2), Some(4.0));
        assert_eq!(column.view().get(3), None);
    }

    #[test]
    fn decimals_and_dictionaries_are_numbers() {
        let decimal = Decimal128Array::from(vec![150, -25])
            .with_precision_and_scale(5, 2)
            .unwrap();
        let column = NumericColumn::new("x", &(Arc::new(decimal) as ArrayRef)).unwrap();
        assert_eq!(column.view().valid(), [1.5, -0.25]);

        let keys = arrow::array::Int32Array::from(vec![Some(1), None, Some(0)]);
        let dictionary = DictionaryArray::new(keys, Arc::new(Float64Array::from(vec![7.0, 8.0])));
        let column = NumericColumn::new("x", &(Arc::new(dictionary) as ArrayRef)).unwrap();
        assert_eq!(column.view().valid(), [8.0, 7.0]);
    }

    #[test]
    fn text_is_refused_and_booleans_are_ordered_only() {
        let text = Arc::new(StringArray::from(vec!["1"])) as ArrayRef;
        let error = NumericColumn::new("x", &text).unwrap_err();
        assert_eq!(error.to_string(), "column \"x\" is Utf8, expected a number");
        let flags = Arc::new(BooleanArray::from(vec![Some(true), None])) as ArrayRef;
        assert!(NumericColumn::new("x", &flags).is_err());
        assert_eq!(
            NumericColumn::ordered("x", &flags).unwrap().view().valid(),
            [1.0]
        );
    }
}

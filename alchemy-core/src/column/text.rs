//! Text of any Arrow type, read in place.

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};

use super::{unpacked, wrong_type};
use crate::Result;

/// A column read as text: `Utf8`, `LargeUtf8`, `Utf8View`, or a dictionary of those.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, StringArray};
/// use alchemy_core::column::TextColumn;
///
/// let array = Arc::new(StringArray::from(vec![Some("a"), None])) as ArrayRef;
/// let column = TextColumn::new("x", &array)?;
/// assert_eq!(column.get(0), Some("a"));
/// assert_eq!(column.get(1), None);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TextColumn {
    text: Text,
}

#[derive(Debug, Clone)]
enum Text {
    Utf8(StringArray),
    LargeUtf8(LargeStringArray),
    Utf8View(StringViewArray),
}

impl TextColumn {
    /// Reads `array` as text.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`](crate::Error::ColumnType) if it is of another type.
    pub fn new(name: &str, array: &ArrayRef) -> Result<Self> {
        let array = unpacked(array)?;
        let text = match array.data_type() {
            DataType::Utf8 => Text::Utf8(array.as_string().clone()),
            DataType::LargeUtf8 => Text::LargeUtf8(array.as_string().clone()),
            DataType::Utf8View => Text::Utf8View(array.as_string_view().clone()),
            _ => return Err(wrong_type(name, &array, "text")),
        };
        Ok(Self { text })
    }

    /// The value of `row`, or `None` where it is null or there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        fn at<'a, A: Array>(
            array: &'a A,
            row: usize,
            value: impl FnOnce(&'a A) -> &'a str,
        ) -> Option<&'a str> {
            (row < array.len() && array.is_valid(row)).then(|| value(array))
        }
        match &self.text {
            Text::Utf8(array) => at(array, row, |array| array.value(row)),
            Text::LargeUtf8(array) => at(array, row, |array| array.value(row)),
            Text::Utf8View(array) => at(array, row, |array| array.value(row)),
        }
    }

    /// Calls `each` with every row: its text, or `None` where it is null.
    pub fn for_each<'a>(&'a self, each: impl FnMut(Option<&'a str>)) {
        match &self.text {
            Text::Utf8(array) => array.iter().for_each(each),
            Text::LargeUtf8(array) => array.iter().for_each(each),
            Text::Utf8View(array) => array.iter().for_each(each),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.text {
            Text::Utf8(array) => array.len(),
            Text::LargeUtf8(array) => array.len(),
            Text::Utf8View(array) => array.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Text as values of `data_type`, as Arrow prints them; null where the text is none.
///
/// # Errors
///
/// An Arrow error for a type that cannot be read from text.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Int64Array, StringArray};
/// use alchemy_core::arrow::datatypes::DataType;
/// use alchemy_core::column::from_text;
///
/// let text = Arc::new(StringArray::from(vec!["-7", "x"])) as ArrayRef;
/// let expected = Int64Array::from(vec![Some(-7), None]);
/// assert_eq!(from_text(&text, &DataType::Int64)?.as_ref(), &expected);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn from_text(text: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    match data_type {
        // Arrow reads no text as tens or hundreds, but makes them of units.
        DataType::Decimal128(_, scale) if *scale < 0 => {
            let units = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);
            Ok(cast(&cast(text, &units)?, data_type)?)
        }
        _ => Ok(cast(text, data_type)?),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Int64Array};
    use arrow::datatypes::Int8Type;

    use super::*;

    #[test]
    fn every_text_type_reads_the_same() {
        let plain = Arc::new(StringArray::from(vec![Some("a"), None, Some("ü")])) as ArrayRef;
        let dictionary: DictionaryArray<Int8Type> =
            vec![Some("a"), None, Some("ü")].into_iter().collect();
        for array in [
            cast(&plain, &DataType::LargeUtf8).unwrap(),
            cast(&plain, &DataType::Utf8View).unwrap(),
            Arc::new(dictionary),
            plain,
        ] {
            let mut seen = Vec::new();
            let column = TextColumn::new("x", &array.slice(1, 2)).unwrap();
            column.for_each(|value| seen.push(value.map(str::to_owned)));
            assert_eq!(seen, [None, Some("ü".to_owned())], "{}", array.data_type());
            assert_eq!((column.get(1), column.get(2)), (Some("ü"), None));
        }
        let numbers = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
        assert!(TextColumn::new("x", &numbers).is_err());
    }

    #[test]
    fn decimals_of_any_scale_come_back_from_their_text() {
        let numbers = Arc::new(Int64Array::from(vec![Some(1200), Some(-500), None])) as ArrayRef;
        for scale in [-2, 0, 3] {
            let decimals = cast(&numbers, &DataType::Decimal128(9, scale)).unwrap();
            let text = cast(&decimals, &DataType::Utf8).unwrap();
            assert_eq!(&from_text(&text, decimals.data_type()).unwrap(), &decimals);
        }
    }
}

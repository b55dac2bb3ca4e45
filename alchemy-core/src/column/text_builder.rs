//! Text of any Arrow type, written row by row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, GenericStringArray, NullBufferBuilder, OffsetSizeTrait,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::{cast, concat};
use arrow::datatypes::DataType;

use crate::{Error, Result};

/// Writes a column as `Utf8`, `LargeUtf8` or `Utf8View`, each in its own layout from the start.
///
/// Text that has more bytes than the type can hold is an error, not a panic.
///
/// # Examples
///
/// ```
/// use alchemy_core::arrow::array::StringArray;
/// use alchemy_core::arrow::datatypes::DataType;
/// use alchemy_core::column::TextBuilder;
///
/// let mut text = TextBuilder::new("x", &DataType::Utf8, 3)?;
/// text.push("a")?;
/// text.push_null();
/// text.repeat(0)?;
/// assert_eq!(text.finish()?.as_ref(), &StringArray::from(vec![Some("a"), None, Some("a")]));
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug)]
pub struct TextBuilder {
    column: String,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Small(Offsets<i32>),
    Large(Offsets<i64>),
    /// Views are made at the end, onto the bytes where they lie.
    View(Offsets<i64>),
}

#[derive(Debug)]
struct Offsets<O> {
    bytes: Vec<u8>,
    offsets: Vec<O>,
    nulls: NullBufferBuilder,
    /// Bytes that the offsets can count; less in tests.
    limit: usize,
}

impl TextBuilder {
    /// A builder for the column called `column`, of about `rows` rows.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] if `data_type` is not text; a dictionary is not, its values are.
    pub fn new(column: &str, data_type: &DataType, rows: usize) -> Result<Self> {
        let layout = match data_type {
            DataType::Utf8 => Layout::Small(Offsets::new(rows)),
            DataType::LargeUtf8 => Layout::Large(Offsets::new(rows)),
            DataType::Utf8View => Layout::View(Offsets::new(rows)),
            other => {
                return Err(Error::ColumnType {
                    column: column.to_owned(),
                    found: other.clone(),
                    expected: "text".into(),
                });
            }
        };
        Ok(Self {
            column: column.to_owned(),
            layout,
        })
    }

    /// Adds a row that holds `text`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] if the column then has more bytes than its type can hold.
    #[inline]
    pub fn push(&mut self, text: &str) -> Result<()> {
        let fits = match &mut self.layout {
            Layout::Small(offsets) => offsets.push(text),
            Layout::Large(offsets) | Layout::View(offsets) => offsets.push(text),
        };
        if fits { Ok(()) } else { Err(self.too_long()) }
    }

    /// Adds a null row.
    #[inline]
    pub fn push_null(&mut self) {
        match &mut self.layout {
            Layout::Small(offsets) => offsets.push_null(),
            Layout::Large(offsets) | Layout::View(offsets) => offsets.push_null(),
        }
    }

    /// Adds a row that holds the text of `row`, one that was added before and is not null.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    #[inline]
    pub fn repeat(&mut self, row: usize) -> Result<()> {
        let fits = match &mut self.layout {
            Layout::Small(offsets) => offsets.repeat(row),
            Layout::Large(offsets) | Layout::View(offsets) => offsets.repeat(row),
        };
        if fits { Ok(()) } else { Err(self.too_long()) }
    }

    /// The column.
    ///
    /// # Errors
    ///
    /// An Arrow error if the rows are not those of a text column, which they are.
    pub fn finish(self) -> Result<ArrayRef> {
        match self.layout {
            Layout::Small(offsets) => offsets.finish(),
            Layout::Large(offsets) => offsets.finish(),
            Layout::View(offsets) => Ok(cast(&offsets.finish()?, &DataType::Utf8View)?),
        }
    }

    fn too_long(&self) -> Error {
        too_long(&self.column, self.data_type())
    }

    fn data_type(&self) -> DataType {
        match self.layout {
            Layout::Small(_) => DataType::Utf8,
            Layout::Large(_) => DataType::LargeUtf8,
            Layout::View(_) => DataType::Utf8View,
        }
    }
}

impl<O: OffsetSizeTrait> Offsets<O> {
    fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(O::zero());
        Self {
            bytes: Vec::new(),
            offsets,
            nulls: NullBufferBuilder::new(rows),
            limit: O::MAX_OFFSET,
        }
    }

    #[inline]
    fn push(&mut self, text: &str) -> bool {
        self.bytes.extend_from_slice(text.as_bytes());
        self.end(true)
    }

    fn push_null(&mut self) {
        // Nothing was added, so the end is where it was.
        let end = self.offsets[self.offsets.len() - 1];
        self.offsets.push(end);
        self.nulls.append_null();
    }

    #[inline]
    fn repeat(&mut self, row: usize) -> bool {
        let (start, end) = (
            self.offsets[row].as_usize(),
            self.offsets[row + 1].as_usize(),
        );
        self.bytes.extend_from_within(start..end);
        self.end(true)
    }

    #[inline]
    fn end(&mut self, valid: bool) -> bool {
        let end = self.bytes.len();
        let Some(offset) = O::from_usize(end).filter(|_| end <= self.limit) else {
            return false;
        };
        self.offsets.push(offset);
        self.nulls.append(valid);
        true
    }

    fn finish(mut self) -> Result<ArrayRef> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        let bytes = Buffer::from_vec(self.bytes);
        let nulls = self.nulls.finish();
        Ok(Arc::new(GenericStringArray::<O>::try_new(
            offsets, bytes, nulls,
        )?))
    }
}

/// The rows of several text columns of one type, one after the other.
///
/// # Errors
///
/// [`Error::ColumnType`] if together they have more bytes than the type can hold; an Arrow error if there is no part.
pub fn concat_text(column: &str, parts: &[ArrayRef]) -> Result<ArrayRef> {
    if let [only] = parts {
        return Ok(only.clone());
    }
    concat_within(column, parts, i32::MAX_OFFSET)
}

fn concat_within(column: &str, parts: &[ArrayRef], limit: usize) -> Result<ArrayRef> {
    let bytes = |part: &ArrayRef| {
        let offsets = part.as_string_opt::<i32>().map(GenericStringArray::offsets);
        offsets.map_or(0, |offsets| offsets.lengths().sum())
    };
    if parts.iter().map(bytes).sum::<usize>() > limit {
        return Err(too_long(column, DataType::Utf8));
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    Ok(concat(&parts)?)
}

fn too_long(column: &str, found: DataType) -> Error {
    Error::ColumnType {
        column: column.to_owned(),
        found,
        expected: "a type that holds more text, such as LargeUtf8".into(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;

    use super::*;

    #[test]
    fn every_layout_holds_the_same_rows() {
        let long = "longer than twelve bytes";
        let wanted = StringArray::from(vec![
            Some("ü"),
            None,
            Some(long),
            Some("ü"),
            Some(""),
            Some(long),
        ]);
        for data_type in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View] {
            let mut text = TextBuilder::new("x", &data_type, 2).unwrap();
            text.push("ü").unwrap();
            text.push_null();
            text.push(long).unwrap();
            text.repeat(0).unwrap();
            text.push("").unwrap();
            text.repeat(2).unwrap();
            let array = text.finish().unwrap();
            assert_eq!(array.data_type(), &data_type);
            assert_eq!(cast(&array, &DataType::Utf8).unwrap().as_ref(), &wanted);
        }
        assert!(TextBuilder::new("x", &DataType::Int8, 0).is_err());
    }

    #[test]
    fn text_beyond_the_offsets_is_an_error() {
        let mut text = TextBuilder::new("x", &DataType::Utf8, 0).unwrap();
        if let Layout::Small(offsets) = &mut text.layout {
            offsets.limit = 5;
        }
        text.push("abc").unwrap();
        let wanted =
            "column \"x\" is Utf8, expected a type that holds more text, such as LargeUtf8";
        assert_eq!(text.repeat(0).unwrap_err().to_string(), wanted);
        let part = Arc::new(StringArray::from(vec!["abc"])) as ArrayRef;
        let parts = [part.clone(), part];
        let error = concat_within("x", &parts, 5).unwrap_err();
        assert_eq!(error.to_string(), wanted);
        assert_eq!(concat_within("x", &parts, 6).unwrap().len(), 2);
    }
}

//! One cell of any type, as it is stored.

use alchemy_core::arrow::array::{Array, ArrayData, ArrayRef, make_array};
use alchemy_core::arrow::buffer::{Buffer, NullBuffer};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Error, Result};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::impute::FillValue;
use crate::plain::{data_type_text, is_scalar};

/// A value as an array of length one.
///
/// Numbers, text, Booleans and times are stored as text, values of other types as the bytes of their buffers.
#[derive(Debug, Clone)]
pub(super) struct Cell(pub(super) ArrayRef);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(FillValue),
    Bytes(Buffers),
}

/// The buffers of an Arrow array.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Buffers {
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    length: usize,
    offset: usize,
    valid: Option<Vec<bool>>,
    buffers: Vec<Vec<u8>>,
    children: Vec<Self>,
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let stored = Stored::of(&self.0).map_err(S::Error::custom)?;
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        stored.array().map(Self).map_err(de::Error::custom)
    }
}

impl Stored {
    fn of(array: &ArrayRef) -> Result<Self> {
        if is_scalar(array.data_type()) {
            let value = FillValue::new(array)?;
            return value.map(Self::Text).ok_or_else(|| corrupt("is missing"));
        }
        Buffers::of(&array.to_data()).map(Self::Bytes)
    }

    fn array(self) -> Result<ArrayRef> {
        let array = match self {
            Self::Text(value) => value.array().clone(),
            Self::Bytes(buffers) => make_array(buffers.data()?),
        };
        match array.len() {
            1 => Ok(array),
            _ => Err(corrupt("is not one cell")),
        }
    }
}

impl Buffers {
    fn of(data: &ArrayData) -> Result<Self> {
        let data_type = data.data_type().clone();
        if data_type.to_string().parse().ok() != Some(data_type.clone()) {
            return Err(corrupt(&format!("of type {data_type} cannot be stored")));
        }
        Ok(Self {
            data_type,
            length: data.len(),
            offset: data.offset(),
            valid: data.nulls().map(|nulls| nulls.iter().collect()),
            buffers: data
                .buffers()
                .iter()
                .map(|buffer| buffer.as_slice().to_vec())
                .collect(),
            children: data
                .child_data()
                .iter()
                .map(Self::of)
                .collect::<Result<_>>()?,
        })
    }

    /// The array, checked to be a valid one.
    fn data(self) -> Result<ArrayData> {
        // Arrow accepts a longer validity than there are cells.
        if self
            .valid
            .as_ref()
            .is_some_and(|valid| valid.len() != self.length)
        {
            return Err(corrupt("has more or fewer validities than cells"));
        }
        let children = self.children.into_iter().map(Self::data);
        let builder = ArrayData::builder(self.data_type)
            .len(self.length)
            .offset(self.offset)
            .nulls(self.valid.map(NullBuffer::from))
            .buffers(self.buffers.into_iter().map(Buffer::from_vec).collect())
            .child_data(children.collect::<Result<_>>()?)
            .align_buffers(true);
        Ok(builder.build()?)
    }
}

fn corrupt(message: &str) -> Error {
    Error::Corrupt {
        what: "carried cell".into(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{
        BinaryArray, FixedSizeBinaryArray, Float64Array, IntervalMonthDayNanoArray, ListArray,
        StringViewArray, StructArray, Time32SecondArray, UInt64Array,
    };
    use alchemy_core::arrow::compute::take;
    use alchemy_core::arrow::datatypes::{Field, Int64Type, IntervalMonthDayNano};

    use super::*;

    fn stored_and_loaded(array: &ArrayRef) {
        let cell = take(array, &UInt64Array::from(vec![1]), None).unwrap();
        let json = serde_json::to_string(&Cell(cell.clone())).unwrap();
        let loaded: Cell = serde_json::from_str(&json).unwrap();
        assert_eq!(loaded.0.as_ref(), cell.as_ref(), "{json}");
        assert_eq!(loaded.0.data_type(), cell.data_type());
    }

    #[test]
    fn a_cell_of_any_type_survives_json() {
        let x = Arc::new(Float64Array::from(vec![Some(1.0), None])) as ArrayRef;
        let field = Arc::new(Field::new("x", DataType::Float64, true));
        let list = vec![None, Some(vec![Some(1), None, Some(3)])];
        let interval = IntervalMonthDayNano::new(1, -2, 3);
        let fixed = FixedSizeBinaryArray::try_from_iter([[1_u8; 3], [7; 3]].iter());
        let arrays: [ArrayRef; 8] = [
            Arc::new(Float64Array::from(vec![0.0, f64::NEG_INFINITY])),
            Arc::new(StringViewArray::from(vec![
                "",
                "a text that does not fit in a view",
            ])),
            Arc::new(BinaryArray::from(vec![&b""[..], &b"\0\xff"[..]])),
            Arc::new(fixed.unwrap()),
            Arc::new(Time32SecondArray::from(vec![1, 2])),
            Arc::new(IntervalMonthDayNanoArray::from(vec![interval; 2])),
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(list)),
            Arc::new(StructArray::from(vec![(field, x)])),
        ];
        arrays.iter().for_each(stored_and_loaded);
    }

    #[test]
    fn bytes_that_are_no_array_are_refused() {
        let buffers = |length: u64, offset: u64, bytes: &str| {
            format!(
                r#"{{"type":"Time32(s)","length":{length},"offset":{offset},"valid":null,"buffers":{bytes},"children":[]}}"#
            )
        };
        let read = |json: String| serde_json::from_str::<Cell>(&json);
        assert!(read(buffers(1, 0, "[[1,0,0,0]]")).is_ok());
        for json in [
            buffers(2, 0, "[[1,0,0,0,1,0,0,0]]"),
            buffers(1, 0, "[[1,0,0]]"),
            buffers(1, 1, "[[1,0,0,0]]"),
            buffers(1, 0, "[]"),
            buffers(1, u64::MAX, "[[1,0,0,0]]"),
            buffers(0, 0, "[[]]"),
        ] {
            assert!(read(json.clone()).is_err(), "{json}");
        }
        let binary = |offsets: &str| {
            format!(
                r#"{{"type":"Binary","length":1,"offset":0,"valid":[true],"buffers":[{offsets},[7]],"children":[]}}"#
            )
        };
        assert!(read(binary("[0,0,0,0,1,0,0,0]")).is_ok());
        assert!(read(binary("[0,0,0,0,2,0,0,0]")).is_err());
        assert!(read(binary("[0,0,0,0,255,255,255,255]")).is_err());
        assert!(read(binary("[0,0,0,0,1,0,0,0]").replace("[true]", "[true,true]")).is_err());
    }
}

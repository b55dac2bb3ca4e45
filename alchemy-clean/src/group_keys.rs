//! The columns that rows are grouped by, and the groups there are.

use std::collections::HashMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{Groups, Key, by_name, index_of};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::plain::{
    data_type_text, is_scalar, plain, require, require_learned, value_type, without_negative_zero,
};
use crate::rebuilt::rebuilt;

/// The key columns, with the types they were learned in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyColumns(Vec<KeyColumn>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeyColumn {
    name: String,
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
}

impl KeyColumns {
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column whose values have no text.
    pub(crate) fn new(schema: &Schema, names: &[String]) -> Result<Self> {
        let column = |name: &String| {
            let found = schema.field(index_of(schema, name)?).data_type();
            let expected = "a number, text, a Boolean or a point in time";
            require(is_scalar(found), name, found, expected)?;
            Ok(KeyColumn {
                name: name.clone(),
                data_type: value_type(found),
            })
        };
        names.iter().map(column).collect::<Result<_>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.name.as_str())
    }

    /// Refuses a schema without the key columns in the types they were learned in.
    pub(crate) fn check(&self, schema: &Schema) -> Result<()> {
        self.0.iter().try_for_each(|KeyColumn { name, data_type }| {
            let found = schema.field(index_of(schema, name)?).data_type();
            require_learned(name, data_type, found)
        })
    }

    /// The groups of the rows of `batch`. NaN is null and −0 is 0.
    pub(crate) fn groups(&self, batch: &RecordBatch) -> Result<Groups> {
        self.check(batch.schema_ref())?;
        let mut fields = Vec::with_capacity(self.0.len());
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.0.len());
        for (number, KeyColumn { name, .. }) in self.0.iter().enumerate() {
            let values = without_negative_zero(name, &plain(name, by_name(batch, name)?)?)?;
            // By number, for a column may be named twice.
            fields.push(Field::new(
                number.to_string(),
                values.data_type().clone(),
                true,
            ));
            columns.push(values);
        }
        let names: Vec<String> = (0..fields.len()).map(|number| number.to_string()).collect();
        let keys = rebuilt(batch, Arc::new(Schema::new(fields)), columns)?;
        Groups::of(&keys, &names)
    }
}

/// Keys numbered in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<Key>", try_from = "Vec<Key>")]
pub(crate) struct KeyTable {
    keys: Vec<Key>,
    numbers: HashMap<Key, usize>,
}

impl KeyTable {
    /// The number of `key`, a new one if it is new.
    pub(crate) fn insert(&mut self, key: Key) -> usize {
        let next = self.keys.len();
        let number = *self.numbers.entry(key.clone()).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }

    pub(crate) fn number(&self, key: &Key) -> Option<usize> {
        self.numbers.get(key).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    pub(crate) fn into_keys(self) -> Vec<Key> {
        self.keys
    }
}

impl From<KeyTable> for Vec<Key> {
    fn from(table: KeyTable) -> Self {
        table.keys
    }
}

impl TryFrom<Vec<Key>> for KeyTable {
    type Error = Error;

    fn try_from(keys: Vec<Key>) -> Result<Self> {
        let mut table = Self::default();
        for key in keys {
            let next = table.len();
            if table.insert(key) != next {
                return Err(Error::Corrupt {
                    what: "groups".into(),
                    message: "a group occurs twice".into(),
                });
            }
        }
        Ok(table)
    }
}

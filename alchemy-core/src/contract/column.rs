//! What a contract says of one column.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

use super::{Converted, Rule, convert};
use crate::column::index_of;
use crate::{Error, Result, Role};

/// What a [`Contract`](super::Contract) says of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnContract {
    pub(super) name: String,
    #[serde(with = "data_type_text")]
    pub(super) data_type: DataType,
    #[serde(default)]
    pub(super) role: Role,
    #[serde(default)]
    pub(super) expectations: Vec<Rule>,
}

impl ColumnContract {
    pub(super) fn of(field: &Field) -> Self {
        Self {
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            role: Role::of(field),
            expectations: Vec::new(),
        }
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    #[must_use]
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// What it must be like.
    #[must_use]
    pub fn expectations(&self) -> &[Rule] {
        &self.expectations
    }

    pub(super) fn is_needed_for_scoring(&self) -> bool {
        !matches!(self.role, Role::Target | Role::Weight | Role::Ignored)
    }

    /// Where the column stands in `batch`, and its cells in the contract's type; `None` where it is absent and may be.
    pub(super) fn read(
        &self,
        batch: &RecordBatch,
        needed: bool,
    ) -> Result<Option<(usize, Converted)>> {
        let Some(index) = self.find(batch.schema_ref(), needed)? else {
            return Ok(None);
        };
        let converted = convert::to_type(&self.name, batch.column(index), &self.data_type)?;
        Ok(Some((index, converted)))
    }

    fn find(&self, schema: &Schema, needed: bool) -> Result<Option<usize>> {
        match index_of(schema, &self.name) {
            Ok(index) => Ok(Some(index)),
            Err(Error::ColumnNotFound { .. }) if !needed => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn field(&self) -> Field {
        self.role
            .stamp(&Field::new(&self.name, self.data_type.clone(), true))
    }
}

/// Arrow types as the text they print.
mod data_type_text {
    use arrow::datatypes::DataType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        data_type: &DataType,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(data_type)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DataType, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

//! What a column is for, carried in Arrow field metadata.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The metadata key under which a field carries its role.
const KEY: &str = "alchemy.role";

/// What a column is for.
///
/// Roles are set once, in a [`Contract`](crate::Contract), and stamped on the fields of every batch that enters a
/// pipeline, so every step and model of the pipeline sees them. A field without a role is a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Input of a model.
    #[default]
    Feature,
    /// What a model learns to predict; absent when scoring.
    Target,
    /// The time of a row.
    Time,
    /// Names the entity a row belongs to.
    Key,
    /// The weight of a row in a fit.
    Weight,
    /// Carried along, used by nothing.
    Ignored,
}

impl Role {
    const ALL: [Self; 6] = [
        Self::Feature,
        Self::Target,
        Self::Time,
        Self::Key,
        Self::Weight,
        Self::Ignored,
    ];

    /// The role stamped on `field`, or [`Role::Feature`].
    #[must_use]
    pub fn of(field: &Field) -> Self {
        let stamped = field.metadata().get(KEY);
        Self::ALL
            .into_iter()
            .find(|role| stamped.is_some_and(|name| name == role.name()))
            .unwrap_or_default()
    }

    /// `field` with this role; its other metadata is kept.
    #[must_use]
    pub fn stamp(self, field: &Field) -> Field {
        let mut metadata: HashMap<String, String> = field.metadata().clone();
        metadata.insert(KEY.to_owned(), self.name().to_owned());
        field.clone().with_metadata(metadata)
    }

    /// The only column of `schema` with this role, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if several columns have it.
    pub fn find(self, schema: &Schema) -> Result<Option<&str>> {
        let mut found = schema
            .fields()
            .iter()
            .filter(|field| Self::of(field) == self);
        match (found.next(), found.next()) {
            (Some(a), Some(b)) => {
                let message = format!(
                    "both {:?} and {:?} are of role {}",
                    a.name(),
                    b.name(),
                    self.name()
                );
                Err(Error::parameter("role", message))
            }
            (first, _) => Ok(first.map(|field| field.name().as_str())),
        }
    }

    /// `batch` with this role stamped on the column `name`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`] if there is no such column.
    pub fn stamp_column(self, batch: &RecordBatch, name: &str) -> Result<RecordBatch> {
        let index = crate::column::index_of(batch.schema_ref(), name)?;
        let fields: Vec<Field> = (batch.schema_ref().fields().iter().enumerate())
            .map(|(i, field)| {
                if i == index {
                    self.stamp(field)
                } else {
                    field.as_ref().clone()
                }
            })
            .collect();
        let schema = Schema::new_with_metadata(fields, batch.schema_ref().metadata().clone());
        Ok(batch.clone().with_schema(Arc::new(schema))?)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Target => "target",
            Self::Time => "time",
            Self::Key => "key",
            Self::Weight => "weight",
            Self::Ignored => "ignored",
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_role_survives_on_the_field_and_keeps_other_metadata() {
        let field = Field::new("x", DataType::Int64, true)
            .with_metadata([("unit".into(), "m".into())].into());
        assert_eq!(Role::of(&field), Role::Feature);
        for role in Role::ALL {
            let stamped = role.stamp(&field);
            assert_eq!(Role::of(&stamped), role);
            assert_eq!(stamped.metadata()["unit"], "m");
        }
        let two = Schema::new(vec![
            Role::Target.stamp(&field),
            Role::Target.stamp(&field.with_name("y")),
        ]);
        assert!(Role::Target.find(&two).is_err());
        assert_eq!(Role::Time.find(&two).unwrap(), None);
    }
}

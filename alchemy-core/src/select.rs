//! Which columns a step works on.

use arrow::datatypes::{DataType, Schema};
use serde::{Deserialize, Serialize};

use crate::column::{index_of, is_boolean, is_numeric, is_temporal, is_text};
use crate::{Result, Role};

/// A choice of columns, by name or by kind, resolved against a schema when a step is fitted.
///
/// Names are taken as they are and must exist. A kind selects the columns of role
/// [`Feature`](Role::Feature) only, in schema order, and may select none.
///
/// # Examples
///
/// ```
/// use alchemy_core::ColumnSelector;
/// use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
///
/// let schema = Schema::new(vec![
///     Field::new("age", DataType::Int64, true),
///     Field::new("city", DataType::Utf8, true),
/// ]);
/// assert_eq!(ColumnSelector::numeric().resolve(&schema)?, ["age"]);
/// assert_eq!(ColumnSelector::from(["city"]).resolve(&schema)?, ["city"]);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSelector(Choice);

/// Stored as a list of names, or as the word for a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a list of column names, or one of numeric, text, boolean, temporal, all"
)]
enum Choice {
    Names(Vec<String>),
    Kind(Kind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Numeric,
    Text,
    Boolean,
    Temporal,
    All,
}

impl ColumnSelector {
    /// Every numeric feature.
    #[must_use]
    pub fn numeric() -> Self {
        Self(Choice::Kind(Kind::Numeric))
    }

    /// Every text feature.
    #[must_use]
    pub fn text() -> Self {
        Self(Choice::Kind(Kind::Text))
    }

    /// Every Boolean feature.
    #[must_use]
    pub fn boolean() -> Self {
        Self(Choice::Kind(Kind::Boolean))
    }

    /// Every date or timestamp feature.
    #[must_use]
    pub fn temporal() -> Self {
        Self(Choice::Kind(Kind::Temporal))
    }

    /// Every feature.
    #[must_use]
    pub fn all() -> Self {
        Self(Choice::Kind(Kind::All))
    }

    /// The names, if the choice is by name.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        match &self.0 {
            Choice::Names(names) => Some(names),
            Choice::Kind(_) => None,
        }
    }

    /// The names of the chosen columns.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`](crate::Error::ColumnNotFound) or
    /// [`Error::DuplicateColumn`](crate::Error::DuplicateColumn) for a name that does not stand for one column.
    pub fn resolve(&self, schema: &Schema) -> Result<Vec<String>> {
        let wanted: fn(&DataType) -> bool = match &self.0 {
            Choice::Names(names) => {
                for name in names {
                    index_of(schema, name)?;
                }
                return Ok(names.clone());
            }
            Choice::Kind(Kind::Numeric) => is_numeric,
            Choice::Kind(Kind::Text) => is_text,
            Choice::Kind(Kind::Boolean) => is_boolean,
            Choice::Kind(Kind::Temporal) => is_temporal,
            Choice::Kind(Kind::All) => |_| true,
        };
        let chosen = schema
            .fields()
            .iter()
            .filter(|f| Role::of(f) == Role::Feature && wanted(f.data_type()));
        Ok(chosen.map(|field| field.name().clone()).collect())
    }
}

impl From<&str> for ColumnSelector {
    fn from(name: &str) -> Self {
        Self::from([name])
    }
}

impl From<String> for ColumnSelector {
    fn from(name: String) -> Self {
        Self(Choice::Names(vec![name]))
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for ColumnSelector {
    fn from(names: [S; N]) -> Self {
        Self::from(Vec::from(names))
    }
}

impl<S: Into<String>> From<Vec<S>> for ColumnSelector {
    fn from(names: Vec<S>) -> Self {
        Self(Choice::Names(names.into_iter().map(Into::into).collect()))
    }
}

impl<S: AsRef<str>> From<&[S]> for ColumnSelector {
    fn from(names: &[S]) -> Self {
        names
            .iter()
            .map(|name| name.as_ref().to_owned())
            .collect::<Vec<_>>()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;

    use super::*;

    #[test]
    fn a_kind_leaves_the_target_alone_and_a_name_does_not() {
        let target = Role::Target.stamp(&Field::new("y", DataType::Int64, true));
        let schema = Schema::new(vec![Field::new("x", DataType::Float64, true), target]);
        assert_eq!(ColumnSelector::numeric().resolve(&schema).unwrap(), ["x"]);
        assert_eq!(ColumnSelector::from("y").resolve(&schema).unwrap(), ["y"]);
        assert_eq!(ColumnSelector::text().resolve(&schema).unwrap(), [""; 0]);
        assert!(ColumnSelector::from("z").resolve(&schema).is_err());
    }
}

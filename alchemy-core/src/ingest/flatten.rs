//! Nested columns as columns of their own.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::buffer::NullBuffer;
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};

use crate::{Error, Result};

/// Puts the fields of struct columns, however deep, in the place of the struct, named by their path: the field
/// `user_agent` of the column `headers` becomes `headers.user_agent` if `separator` is `"."`.
///
/// Where a struct is null, so are its fields; that a struct was there without a value in any field is not kept. Lists
/// and maps stay as they are, whatever they hold.
///
/// # Names
///
/// A column that is not nested keeps its name, dots and all. A path is its field names with `separator` between them. A
/// field name inside a path stands in double quotes, as in TOML, if it could be mistaken for more than one: if it holds
/// the separator or a double quote (which is doubled), if it begins or ends with a character of the separator, or if it
/// is empty. So the paths `a.b`, `c` and `a`, `b`, `c` become `"a.b".c` and `a.b.c`, and no two paths share a name. The
/// one thing left, a column that is called what a path becomes, is an error, since no name would be clear.
///
/// Costs one pass over the validity of nested columns; values are shared.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the separator is empty or holds a double quote, or if a column is called what a
///   path becomes.
/// - [`Error::DuplicateColumn`] if a struct has two fields of one name, or the batch two such columns.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// # #[cfg(feature = "json")] {
/// use alchemy_core::{JsonReader, flatten};
///
/// let lines = r#"{"id": 1, "zones": {"hg.nginx.org": {"sent": 7}}}"#;
/// let nested = JsonReader::new().read_from(lines.as_bytes())?;
/// assert_eq!(nested.num_columns(), 2);
///
/// let flat = flatten(&nested, ".")?;
/// assert_eq!(flat.schema().field(1).name(), r#"zones."hg.nginx.org".sent"#);
/// # }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "json_normalize")]
pub fn flatten(batch: &RecordBatch, separator: &str) -> Result<RecordBatch> {
    check_separator(separator)?;
    let mut flat = Flat {
        separator,
        fields: Vec::new(),
        columns: Vec::new(),
    };
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        flat.add(&mut vec![field.name()], field, column, None)?;
    }
    flat.check_names(batch.schema_ref())?;
    let schema = Schema::new_with_metadata(flat.fields, batch.schema_ref().metadata().clone());
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(schema), flat.columns, &options)
        .map_err(Error::Arrow)
}

/// The name of the column that `path` leads to.
pub(super) fn flattened_name(path: &[impl AsRef<str>], separator: &str) -> String {
    let [column] = path else {
        let keys = path.iter().map(AsRef::as_ref).map(|key| {
            let doubtful = key.is_empty()
                || key.contains(separator)
                || key.contains('"')
                || key.starts_with(|first| separator.contains(first))
                || key.ends_with(|last| separator.contains(last));
            if doubtful {
                format!("\"{}\"", key.replace('"', "\"\""))
            } else {
                key.to_owned()
            }
        });
        return keys.collect::<Vec<_>>().join(separator);
    };
    column.as_ref().to_owned()
}

pub(super) fn check_separator(separator: &str) -> Result<()> {
    if separator.is_empty() || separator.contains('"') {
        return Err(Error::parameter(
            "separator",
            "must not be empty, nor hold a double quote",
        ));
    }
    Ok(())
}

struct Flat<'a> {
    separator: &'a str,
    fields: Vec<FieldRef>,
    columns: Vec<ArrayRef>,
}

impl Flat<'_> {
    /// Adds a column or its fields. `outer` says where the structs around it are null.
    fn add<'f>(
        &mut self,
        path: &mut Vec<&'f str>,
        field: &'f FieldRef,
        array: &ArrayRef,
        outer: Option<&NullBuffer>,
    ) -> Result<()> {
        if let DataType::Struct(children) = field.data_type() {
            let nulls = NullBuffer::union(outer, array.nulls());
            for (child, values) in children.iter().zip(array.as_struct().columns()) {
                path.push(child.name());
                self.add(path, child, values, nulls.as_ref())?;
                path.pop();
            }
            return Ok(());
        }
        let name = flattened_name(path, self.separator);
        let nullable = field.is_nullable() || path.len() > 1;
        self.fields.push(Arc::new(
            Field::clone(field).with_name(name).with_nullable(nullable),
        ));
        self.columns.push(match outer {
            None => array.clone(),
            Some(outer) => nullif(array, &BooleanArray::new(!outer.inner(), None))?,
        });
        Ok(())
    }

    fn check_names(&self, schema: &Schema) -> Result<()> {
        let mut seen = HashSet::new();
        let Some(twice) = self
            .fields
            .iter()
            .map(|field| field.name())
            .find(|name| !seen.insert(*name))
        else {
            return Ok(());
        };
        let own = schema
            .fields()
            .iter()
            .filter(|field| field.name() == twice && !field.data_type().is_nested())
            .count();
        if own == 1 {
            let separator = self.separator;
            return Err(Error::parameter(
                "separator",
                format!(
                    "with {separator:?} a nested field would be called as the column {twice:?} is; take another one"
                ),
            ));
        }
        Err(Error::DuplicateColumn {
            column: twice.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, ListArray, StringArray, StructArray};
    use arrow::datatypes::{Fields, Int64Type};

    use super::*;

    fn structure(columns: Vec<(&str, ArrayRef)>, nulls: Option<Vec<bool>>) -> ArrayRef {
        let fields: Fields = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        Arc::new(StructArray::new(
            fields,
            arrays,
            nulls.map(NullBuffer::from),
        ))
    }

    fn numbers(values: &[Option<i64>]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    fn names(batch: &RecordBatch) -> Vec<String> {
        batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    }

    #[test]
    fn fields_take_the_place_of_their_struct_and_its_nulls() {
        let inner = structure(
            vec![("x", numbers(&[Some(1), Some(2), Some(3), None]))],
            Some(vec![true, true, false, true]),
        );
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1)]),
            None,
            Some(vec![]),
            Some(vec![None]),
        ]);
        let outer = structure(
            vec![("in", inner), ("l", Arc::new(list.clone()))],
            Some(vec![true, false, true, true]),
        );
        let text = Arc::new(StringArray::from(vec!["a", "b", "c", "d"])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("id.x", text.clone()), ("s", outer)]).unwrap();
        let flat = flatten(&batch, ".").unwrap();
        assert_eq!(names(&flat), ["id.x", "s.in.x", "s.l"]);
        assert_eq!(flat.column(0), &text);
        assert_eq!(flat.column(1), &numbers(&[Some(1), None, None, None]));
        assert!(flat.column(2).is_null(1) && flat.column(2).is_valid(2));
        let part = flatten(&batch.slice(1, 3), ".").unwrap();
        assert_eq!(part, flat.slice(1, 3));
        assert_eq!(flatten(&flat, ".").unwrap(), flat);
        for column in flat.columns() {
            column.to_data().validate_full().unwrap();
        }
    }

    #[test]
    fn no_two_paths_share_a_name() {
        const KEYS: [&str; 12] = [
            "", "a", "b", "a.b", ".", "a.", ".a", "_", "a_", "__", "\"", "\"a\"",
        ];
        for separator in [".", "__", "ab", "_._"] {
            let mut seen = std::collections::HashMap::new();
            for a in KEYS {
                for b in KEYS {
                    for path in std::iter::once(vec![a, b]).chain(KEYS.map(|c| vec![a, b, c])) {
                        let name = flattened_name(&path, separator);
                        let other = seen
                            .insert(name.clone(), path.clone())
                            .filter(|other| *other != path);
                        assert_eq!(other, None, "{name} by {separator}");
                    }
                }
            }
        }
        assert_eq!(
            flattened_name(&["server_zones", "hg.nginx.org", "1xx"], "."),
            "server_zones.\"hg.nginx.org\".1xx"
        );
        assert_eq!(flattened_name(&["id.orig_h"], "."), "id.orig_h");
    }

    #[test]
    fn a_name_that_stands_for_two_columns_is_an_error() {
        let nested = structure(vec![("b", numbers(&[None]))], None);
        let batch =
            RecordBatch::try_from_iter([("a.b", numbers(&[Some(1)])), ("a", nested)]).unwrap();
        let error = flatten(&batch, ".").unwrap_err().to_string();
        assert!(
            error.contains("\"a.b\"") && error.contains("take another one"),
            "{error}"
        );
        assert_eq!(names(&flatten(&batch, "/").unwrap()), ["a.b", "a/b"]);
        let twice = structure(vec![("b", numbers(&[None])), ("b", numbers(&[None]))], None);
        let batch = RecordBatch::try_from_iter([("a", twice)]).unwrap();
        assert!(matches!(
            flatten(&batch, "."),
            Err(Error::DuplicateColumn { .. })
        ));
        assert!(flatten(&batch, "").is_err() && flatten(&batch, "\"").is_err());
    }

    #[test]
    fn structs_without_fields_and_batches_without_rows_flatten() {
        let empty = Arc::new(StructArray::new_empty_fields(2, None)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("e", empty)]).unwrap();
        let flat = flatten(&batch, ".").unwrap();
        assert_eq!((flat.num_columns(), flat.num_rows()), (0, 2));
        assert_eq!(flatten(&batch.slice(0, 0), ".").unwrap().num_rows(), 0);
    }
}

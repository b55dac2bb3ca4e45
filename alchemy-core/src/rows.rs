//! Rust structs as rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, FieldRef, Schema};
use arrow::util::display::array_value_to_string;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_arrow::schema::{SchemaLike, TracingOptions};
use serde_json::{Map, Value};

use crate::{Error, Result, column};

/// Makes a batch of rows: every field of `T` is a column.
///
/// Integers, floats, Booleans and text keep their type (text is `Utf8`), `Option` is a value or null, a struct is a
/// `Struct`, a `Vec` a `List`, an enum without data its variant's name. Dates and times are what their `Serialize` makes of
/// them, which for most crates is text; [`to_batch_with_schema`] gives them a type of Arrow. NaN stays NaN. All columns are
/// nullable. A field that is `None` in every row is of type `Null`, since nothing tells what it would be.
///
/// Costs two passes over `rows`.
///
/// # Errors
///
/// - [`Error::Empty`] without a row, which would leave the types open.
/// - [`Error::InvalidValue`] naming row and field if a row is not like those before it.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::{from_batch, to_batch};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Person {
///     name: String,
///     age: Option<u8>,
/// }
///
/// let rows = vec![
///     Person { name: "Ada".into(), age: Some(36) },
///     Person { name: "Alan".into(), age: None },
/// ];
/// let batch = to_batch(&rows)?;
/// assert_eq!(batch.column(1).null_count(), 1);
/// assert_eq!(from_batch::<Person>(&batch)?, rows);
/// # Ok(())
/// # }
/// ```
pub fn to_batch<T: Serialize>(rows: &[T]) -> Result<RecordBatch> {
    if rows.is_empty() {
        return Err(Error::Empty {
            what: "the list of rows".to_owned(),
        });
    }
    let options = TracingOptions::default()
        .allow_null_fields(true)
        .enums_without_data_as_strings(true)
        .sequence_as_large_list(false)
        .strings_as_large_utf8(false)
        .bytes_as_large_binary(false);
    let fields = trace(rows, &options).map_err(|error| unlike(rows, &options, &error))?;
    let nullable = |field: &FieldRef| Field::clone(field).with_nullable(true);
    write(
        rows,
        &fields
            .iter()
            .map(nullable)
            .map(Arc::new)
            .collect::<Vec<_>>(),
    )
}

/// Makes a batch of rows with the columns of `schema`: for dates and times, for fields that may be `None` in all rows, or for
/// no rows at all.
///
/// # Errors
///
/// [`Error::InvalidValue`] naming row and field if a value does not fit its column.
pub fn to_batch_with_schema<T: Serialize>(rows: &[T], schema: &Schema) -> Result<RecordBatch> {
    write(rows, schema.fields())
}

/// The rows of a batch; fields find their columns by name.
///
/// Null is `None`. Columns that `T` has no field for are left out. This is the inverse of [`to_batch`].
///
/// # Errors
///
/// - [`Error::ColumnNotFound`] if a field that is no `Option` has no column.
/// - [`Error::InvalidValue`] naming row and field if a value does not fit: a null where `T` has no `Option`, text for a
///   number, an integer that is too large.
pub fn from_batch<T: DeserializeOwned>(batch: &RecordBatch) -> Result<Vec<T>> {
    serde_arrow::from_record_batch(batch).map_err(|error| {
        let mut rows = (0..batch.num_rows()).map(|row| (row, batch.slice(row, 1)));
        let failed = rows.find_map(|(row, one)| {
            Some((row, serde_arrow::from_record_batch::<Vec<T>>(&one).err()?))
        });
        let (row, error) = failed.unwrap_or((0, error));
        unreadable(batch, row, &error)
    })
}

fn write<T: Serialize>(rows: &[T], fields: &[FieldRef]) -> Result<RecordBatch> {
    let written = |rows: &[T]| serde_arrow::to_record_batch(fields, &rows);
    written(rows).map_err(|error| {
        let (row, error) = first_failure(rows, |row| written(row).err()).unwrap_or((0, error));
        unwritable(rows, row, &field_of(&error), &error)
    })
}

fn trace<T: Serialize>(rows: &[T], options: &TracingOptions) -> serde_arrow::Result<Vec<FieldRef>> {
    Vec::<FieldRef>::from_samples(rows, options.clone())
}

/// Why rows have no types in common: the first row that has none with those before it, and the first of its fields.
fn unlike<T: Serialize>(rows: &[T], options: &TracingOptions, error: &serde_arrow::Error) -> Error {
    let row = first_unlike(rows, |head| trace(head, options).is_ok());
    let head = rows[..=row].iter();
    let values: Vec<Value> = head
        .map(|row| serde_json::to_value(row).unwrap_or_default())
        .collect();
    let keys = values.last().and_then(Value::as_object).map(Map::keys);
    let field = keys.into_iter().flatten().find(|key| {
        let cells = values
            .iter()
            .map(|value| BTreeMap::from([("cell", value.get(*key))]));
        trace(&cells.collect::<Vec<_>>(), options).is_err()
    });
    unwritable(rows, row, field.map_or("", String::as_str), error)
}

/// The first row that fails alone.
fn first_failure<T, E>(rows: &[T], failure: impl Fn(&[T]) -> Option<E>) -> Option<(usize, E)> {
    rows.chunks(1)
        .enumerate()
        .find_map(|(row, one)| Some((row, failure(one)?)))
}

/// The first row that is not like all before it, by bisection.
fn first_unlike<T>(rows: &[T], is_alike: impl Fn(&[T]) -> bool) -> usize {
    let (mut alike, mut unlike) = (0, rows.len());
    while unlike - alike > 1 {
        let middle = alike + (unlike - alike) / 2;
        if is_alike(&rows[..middle]) {
            alike = middle;
        } else {
            unlike = middle;
        }
    }
    alike
}

fn unwritable<T: Serialize>(
    rows: &[T],
    row: usize,
    field: &str,
    error: &serde_arrow::Error,
) -> Error {
    let value = rows.get(row).and_then(|row| serde_json::to_value(row).ok());
    let cell = value
        .as_ref()
        .and_then(|value| value.pointer(&format!("/{}", field.replace('.', "/"))));
    let text = cell.map_or_else(String::new, ToString::to_string);
    Error::value(
        field,
        row as u64,
        &text,
        format!("what its column holds ({})", error.message()),
    )
}

fn unreadable(batch: &RecordBatch, row: usize, error: &serde_arrow::Error) -> Error {
    if let Some(missing) = between(error.message(), "missing field `", "`") {
        let names = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|field| field.name().as_str());
        return Error::column_not_found(missing, names.collect::<Vec<_>>());
    }
    let field = field_of(error);
    let name = field.split('.').next().unwrap_or_default();
    let cell = column::by_name(batch, name)
        .ok()
        .filter(|cells| row < cells.len());
    let text = match cell {
        Some(cells) if cells.is_null(row) => "null".to_owned(),
        Some(cells) => array_value_to_string(cells, row).unwrap_or_default(),
        None => String::new(),
    };
    Error::value(
        &field,
        row as u64,
        &text,
        format!("what the field holds ({})", error.message()),
    )
}

/// The path of the field at fault, which the error prints after its message.
fn field_of(error: &serde_arrow::Error) -> String {
    let text = error.to_string();
    let path = between(&text, "field: \"$", "\"").unwrap_or_default();
    path.trim_start_matches('.').to_owned()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::{DataType, TimeUnit};
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Inner {
        code: u16,
        tags: Vec<String>,
        weight: Option<f32>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Size {
        Small,
        Large,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Row {
        id: i64,
        big: u64,
        small: i8,
        share: f64,
        flag: bool,
        name: String,
        note: Option<String>,
        count: Option<i32>,
        day: chrono_text::Day,
        inner: Inner,
        size: Size,
    }

    /// A date as its crates write it.
    mod chrono_text {
        use serde::{Deserialize, Serialize};

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(super) struct Day(pub(super) String);
    }

    fn float() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(-0.0)
        ]
    }

    prop_compose! {
        fn row()(
            id in any::<i64>(), big in any::<u64>(), small in any::<i8>(), share in float(), flag in any::<bool>(),
            name in ".{0,8}", note in proptest::option::of(".{0,4}"), count in proptest::option::of(any::<i32>()),
            day in (1900..2100, 1..13, 1..29), code in any::<u16>(), tags in prop::collection::vec("[a-c]{0,3}", 0..4),
            weight in proptest::option::of(any::<f32>()), large in any::<bool>(),
        ) -> Row {
            let day = chrono_text::Day(format!("{:04}-{:02}-{:02}", day.0, day.1, day.2));
            let size = if large { Size::Large } else { Size::Small };
            Row { id, big, small, share, flag, name, note, count, day, inner: Inner { code, tags, weight }, size }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn rows_come_back(rows in prop::collection::vec(row(), 1..20), at in 0usize..20) {
            let batch = to_batch(&rows).unwrap();
            prop_assert_eq!(batch.num_rows(), rows.len());
            let back = from_batch::<Row>(&batch).unwrap();
            // Debug text, for NaN is not equal to itself, and -0.0 is to 0.0.
            prop_assert_eq!(format!("{back:?}"), format!("{rows:?}"));
            let at = at.min(rows.len());
            let part = from_batch::<Row>(&batch.slice(at, rows.len() - at)).unwrap();
            prop_assert_eq!(format!("{part:?}"), format!("{:?}", &rows[at..]));
            for column in batch.columns() {
                column.to_data().validate_full().unwrap();
            }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Visit {
        when: Option<String>,
        pages: u8,
    }

    #[test]
    fn a_schema_types_dates_and_no_rows() {
        let schema = Schema::new(vec![
            Field::new("when", DataType::Date32, true),
            Field::new("pages", DataType::UInt8, false),
        ]);
        let visits = [
            Visit {
                when: Some("2024-02-29".into()),
                pages: 3,
            },
            Visit {
                when: None,
                pages: 0,
            },
        ];
        let batch = to_batch_with_schema(&visits, &schema).unwrap();
        assert_eq!(batch.schema().as_ref(), &schema);
        assert_eq!(from_batch::<Visit>(&batch).unwrap(), visits);
        let time = DataType::Timestamp(TimeUnit::Millisecond, None);
        let timed = Schema::new(vec![
            Field::new("when", time, true),
            Field::new("pages", DataType::UInt8, false),
        ]);
        let visits = [Visit {
            when: Some("2024-02-29T12:30:00.250".into()),
            pages: 3,
        }];
        let back = from_batch::<Visit>(&to_batch_with_schema(&visits, &timed).unwrap()).unwrap();
        assert_eq!(back, visits);
        assert_eq!(
            to_batch_with_schema::<Visit>(&[], &schema)
                .unwrap()
                .num_rows(),
            0
        );
        assert!(matches!(to_batch::<Visit>(&[]), Err(Error::Empty { .. })));
        let none = to_batch(&[Visit {
            when: None,
            pages: 1,
        }])
        .unwrap();
        assert_eq!(none.schema().field(0).data_type(), &DataType::Null);
        assert_eq!(from_batch::<Visit>(&none).unwrap()[0].when, None);
    }

    #[test]
    fn an_error_names_row_and_field() {
        let schema = Schema::new(vec![
            Field::new("when", DataType::Date32, true),
            Field::new("pages", DataType::UInt8, false),
        ]);
        let visits = [
            Visit {
                when: Some("2024-02-29".into()),
                pages: 3,
            },
            Visit {
                when: Some("soon".into()),
                pages: 0,
            },
        ];
        let error = to_batch_with_schema(&visits, &schema)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(
                "column \"when\", row 1: \"\\\"soon\\\"\" is not what its column holds"
            ),
            "{error}"
        );

        let batch = |pages: Vec<Option<i64>>| {
            let when = StringArray::from(vec![Some("a"); pages.len()]);
            RecordBatch::try_from_iter([
                ("when", Arc::new(when) as ArrayRef),
                ("pages", Arc::new(Int64Array::from(pages))),
            ])
            .unwrap()
        };
        let error = from_batch::<Visit>(&batch(vec![Some(1), Some(2), Some(256)]))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("column \"pages\", row 2: \"256\" is not what the field holds"),
            "{error}"
        );
        let error = from_batch::<Visit>(&batch(vec![Some(1), None]))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("column \"pages\", row 1: \"null\" is not what the field holds"),
            "{error}"
        );
        let short = batch(vec![Some(1)]).project(&[0]).unwrap();
        assert!(
            matches!(from_batch::<Visit>(&short), Err(Error::ColumnNotFound { column, .. }) if column == "pages")
        );
        // An `Option` needs no column.
        let short = batch(vec![Some(1)]).project(&[1]).unwrap();
        assert_eq!(
            from_batch::<Visit>(&short).unwrap(),
            [Visit {
                when: None,
                pages: 1
            }]
        );
    }

    #[test]
    fn rows_unlike_those_before_are_named() {
        let rows = [
            serde_json::json!({"a": 1}),
            serde_json::json!({"a": 2}),
            serde_json::json!({"a": "x"}),
            serde_json::json!({"a": 3}),
        ];
        let error = to_batch(&rows).unwrap_err().to_string();
        assert!(
            error.starts_with("column \"a\", row 2: \"\\\"x\\\"\""),
            "{error}"
        );
    }
}

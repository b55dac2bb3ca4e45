//! Columns that stand in the path of a file, as in `ds=2024-01-01/part-0.parquet` (Hive's layout).

use std::path::{Component, Path};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field};
use chrono::NaiveDate;

use crate::{Error, Result};

/// The folder of rows without a value.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The `(column, value)` pairs in the folders of `path` below `root`.
pub(super) fn of_path(root: &Path, path: &Path) -> Vec<(String, Option<String>)> {
    let folders = path
        .parent()
        .and_then(|folder| folder.strip_prefix(root).ok());
    let names = folders.into_iter().flat_map(Path::components);
    names
        .filter_map(|component| match component {
            Component::Normal(name) => name.to_str()?.split_once('='),
            _ => None,
        })
        .map(|(column, value)| {
            let value = (value != NULL).then(|| unescape(value));
            (unescape(column), value)
        })
        .collect()
}

/// The name of the folder of rows whose `column` is `value`.
pub(super) fn folder(column: &str, value: Option<&str>) -> String {
    let value = match value {
        None => NULL.to_owned(),
        // A text that reads as the mark of a missing value must not become one.
        Some(NULL) => format!("%5F{}", &NULL[1..]),
        Some(text) => escape(text),
    };
    format!("{}={value}", escape(column))
}

/// The column of a table whose files have these values: dates if all are, else text.
pub(super) fn field(name: &str, values: &[Option<String>]) -> Field {
    let mut dates = values.iter().flatten().peekable();
    let is_date =
        |text: &String| text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
    let all_dates = dates.peek().is_some() && dates.all(is_date);
    let data_type = if all_dates {
        DataType::Date32
    } else {
        DataType::Utf8
    };
    Field::new(name, data_type, true)
}

/// An array of `num_rows` times `value`.
pub(super) fn column(
    value: Option<&str>,
    data_type: &DataType,
    num_rows: usize,
) -> Result<ArrayRef> {
    let one: ArrayRef = Arc::new(StringArray::from(vec![value]));
    let one = cast(&one, data_type).map_err(Error::Arrow)?;
    let zeros = arrow::array::UInt32Array::from(vec![0; num_rows]);
    take(&one, &zeros, None).map_err(Error::Arrow)
}

/// Escapes the characters that Hive escapes, and those that some file system forbids.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_control() || "\"#%'*/:<=>?\\{|}[]^".contains(c) {
            escaped.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_from_the_names_of_folders() {
        for value in [
            Some("2024-01-01"),
            Some(""),
            Some("a/b=c%d:\\e"),
            Some("ü €\n"),
            Some("%41"),
            Some(NULL),
            None,
        ] {
            let name = folder("a=b", value);
            assert!(!name.contains('/'), "{name}");
            let path = Path::new("/root").join(name).join("x/part.parquet");
            let expected = [("a=b".to_owned(), value.map(str::to_owned))];
            assert_eq!(of_path(Path::new("/root"), &path), expected);
        }
        assert_eq!(of_path(Path::new("a=1"), Path::new("a=1/f.parquet")), []);
    }
}

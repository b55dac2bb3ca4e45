//! Rows that share a key.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::keys::{FloatKeys, first_equal_rows};
use super::{TemporalColumn, by_name, unpacked};
use crate::{Error, Result};

/// The values of the key columns as text, `None` where null; a key that outlives its batch.
pub type Key = Vec<Option<String>>;

/// Which group each row of a batch belongs to.
///
/// Rows are in one group when they are equal in every key column, null equal to null. Keys are compared by value, so a
/// hash collision cannot join two groups. Groups are numbered in the order of their first row.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use alchemy_core::column::Groups;
///
/// let host = Arc::new(StringArray::from(vec!["a", "b", "a"])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("host", host)])?;
/// let groups = Groups::of(&batch, &["host"])?;
/// assert_eq!(groups.ids(), [0, 1, 0]);
/// assert_eq!(groups.first_rows(), [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Groups {
    ids: Vec<u32>,
    first_rows: Vec<usize>,
    columns: Vec<ArrayRef>,
}

impl Groups {
    /// Groups the rows of `batch` by the columns `names`; without a name all rows are one group.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`](crate::Error::ColumnNotFound), or an Arrow error for a type that has no order.
    pub fn of<S: AsRef<str>>(batch: &RecordBatch, names: &[S]) -> Result<Self> {
        let columns: Vec<ArrayRef> = names
            .iter()
            .map(|name| unpacked(by_name(batch, name.as_ref())?))
            .collect::<Result<_>>()?;
        if columns.is_empty() {
            let first_rows = if batch.num_rows() == 0 {
                vec![]
            } else {
                vec![0]
            };
            return Ok(Self {
                ids: vec![0; batch.num_rows()],
                first_rows,
                columns,
            });
        }
        let mut ids: Vec<u32> = Vec::with_capacity(batch.num_rows());
        let mut first_rows = Vec::new();
        for (row, first) in first_equal_rows(&columns, FloatKeys::ByBits)?
            .into_iter()
            .enumerate()
        {
            let first = first as usize;
            let id = if first == row {
                first_rows.push(row);
                u32::try_from(first_rows.len() - 1).unwrap_or(u32::MAX)
            } else {
                ids[first]
            };
            ids.push(id);
        }
        Ok(Self {
            ids,
            first_rows,
            columns,
        })
    }

    /// The group of each row.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The first row of each group.
    #[must_use]
    pub fn first_rows(&self) -> &[usize] {
        &self.first_rows
    }

    /// Checks that the rows of each group do not go back in `times`, a column called `name`. `last` holds the latest time of
    /// each group so far, in microseconds, and is moved on; `first_row` is the number of the first row in messages.
    ///
    /// # Errors
    ///
    /// [`Error::RowOrder`] for the first row that has no time, or one before its predecessor's.
    pub fn check_order(
        &self,
        name: &str,
        times: &TemporalColumn,
        first_row: u64,
        last: &mut [Option<i64>],
    ) -> Result<()> {
        let fail = |row: usize, message: &str| {
            Err(Error::RowOrder {
                column: name.to_owned(),
                row: first_row + row as u64,
                message: message.to_owned(),
            })
        };
        for (row, group) in self.ids.iter().enumerate() {
            let last = &mut last[*group as usize];
            let Some(time) = times.micros(row) else {
                return fail(row, "has no time");
            };
            if last.is_some_and(|last| time < last) {
                return fail(
                    row,
                    "is earlier than the row of its key before it; sort by time first",
                );
            }
            *last = Some(time);
        }
        Ok(())
    }

    /// The key of each group, in group order. Times are in UTC, or ticks where a time is beyond what can be printed.
    ///
    /// # Errors
    ///
    /// An Arrow error for a type that cannot be printed.
    pub fn keys(&self) -> Result<Vec<Key>> {
        let columns: Vec<ArrayRef> = self.columns.iter().map(in_utc).collect::<Result<_>>()?;
        let options = FormatOptions::default();
        let formatters = columns
            .iter()
            .map(|column| Ok(ArrayFormatter::try_new(column.as_ref(), &options)?))
            .collect::<Result<Vec<_>>>()?;
        let text =
            |column: &ArrayRef, formatter: &ArrayFormatter<'_>, row: usize| -> Result<String> {
                formatter.value(row).try_to_string().or_else(|_| {
                    let ticks = cast(&column.slice(row, 1), &DataType::Int64)?;
                    Ok(ticks.as_primitive::<Int64Type>().value(0).to_string())
                })
            };
        let key = |row: &usize| -> Result<Key> {
            let columns = columns.iter().zip(&formatters);
            columns
                .map(|(column, formatter)| match column.is_valid(*row) {
                    true => text(column, formatter, *row).map(Some),
                    false => Ok(None),
                })
                .collect()
        };
        self.first_rows.iter().map(key).collect()
    }
}

/// `column` in UTC if it has a zone, for only zones that are an offset can be printed.
fn in_utc(column: &ArrayRef) -> Result<ArrayRef> {
    match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
            Ok(cast(column, &utc)?)
        }
        _ => Ok(column.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray, TimestampSecondArray};

    use super::*;

    #[test]
    fn composite_keys_with_nulls_group_by_value() {
        let a = Arc::new(StringArray::from(vec![
            Some("x"),
            None,
            Some("x"),
            None,
            Some(""),
        ])) as ArrayRef;
        let b = Arc::new(Int64Array::from(vec![
            Some(1),
            Some(1),
            Some(2),
            Some(1),
            None,
        ])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("a", a), ("b", b)]).unwrap();
        let groups = Groups::of(&batch, &["a", "b"]).unwrap();
        assert_eq!(groups.ids(), [0, 1, 2, 1, 3]);
        assert_eq!(groups.keys().unwrap()[1], [None, Some("1".to_owned())]);
        let all = Groups::of::<&str>(&batch, &[]).unwrap();
        assert_eq!(
            (all.ids(), all.first_rows()),
            ([0; 5].as_slice(), [0].as_slice())
        );
        assert_eq!(all.keys().unwrap(), [Key::new()]);
    }

    #[test]
    fn times_of_any_zone_and_any_size_are_keys() {
        let times = vec![Some(0), Some(i64::MAX), Some(i64::MIN), None, Some(0)];
        let times = TimestampSecondArray::from(times).with_timezone("Europe/Berlin");
        let batch = RecordBatch::try_from_iter([("t", Arc::new(times) as ArrayRef)]).unwrap();
        let groups = Groups::of(&batch, &["t"]).unwrap();
        assert_eq!(groups.ids(), [0, 1, 2, 3, 0]);
        let keys = groups.keys().unwrap();
        assert_eq!(keys[0], [Some("1970-01-01T00:00:00Z".to_owned())]);
        assert_eq!(keys[1], [Some(i64::MAX.to_string())]);
        assert_eq!(keys[2], [Some(i64::MIN.to_string())]);
        assert_eq!(keys[3], [None]);
    }
}

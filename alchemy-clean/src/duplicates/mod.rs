//! Rows that are there more than once.

mod keep;
mod pass;

use std::cmp::Reverse;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, UInt32Array, UInt64Array};
use alchemy_core::arrow::compute::take;
use alchemy_core::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use alchemy_core::column::{FloatKeys, first_equal_rows, index_of};
use alchemy_core::{ColumnSelector, Error, Result, RowPass, SelectRows};
use serde::{Deserialize, Serialize};

pub use keep::Keep;
use pass::Pass;

const NAME: &str = "alchemy-clean/duplicates";

/// Leaves out rows that are equal to another one, in some columns or in all.
///
/// Missing is equal to missing, null or NaN. Numbers are compared as numbers, so 0.0 equals −0.0; text and everything else
/// by its bytes. Keys are compared by value: two keys with the same hash stay apart.
///
/// In a [`Pipeline`](alchemy_core::Pipeline) this selects the rows to train on
/// ([`training_rows`](alchemy_core::Pipeline::training_rows)); every row is scored. For one batch there is
/// [`select`](SelectRows::select).
///
/// Over a table in several batches it can keep the first of equal rows; which one is last, single or largest is not known
/// before the end, so there every other [`Keep`] is refused. Such a pass holds each different key: for a value its bytes
/// and one more (text: one for each 7 bits of its length), and 11 to 23 for the table. With
/// [fingerprints](Self::with_fingerprints) it is 20 to 39 bytes a key, whatever the columns. A pass costs about 160 ns a row
/// with a key of three columns, in parallel.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Duplicates, Keep, Ledger, SelectRows};
/// # use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch};
/// let id = Arc::new(Int64Array::from(vec![1, 2, 1])) as ArrayRef;
/// let changed = Arc::new(Int64Array::from(vec![30, 20, 10])) as ArrayRef;
/// let sales = RecordBatch::try_from_iter([("id", id), ("changed", changed)])?;
///
/// let latest = Duplicates::on("id").with_keep(Keep::largest("changed"));
/// let kept = latest.select(&sales, &mut Ledger::new())?;
/// assert_eq!(kept.column(1).as_ref(), &Int64Array::from(vec![30, 20]));
///
/// assert_eq!(Duplicates::of_whole_rows().count(&sales)?, 0);
/// let keys = Duplicates::on("id").duplicated_keys(&sales)?;
/// assert_eq!(keys.column(0).as_ref(), &Int64Array::from(vec![1]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    /// `None` for all columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    columns: Option<ColumnSelector>,
    #[serde(default)]
    keep: Keep,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fingerprints: bool,
}

impl Duplicates {
    /// Rows are equal if they are in `columns`.
    #[must_use]
    pub fn on(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: Some(columns.into()),
            ..Self::of_whole_rows()
        }
    }

    /// Rows are equal if they are in every column, whatever its role.
    #[must_use]
    pub fn of_whole_rows() -> Self {
        Self {
            columns: None,
            keep: Keep::default(),
            fingerprints: false,
        }
    }

    /// Which one of equal rows stays. Default: [`Keep::First`].
    #[must_use]
    pub fn with_keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Lets a pass that keeps the first of equal rows remember a fingerprint of 128 bits of each key, not the key. Two
    /// different keys of `n` are then taken for equal with a chance of about `n²` / 2^129: less than 10^−24 for ten
    /// million. But for that the result is the same; fingerprints are keyed at random in each process, so that nobody can
    /// choose keys that collide. Default: keys are kept by value.
    #[must_use]
    pub fn with_fingerprints(mut self) -> Self {
        self.fingerprints = true;
        self
    }

    /// How many rows of `batch` are left out.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`] or [`Error::DuplicateColumn`] for a column selected by name,
    /// [`Error::InvalidParameter`] if no column is selected, or an Arrow error for a type that has no order.
    pub fn count(&self, batch: &RecordBatch) -> Result<usize> {
        Ok(batch.num_rows() - self.start().keep(batch)?.true_count())
    }

    /// The keys that more than one row of `batch` has: the columns that are compared, and `count`, the number of rows. The
    /// most frequent key comes first, of equally frequent ones the one that is met first. Which row is kept does not
    /// matter.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count); [`Error::DuplicateColumn`] if a column that is compared is itself called `count`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use alchemy_clean::Duplicates;
    /// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
    /// let host = Arc::new(StringArray::from(vec!["a", "b", "a", "c", "b", "b"])) as ArrayRef;
    /// let keys = Duplicates::on("host").duplicated_keys(&RecordBatch::try_from_iter([("host", host)])?)?;
    /// assert_eq!(keys.column(0).as_ref(), &StringArray::from(vec!["b", "a"]));
    /// assert_eq!(keys.column(1).as_ref(), &UInt64Array::from(vec![3, 2]));
    /// # Ok::<(), alchemy_clean::Error>(())
    /// ```
    pub fn duplicated_keys(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        const COUNT: &str = "count";
        let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = self
            .columns(batch)?
            .into_iter()
            .map(|(field, array)| (field.clone(), array.clone()))
            .unzip();
        if fields.iter().any(|field| field.name() == COUNT) {
            return Err(Error::DuplicateColumn {
                column: COUNT.to_owned(),
            });
        }
        let mut counts = vec![0_u64; batch.num_rows()];
        for first in first_equal_rows(&arrays, FloatKeys::ByValue)? {
            counts[first as usize] += 1;
        }
        let repeated = (0_u32..).zip(counts).filter(|(_, count)| *count > 1);
        let mut repeated: Vec<(u32, u64)> = repeated.collect();
        repeated.sort_by_key(|(_, count)| Reverse(*count));
        let (rows, counts): (Vec<u32>, Vec<u64>) = repeated.into_iter().unzip();
        let rows = UInt32Array::from(rows);

        let mut columns = Vec::with_capacity(arrays.len() + 1);
        for array in &arrays {
            columns.push(take(array, &rows, None)?);
        }
        columns.push(Arc::new(UInt64Array::from(counts)));
        let count = Arc::new(Field::new(COUNT, DataType::UInt64, false));
        let fields: Vec<FieldRef> = fields.into_iter().chain([count]).collect();
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns,
        )?)
    }

    /// The columns to compare.
    fn columns<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<(&'a FieldRef, &'a ArrayRef)>> {
        let schema = batch.schema_ref();
        let chosen: Vec<usize> = match &self.columns {
            Some(columns) => {
                let names = columns.resolve(schema)?;
                let place = |name: &String| index_of(schema, name);
                names.iter().map(place).collect::<Result<_>>()?
            }
            None => (0..batch.num_columns()).collect(),
        };
        if chosen.is_empty() {
            return Err(Error::parameter("columns", "select no column"));
        }
        let column = |place: usize| (&schema.fields()[place], batch.column(place));
        Ok(chosen.into_iter().map(column).collect())
    }
}

impl SelectRows for Duplicates {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self) -> Box<dyn RowPass> {
        Box::new(Pass::new(self.clone()))
    }
}

#[cfg(test)]
mod tests;

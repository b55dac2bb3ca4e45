//! Rows that are there more than once.

use alchemy_core::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::arrow::row::{RowConverter, SortField};
use alchemy_core::column::by_name;
use alchemy_core::{ColumnSelector, Error, Result, RowPass, SelectRows};

use crate::key_set::KeySet;
use crate::plain::{plain, require_learned, value_type};

const NAME: &str = "alchemy-clean/duplicates";

/// Which one of several equal rows stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The first in the order of rows.
    #[default]
    First,
    /// The last in the order of rows.
    Last,
    /// None of them: only rows without an equal stay.
    None,
}

/// Leaves out rows that are equal to another one, in some columns or in all.
///
/// Missing is equal to missing, null or NaN; other values are compared by their bits, so 0.0 and −0.0 differ. Keys are
/// compared by value: two keys with the same hash stay apart.
///
/// In a [`Pipeline`](alchemy_core::Pipeline) this selects the rows to train on
/// ([`training_rows`](alchemy_core::Pipeline::training_rows)); every row is scored. For one batch there is
/// [`select`](SelectRows::select).
///
/// A pass holds every distinct key: its bytes and about 40 more. Over a table in several batches it can keep the first
/// of equal rows; which one is last, or single, is not known before the end, so there [`Keep::Last`] and [`Keep::None`]
/// are refused.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Duplicates, Keep, Ledger, SelectRows};
/// # use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch};
/// let id = Arc::new(Int64Array::from(vec![1, 2, 1])) as ArrayRef;
/// let amount = Arc::new(Int64Array::from(vec![10, 20, 30])) as ArrayRef;
/// let sales = RecordBatch::try_from_iter([("id", id), ("amount", amount)])?;
///
/// let latest = Duplicates::on(["id"]).with_keep(Keep::Last);
/// let kept = latest.select(&sales, &mut Ledger::new())?;
/// assert_eq!(kept.column(1).as_ref(), &Int64Array::from(vec![20, 30]));
/// assert_eq!(Duplicates::of_whole_rows().count(&sales)?, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// `None` for all columns.
    columns: Option<ColumnSelector>,
    keep: Keep,
}

impl Duplicates {
    /// Rows are equal if they are in `columns`.
    #[must_use]
    pub fn on(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: Some(columns.into()),
            keep: Keep::default(),
        }
    }

    /// Rows are equal if they are in every column, whatever its role.
    #[must_use]
    pub fn of_whole_rows() -> Self {
        Self {
            columns: None,
            keep: Keep::default(),
        }
    }

    /// Which one of equal rows stays. Default: [`Keep::First`].
    #[must_use]
    pub fn with_keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
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

    /// The columns to compare, by name.
    fn columns<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<(String, &'a ArrayRef)>> {
        let columns: Vec<_> = match &self.columns {
            Some(columns) => {
                let names = columns.resolve(batch.schema_ref())?;
                let column = |name: String| Ok((name.clone(), by_name(batch, &name)?));
                names.into_iter().map(column).collect::<Result<_>>()?
            }
            None => {
                let names = batch
                    .schema_ref()
                    .fields()
                    .iter()
                    .map(|field| field.name().clone());
                names.zip(batch.columns()).collect()
            }
        };
        if columns.is_empty() {
            return Err(Error::parameter("columns", "select no column"));
        }
        Ok(columns)
    }
}

impl SelectRows for Duplicates {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self) -> Box<dyn RowPass> {
        Box::new(Pass {
            spec: self.clone(),
            types: Vec::new(),
            seen: KeySet::default(),
        })
    }
}

struct Pass {
    spec: Duplicates,
    /// The types of the columns compared, once known.
    types: Vec<DataType>,
    seen: KeySet,
}

impl RowPass for Pass {
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        if self.seen.len() > 0 && self.spec.keep != Keep::First && batch.num_rows() > 0 {
            return Err(Error::NotMergeable {
                step: NAME.to_owned(),
            });
        }
        let keys = self.numbered(batch)?;
        let kept = match self.spec.keep {
            Keep::First => BooleanBuffer::collect_bool(keys.len(), |row| keys[row].1),
            Keep::Last => {
                let mut last = vec![0; self.seen.len()];
                keys.iter()
                    .enumerate()
                    .for_each(|(row, (key, _))| last[*key] = row);
                BooleanBuffer::collect_bool(keys.len(), |row| last[keys[row].0] == row)
            }
            Keep::None => {
                let mut count = vec![0_usize; self.seen.len()];
                keys.iter().for_each(|(key, _)| count[*key] += 1);
                BooleanBuffer::collect_bool(keys.len(), |row| count[keys[row].0] == 1)
            }
        };
        Ok(kept.into())
    }
}

impl Pass {
    /// The number of each row's key, and whether the row is the first with it.
    fn numbered(&mut self, batch: &RecordBatch) -> Result<Vec<(usize, bool)>> {
        let columns = self.spec.columns(batch)?;
        if self.types.is_empty() {
            self.types = columns
                .iter()
                .map(|(_, array)| value_type(array.data_type()))
                .collect();
        }
        let mut arrays = Vec::with_capacity(columns.len());
        for ((name, array), data_type) in columns.iter().zip(&self.types) {
            require_learned(name, data_type, array.data_type())?;
            arrays.push(plain(name, array)?);
        }
        let fields = arrays
            .iter()
            .map(|array| SortField::new(array.data_type().clone()));
        let rows = RowConverter::new(fields.collect())?.convert_columns(&arrays)?;
        Ok(rows
            .iter()
            .map(|row| self.seen.insert(row.data()))
            .collect())
    }
}

#[cfg(test)]
mod tests;

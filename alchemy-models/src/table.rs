//! A table in one or several batches, addressed by the row index of the whole.

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema};
use alchemy_core::column::by_name;
use alchemy_core::{Error, Result};

/// Borrowed batches of one schema, seen as one run of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    batches: &'a [RecordBatch],
    num_rows: usize,
}

/// One column of a [`Table`], in as many arrays as the table has batches.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    arrays: Vec<ArrayRef>,
}

impl<'a> Table<'a> {
    /// # Errors
    ///
    /// [`Error::Empty`] without a row; [`Error::InvalidParameter`] beyond 2^32 - 1 rows.
    pub(crate) fn to_learn_from(batches: &'a [RecordBatch]) -> Result<Self> {
        let table = Self::new(batches);
        if table.num_rows == 0 {
            return Err(Error::Empty {
                what: "the training data".into(),
            });
        }
        check_count(table.num_rows)?;
        Ok(table)
    }

    pub(crate) fn new(batches: &'a [RecordBatch]) -> Self {
        let num_rows = batches.iter().map(RecordBatch::num_rows).sum();
        Self { batches, num_rows }
    }

    /// The schema of its batches; there is one where the table is [to learn from](Self::to_learn_from).
    pub(crate) fn schema(&self) -> &'a Schema {
        self.batches[0].schema_ref()
    }

    pub(crate) fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// # Errors
    ///
    /// [`Error::ColumnNotFound`] or [`Error::DuplicateColumn`].
    pub(crate) fn column(&self, name: &str) -> Result<Column> {
        let arrays = self
            .batches
            .iter()
            .map(|batch| by_name(batch, name).cloned());
        Ok(Column {
            name: name.to_owned(),
            arrays: arrays.collect::<Result<_>>()?,
        })
    }

    /// # Errors
    ///
    /// As [`column`](Self::column).
    pub(crate) fn columns(&self, names: &[String]) -> Result<Vec<Column>> {
        names.iter().map(|name| self.column(name)).collect()
    }

    /// Runs of at most `limit` rows that lie in one batch each, in row order.
    pub(crate) fn pieces(&self, limit: usize) -> Vec<Piece> {
        let lengths = self.batches.iter().map(RecordBatch::num_rows).enumerate();
        let cut = |(batch, rows): (usize, usize)| {
            (0..rows).step_by(limit).map(move |start| Piece {
                batch,
                start,
                len: limit.min(rows - start),
            })
        };
        lengths.flat_map(cut).collect()
    }
}

/// # Errors
///
/// [`Error::InvalidParameter`] for more rows than a model can learn from: their numbers have 32 bits.
pub(crate) fn check_count(num_rows: usize) -> Result<()> {
    if u32::try_from(num_rows).is_ok() {
        return Ok(());
    }
    let message = format!("has {num_rows} rows, more than 4294967295");
    Err(Error::parameter("batch", message))
}

/// Rows `start..start + len` of batch `batch`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) batch: usize,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Column {
    pub(crate) fn arrays(&self) -> &[ArrayRef] {
        &self.arrays
    }

    /// The type of its arrays; that of nothing if there are none.
    pub(crate) fn data_type(&self) -> &DataType {
        let first = self.arrays.first();
        first.map_or(&DataType::Null, |array| array.data_type())
    }

    /// Each array with the index of its first row in the table.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (usize, &ArrayRef)> {
        self.arrays.iter().scan(0, |start, array| {
            let first = *start;
            *start += array.len();
            Some((first, array))
        })
    }
}

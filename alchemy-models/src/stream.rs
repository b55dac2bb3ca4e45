//! Training data that is read twice and never held: bins are learned from the first reading and filled by the second.

use alchemy_core::arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchReader, new_empty_array,
};
use alchemy_core::arrow::compute::concat;
use alchemy_core::arrow::datatypes::Schema;
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::{Context, Error, Result};

use crate::binning::{BinnedMatrix, Binner, BinnerLearner};
use crate::dataset::{Columns, Resolved, open, weights};
use crate::table::{Table, check_count};

/// What a model learns from.
#[derive(Debug)]
pub(crate) enum Data<'a> {
    Batches(&'a [RecordBatch]),
    /// Rows whose features are bins already.
    Binned(&'a [RecordBatch], Binned),
}

/// Features as bins, and the columns by name.
#[derive(Debug)]
pub(crate) struct Binned {
    resolved: Resolved,
    pub(crate) binner: Binner,
    pub(crate) matrix: BinnedMatrix,
}

impl<'a> Data<'a> {
    /// The rows as a table, which lacks the features if they are bins, and the columns that `columns` stand for.
    ///
    /// # Errors
    ///
    /// Those of [`open`].
    pub(crate) fn open(self, columns: &Columns) -> Result<(Table<'a>, Resolved, Option<Binned>)> {
        match self {
            Self::Batches(batches) => {
                let (table, resolved) = open(batches, columns)?;
                Ok((table, resolved, None))
            }
            Self::Binned(rest, binned) => {
                let table = Table::to_learn_from(rest)?;
                Ok((table, binned.resolved.clone(), Some(binned)))
            }
        }
    }
}

impl<'a> From<&'a [RecordBatch]> for Data<'a> {
    fn from(batches: &'a [RecordBatch]) -> Self {
        Self::Batches(batches)
    }
}

/// What is read, and how it becomes bins.
pub(crate) struct Reading<'a> {
    pub(crate) columns: &'a Columns,
    /// Columns that are kept besides target and weight.
    pub(crate) offsets: Vec<&'a str>,
    /// The features of a schema that are categories.
    pub(crate) categorical: &'a dyn Fn(&Schema) -> Result<Vec<String>>,
    pub(crate) max_bins: usize,
    /// Bins that are given, so none are learned.
    pub(crate) binner: Option<&'a Binner>,
    pub(crate) context: &'a Context,
}

impl Reading<'_> {
    /// Reads what `open` gives twice; the batches returned hold all columns that are not features.
    ///
    /// # Errors
    ///
    /// Those of `open` and of its readers, of columns that are missing or of the wrong type, [`Error::Cancelled`], and
    /// [`Error::InvalidParameter`] if the second reading has more or fewer rows than the first.
    pub(crate) fn read<R: RecordBatchReader>(
        &self,
        open: impl Fn() -> Result<R>,
    ) -> Result<(Vec<RecordBatch>, Binned)> {
        let first = open()?;
        let schema = first.schema();
        let resolved = self.columns.resolve(&schema)?;
        let mut learner = BinnerLearner::new(
            &schema,
            resolved.features.clone(),
            &(self.categorical)(&schema)?,
            self.max_bins,
        )?;
        let mut kept = self.offsets.clone();
        kept.push(&resolved.target);
        kept.extend(resolved.weight.as_deref());
        kept.sort_unstable();
        kept.dedup();
        let (mut rest, mut num_rows) = (Vec::new(), 0);
        for batch in first {
            let batch = batch?;
            self.context.report("reading", num_rows as u64, 0)?;
            if self.binner.is_none() {
                let weights = resolved.weight.as_ref();
                let weights = weights.map(|name| {
                    let column = NumericColumn::new(name, by_name(&batch, name)?)?;
                    Ok::<_, Error>(column.view().to_vec())
                });
                learner.update(num_rows, &batch, weights.transpose()?.as_deref())?;
            }
            num_rows += batch.num_rows();
            rest.push(copied(&batch, &kept)?);
            check_count(num_rows)?;
        }
        let table = Table::to_learn_from(&rest)?;
        let name = resolved.weight.as_ref();
        let weights = name.map(|name| weights(table, name)).transpose()?;
        let binner = match self.binner {
            Some(binner) => binner.clone(),
            None => learner.finish(weights.as_deref()),
        };
        let matrix = self.fill(&binner, num_rows, open()?)?;
        let binned = Binned {
            resolved,
            binner,
            matrix,
        };
        Ok((rest, binned))
    }

    fn fill(
        &self,
        binner: &Binner,
        num_rows: usize,
        second: impl RecordBatchReader,
    ) -> Result<BinnedMatrix> {
        let mut matrix = binner.blank(num_rows)?;
        let mut filled = 0;
        for batch in second {
            let batch = batch?;
            self.context
                .report("binning", filled as u64, num_rows as u64)?;
            let next = filled + batch.num_rows();
            if next <= num_rows {
                binner.fill(
                    &mut matrix,
                    filled,
                    Table::new(std::slice::from_ref(&batch)),
                )?;
            }
            filled = next;
        }
        if filled == num_rows {
            return Ok(matrix);
        }
        let message = format!("has {num_rows} rows when read first and {filled} when read again");
        Err(Error::parameter("open", message))
    }
}

/// The columns `names` of `batch`, in memory of their own: an array may be a part of what all columns lie in.
fn copied(batch: &RecordBatch, names: &[&str]) -> Result<RecordBatch> {
    let column = |name: &&str| -> Result<(String, ArrayRef)> {
        let array = by_name(batch, name)?;
        // Of one array alone `concat` gives a slice.
        let copy = concat(&[array.as_ref(), &new_empty_array(array.data_type())])?;
        Ok(((*name).to_owned(), copy))
    };
    let columns = names.iter().map(column).collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_from_iter(columns)?)
}

//! Learning from several columns at once, each for itself.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{NumericColumn, by_name, index_of};
use alchemy_core::parallel::try_collect;
use alchemy_core::stats::Quantiles;
use alchemy_core::{Context, Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::plain::{data_type_text, require_learned, value_type};

/// What gathers the values of one column; the laws are those of [`alchemy_core::Accumulate`].
pub(crate) trait Learner: Send {
    type Learned: Send;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()>;

    fn merge(&mut self, other: Self) -> Result<()>;

    /// `data_type` is the type of the column's values.
    fn finish(self, column: &str, data_type: &DataType) -> Result<Self::Learned>;
}

/// A learner for each selected column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PerColumn<L> {
    columns: Vec<Column<L>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Column<L> {
    name: String,
    #[serde(with = "data_type_text")]
    data_type: DataType,
    learner: L,
}

/// What was learned of each column, by name.
pub(crate) type Learned<T> = Vec<(String, T)>;

impl<L: Learner> PerColumn<L> {
    pub(crate) fn new(
        schema: &Schema,
        names: Vec<String>,
        learner: impl Fn(&Field) -> Result<L>,
    ) -> Result<Self> {
        let column = |name: String| {
            let field = schema.field(index_of(schema, &name)?);
            let data_type = value_type(field.data_type());
            Ok(Column {
                learner: learner(field)?,
                data_type,
                name,
            })
        };
        Ok(Self {
            columns: names.into_iter().map(column).collect::<Result<_>>()?,
        })
    }

    pub(crate) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns
            .iter_mut()
            .try_for_each(|column| column.update(batch))
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        let alike =
            |(a, b): (&Column<L>, &Column<L>)| a.name == b.name && a.data_type == b.data_type;
        let same = self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(alike);
        if !same {
            return Err(Error::parameter("other", "was made for other columns"));
        }
        for (ours, theirs) in self.columns.iter_mut().zip(other.columns) {
            ours.learner.merge(theirs.learner)?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Learned<L::Learned>> {
        try_collect(self.columns.into_par_iter().map(Column::finish))
    }

    /// Learns from one batch and finishes, a column at a time per thread: what a column gathers is gone before the next
    /// one gathers.
    pub(crate) fn learn(
        self,
        batch: &RecordBatch,
        context: &Context,
    ) -> Result<Learned<L::Learned>> {
        let total = self.columns.len() as u64;
        let each = |(index, mut column): (usize, Column<L>)| {
            context.report("fit", index as u64, total)?;
            column.update(batch)?;
            column.finish()
        };
        try_collect(self.columns.into_par_iter().enumerate().map(each))
    }
}

impl<L: Learner> Column<L> {
    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let array = by_name(batch, &self.name)?;
        require_learned(&self.name, &self.data_type, array.data_type())?;
        self.learner.update(&self.name, array)
    }

    fn finish(self) -> Result<(String, L::Learned)> {
        let learned = self.learner.finish(&self.name, &self.data_type)?;
        Ok((self.name, learned))
    }
}

/// Adds the numbers of a column to `values`.
pub(crate) fn add_numbers(values: &mut Quantiles, column: &str, array: &ArrayRef) -> Result<()> {
    let numbers = NumericColumn::new(column, array)?;
    // −0 becomes 0: a quantile among zeros must not depend on which of them it meets.
    numbers.view().for_each(|value| values.add(value + 0.0));
    Ok(())
}

//! How far one column is from others.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::{NumericColumn, by_name};
use alchemy_core::{Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::assemble::{appended, schema_of};
use crate::naming;

/// Appends how far one column is from each of others, as `{column}_minus_{other}`.
///
/// A model that splits on levels, as trees do, cannot use a level that training never saw; the distance of the last
/// value from an earlier one, or from a rolling mean, stays where it was when the level moves.
///
/// Both columns are numeric and are read as `f64`; the new columns are `Float64`, null where either value is missing.
/// Infinity less infinity of one sign has no value, and is null. There is nothing to learn: the spec is its own fitted
/// type, and rows do not depend on one another. A pass costs a few nanoseconds a row and column.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if there is nothing to subtract.
/// - [`Error::ColumnNotFound`]; [`Error::ColumnType`] for a column that is not numeric; [`Error::DuplicateColumn`] if a
///   new name is taken.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
/// use alchemy_features::{Difference, Transform};
///
/// let now = Arc::new(Float64Array::from(vec![5.0, 7.0])) as ArrayRef;
/// let before = Arc::new(Int64Array::from(vec![Some(4), None])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("now", now), ("before", before)])?;
/// let out = Difference::of("now").minus(["before"]).transform(&batch)?;
/// assert_eq!(out["now_minus_before"].as_ref(), &Float64Array::from(vec![Some(1.0), None]));
/// # Ok(())
/// # }
/// ```
#[doc(alias = "diff")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    column: String,
    others: Vec<String>,
}

impl Difference {
    /// The distance of `column` from the columns that [`minus`](Self::minus) names.
    #[must_use]
    pub fn of(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            others: Vec::new(),
        }
    }

    /// The columns to subtract, one new column each. Default: none, which is refused.
    #[must_use]
    pub fn minus(mut self, others: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.others = others.into_iter().map(Into::into).collect();
        self
    }
}

impl Transform for Difference {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        schema_of(self, input)
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        if self.others.is_empty() {
            return Err(Error::parameter("minus", "name at least one column"));
        }
        let read = |name: &str| {
            Ok::<_, Error>(
                NumericColumn::new(name, by_name(batch, name)?)?
                    .view()
                    .to_vec(),
            )
        };
        let column = read(&self.column)?;
        let new = self.others.iter().map(|name| {
            let differences: Float64Array = (column.iter().zip(read(name)?))
                .map(|(value, other)| Some(value - other).filter(|difference| !difference.is_nan()))
                .collect();
            let field = Field::new(
                naming::difference(&self.column, name),
                DataType::Float64,
                true,
            );
            Ok((Arc::new(field), Arc::new(differences) as ArrayRef))
        });
        appended(batch, new.collect::<Result<Vec<_>>>()?)
    }
}

impl Step for Difference {
    const NAME: &'static str = "alchemy-features/difference";
}

//! Missing cells filled with one value a column.

mod learn;
mod mode;
mod strategy;
mod value;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, Scalar};
use alchemy_core::arrow::compute::kernels::zip::zip;
use alchemy_core::arrow::compute::{cast, is_null};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::index_of;
use alchemy_core::{
    Accumulate, Action, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result,
    Step, Transform,
};
use serde::{Deserialize, Serialize};

pub use strategy::{Constant, ImputeStrategy};
pub use value::FillValue;

use crate::per_column::{Learned, PerColumn};
use crate::plain::{plain, require_learned};
use crate::rebuilt::rebuilt;
use learn::FillLearner;

/// Learns one fill value for each selected column, and fills missing cells with it.
///
/// A null slot or a floating-point NaN is a missing value: it is skipped when the statistic is computed, and filled by
/// the [`FittedImputer`]. Fill values are in the column's own unit and the column's type is kept; an integer column
/// takes the nearest integer, of two the even one.
///
/// [`ImputeStrategy::Median`] is the 0.5 quantile by linear interpolation between order statistics (type 7 of Hyndman &
/// Fan, 1996), so an even count gives the mean of the two middle values. [`ImputeStrategy::Mean`] is the exact sum
/// divided by the count and rounded once. Both read numbers as `f64`. [`ImputeStrategy::Mode`] counts values of any
/// type; of equally frequent ones it takes the smallest, text by its bytes.
///
/// Fitting reads every selected column once, in parallel over columns, and holds one copy of the column at hand; a mode
/// holds its distinct values. A fit in pieces ([`FitMerge`]) holds them for all columns. The result does not depend on
/// the number of threads, the order of rows or the cuts between pieces.
///
/// # Errors
///
/// - [`Error::ColumnNotFound`] if a selected column is not in the schema.
/// - [`Error::ColumnType`] if the strategy has no meaning for a column's type, such as the median of strings.
/// - [`Error::InvalidParameter`] for a constant that is no value of a column's type, such as 0.5 for integers, and for
///   the mean of a column that holds both infinities.
/// - [`Error::AllNull`] if a column holds nothing to learn from, an empty batch included; a constant learns nothing.
///   [`NullColumnDropper`](crate::NullColumnDropper) takes such columns out first.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, ImputeStrategy, Imputer, Transform};
/// # use alchemy_clean::arrow::array::{Array, ArrayRef, Float64Array, RecordBatch, cast::AsArray, types::Float64Type};
/// let age = Float64Array::from(vec![Some(20.0), None, Some(40.0)]);
/// let train = RecordBatch::try_from_iter([("age", Arc::new(age) as ArrayRef)])?;
///
/// let imputer = Imputer::new(ImputeStrategy::Median).with_columns(["age"]).fit(&train)?;
/// let filled = imputer.transform(&train)?;
///
/// let age = filled.column(0).as_primitive::<Float64Type>();
/// assert_eq!(age.null_count(), 0);
/// assert_eq!(age.value(1), 30.0);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", *The American Statistician* 50(4), 1996,
///   <https://doi.org/10.2307/2684934>.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputer {
    strategy: ImputeStrategy,
    columns: Option<ColumnSelector>,
    indicator: bool,
}

impl Imputer {
    /// Fills by `strategy`.
    #[must_use]
    pub fn new(strategy: ImputeStrategy) -> Self {
        Self {
            strategy,
            columns: None,
            indicator: false,
        }
    }

    /// The columns to fill. Default: every feature that the strategy has a meaning for, numbers for the median and the
    /// mean.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = Some(columns.into());
        self
    }

    /// Adds a Boolean column `{column}_missing` for each column filled: whether its cell was missing. Default: none.
    #[must_use]
    pub fn with_indicator(mut self) -> Self {
        self.indicator = true;
        self
    }
}

impl Fit for Imputer {
    type Fitted = FittedImputer;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedImputer> {
        let ImputerAccumulator { columns, indicator } = self.accumulator(batch.schema_ref())?;
        Ok(FittedImputer {
            fills: columns.learn(batch, context)?,
            indicator,
        })
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for Imputer {
    type Accumulator = ImputerAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<ImputerAccumulator> {
        let columns = match &self.columns {
            Some(columns) => columns.resolve(schema)?,
            None => self.strategy.default_columns().resolve(schema)?,
        };
        let learner = |field: &Field| FillLearner::new(&self.strategy, field);
        Ok(ImputerAccumulator {
            columns: PerColumn::new(schema, columns, learner)?,
            indicator: self.indicator,
        })
    }
}

/// Gathers what an [`Imputer`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImputerAccumulator {
    columns: PerColumn<FillLearner>,
    indicator: bool,
}

impl Accumulate for ImputerAccumulator {
    type Output = FittedImputer;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.columns.merge(other.columns)
    }

    fn finish(self) -> Result<FittedImputer> {
        Ok(FittedImputer {
            fills: self.columns.finish()?,
            indicator: self.indicator,
        })
    }
}

/// What an [`Imputer`] learned: a fill value for each column.
///
/// The ledger counts filled cells ([`Action::Filled`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedImputer {
    fills: Learned<FillValue>,
    indicator: bool,
}

impl FittedImputer {
    /// The fill value of each column, in the order of selection.
    pub fn fill_values(&self) -> impl Iterator<Item = (&str, &FillValue)> {
        self.fills
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The fill value of the column `name`; `None` if it is not filled.
    #[must_use]
    pub fn fill_value(&self, name: &str) -> Option<&FillValue> {
        self.fill_values()
            .find(|(column, _)| *column == name)
            .map(|(_, value)| value)
    }
}

impl Transform for FittedImputer {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let mut fields = input.fields().to_vec();
        for (name, value) in &self.fills {
            let found = input.field(index_of(input, name)?).data_type();
            require_learned(name, value.data_type(), found)?;
            if !self.indicator {
                continue;
            }
            let indicator = Field::new(format!("{name}_missing"), DataType::Boolean, false);
            if fields.iter().any(|field| field.name() == indicator.name()) {
                return Err(Error::DuplicateColumn {
                    column: indicator.name().clone(),
                });
            }
            fields.push(Arc::new(indicator));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for (name, value) in &self.fills {
            let column = &mut columns[index_of(batch.schema_ref(), name)?];
            let (filled, missing) = fill(name, column, value)?;
            ledger.record(name, Action::Filled, missing.true_count(), missing.len());
            *column = filled;
            if self.indicator {
                columns.push(Arc::new(missing));
            }
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedImputer {
    const NAME: &'static str = "alchemy-clean/imputer";
}

/// `array` with `value` where it was missing, and where that is.
fn fill(name: &str, array: &ArrayRef, value: &FillValue) -> Result<(ArrayRef, BooleanArray)> {
    let values = plain(name, array)?;
    let missing = is_null(&values)?;
    if !missing.has_true() {
        return Ok((array.clone(), missing));
    }
    let value = Scalar::new(cast(value.array(), values.data_type())?);
    let filled = zip(&missing, &value, &values)?;
    Ok((cast(&filled, array.data_type())?, missing))
}

#[cfg(test)]
mod tests;

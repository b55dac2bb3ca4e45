//! Outliers moved to a fence.

mod cap;
mod fence;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::compute::kernels::cmp::neq;
use alchemy_core::arrow::datatypes::{Field, Schema, SchemaRef};
use alchemy_core::arrow::util::display::{ArrayFormatter, FormatOptions};
use alchemy_core::column::{index_of, is_numeric};
use alchemy_core::stats::Quantiles;
use alchemy_core::{
    Accumulate, Action, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result,
    Step, Transform,
};
use serde::{Deserialize, Serialize};

pub use fence::{Fences, Side};

use crate::per_column::{Learned, PerColumn};
use crate::plain::{plain, require};
use crate::rebuilt::rebuilt;
use cap::cap;
use fence::FenceLearner;

/// Learns from training data where outliers begin, and moves values beyond to that fence.
///
/// The fences of a column are Tukey's: with the quartiles *Q*₁ and *Q*₃ (type 7 of Hyndman & Fan, 1996) and the
/// multiplier *k*, they lie at *Q*₁ − *k* (*Q*₃ − *Q*₁) and *Q*₃ + *k* (*Q*₃ − *Q*₁). The caller names the [`Side`]s that
/// are capped. A missing value (null or NaN) is not looked at and comes out null; an infinity is a value. A fence that
/// would lie at an infinity is none. The column's type is kept: an integer is moved to the last integer inside the
/// fence, other numbers to the value of their type next to it.
///
/// Half of the values being equal gives an interquartile range of 0, and everything else is an outlier: look at
/// [`FittedOutlierCapper::fences`] before trusting them on such a column.
///
/// Fitting reads every selected column once, in parallel over columns, and holds one copy of the column at hand (8 bytes
/// a value); a fit in pieces ([`FitMerge`]) holds them for all columns. The result does not depend on the number of
/// threads, the order of rows or the cuts between pieces.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the multiplier is negative or not finite.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not a number.
/// - [`Error::AllNull`] if a column holds nothing to learn from, an empty batch included.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, OutlierCapper, Side, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// let price = Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 100.0]);
/// let train = RecordBatch::try_from_iter([("price", Arc::new(price) as ArrayRef)])?;
///
/// let capper = OutlierCapper::iqr(1.5, Side::Upper).fit(&train)?;
/// assert_eq!(capper.fences("price").and_then(|fences| fences.upper()), Some(7.0));
///
/// let capped = capper.transform(&train)?;
/// assert_eq!(capped.column(0).as_ref(), &Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 7.0]));
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlierCapper {
    multiplier: f64,
    side: Side,
    columns: ColumnSelector,
}

impl OutlierCapper {
    /// Caps what is `multiplier` interquartile ranges beyond the quartiles; 1.5 is customary.
    #[must_use]
    pub fn iqr(multiplier: f64, side: Side) -> Self {
        Self {
            multiplier,
            side,
            columns: ColumnSelector::numeric(),
        }
    }

    /// The columns to cap. Default: every numeric feature.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }
}

impl Fit for OutlierCapper {
    type Fitted = FittedOutlierCapper;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedOutlierCapper> {
        let OutlierCapperAccumulator(columns) = self.accumulator(batch.schema_ref())?;
        Ok(FittedOutlierCapper {
            fences: columns.learn(batch, context)?,
        })
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for OutlierCapper {
    type Accumulator = OutlierCapperAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<OutlierCapperAccumulator> {
        if !(self.multiplier.is_finite() && self.multiplier >= 0.0) {
            let message = format!("must be finite and not negative, not {}", self.multiplier);
            return Err(Error::parameter("multiplier", message));
        }
        let learner = |field: &Field| {
            check_numeric(field)?;
            Ok(FenceLearner {
                values: Quantiles::new(),
                multiplier: self.multiplier,
                side: self.side,
            })
        };
        let names = self.columns.resolve(schema)?;
        Ok(OutlierCapperAccumulator(PerColumn::new(
            schema, names, learner,
        )?))
    }
}

/// Gathers what an [`OutlierCapper`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutlierCapperAccumulator(PerColumn<FenceLearner>);

impl Accumulate for OutlierCapperAccumulator {
    type Output = FittedOutlierCapper;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<FittedOutlierCapper> {
        Ok(FittedOutlierCapper {
            fences: self.0.finish()?,
        })
    }
}

/// What an [`OutlierCapper`] learned: the fences of each column.
///
/// The ledger counts cells that were moved ([`Action::Capped`], with examples).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedOutlierCapper {
    fences: Learned<Fences>,
}

impl FittedOutlierCapper {
    /// The fences of the column `name`; `None` if it is not capped.
    #[must_use]
    pub fn fences(&self, name: &str) -> Option<Fences> {
        self.fences
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, fences)| *fences)
    }

    /// The columns capped, in the order of selection.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.fences.iter().map(|(name, _)| name.as_str())
    }
}

impl Transform for FittedOutlierCapper {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let mut fields = input.fields().to_vec();
        for name in self.columns() {
            let field = &mut fields[index_of(input, name)?];
            check_numeric(field)?;
            // A NaN comes out as null.
            let nullable = field.is_nullable() || !field.data_type().is_integer();
            *field = Arc::new(field.as_ref().clone().with_nullable(nullable));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for (name, fences) in &self.fences {
            let column = &mut columns[index_of(batch.schema_ref(), name)?];
            *column = cap_column(name, column, *fences, ledger)?;
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedOutlierCapper {
    const NAME: &'static str = "alchemy-clean/outlier_capper";
}

fn cap_column(
    name: &str,
    array: &ArrayRef,
    fences: Fences,
    ledger: &mut Ledger,
) -> Result<ArrayRef> {
    let values = plain(name, array)?;
    let capped = cap(&values, fences)?;
    let moved = neq(&capped, &values)?;
    let options = FormatOptions::default();
    let text = ArrayFormatter::try_new(values.as_ref(), &options)?;
    let rows = moved
        .values()
        .set_indices()
        .filter(|row| moved.is_valid(*row));
    let cells = rows.map(|row| (row, text.value(row).to_string()));
    ledger.record_with(name, Action::Capped, moved.true_count(), moved.len(), cells);
    Ok(cast(&capped, array.data_type())?)
}

fn check_numeric(field: &Field) -> Result<()> {
    let found = field.data_type();
    require(is_numeric(found), field.name(), found, "a number")
}

#[cfg(test)]
mod tests;

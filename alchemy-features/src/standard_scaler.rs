//! Columns with mean 0 and standard deviation 1.

use std::collections::HashMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, new_empty_array};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{NumericColumn, by_name, index_of};
use alchemy_core::stats::Moments;
use alchemy_core::{
    Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result, Step,
    Transform,
};
use serde::{Deserialize, Serialize};

use crate::assemble::{Column, replaced, schema_of};

/// Learns mean and standard deviation of numeric columns, to bring them to mean 0 and standard deviation 1.
///
/// Missing values (null and NaN) are left out. The standard deviation divides by n − 1;
/// [`with_population_std_dev`](Self::with_population_std_dev) divides by n, as scikit-learn does. Both figures are the exact
/// ones for the given floats, rounded, whatever their size or offset; integers beyond 2^53 round before.
///
/// Fitting reads each column once and holds some 100 bytes a column. It merges: neither the order of rows nor the cuts
/// between batches nor threads show in the result.
///
/// # Errors
///
/// - [`Error::ColumnNotFound`] if a chosen column is not in the batch.
/// - [`Error::ColumnType`] if it is not numeric.
/// - [`Error::AllNull`] if it has no value.
/// - [`Error::InvalidParameter`] if it holds an infinity, so that mean or standard deviation is not finite.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_features::{Fit, StandardScaler, Transform};
///
/// let age = Float64Array::from(vec![Some(20.0), None, Some(30.0), Some(40.0)]);
/// let batch = RecordBatch::try_from_iter([("age", Arc::new(age) as ArrayRef)])?;
/// let scaler = StandardScaler::new().fit(&batch)?;
/// assert_eq!((scaler.mean("age"), scaler.std_dev("age")), (Some(30.0), Some(10.0)));
///
/// let expected = Float64Array::from(vec![Some(-1.0), None, Some(0.0), Some(1.0)]);
/// assert_eq!(scaler.transform(&batch)?["age"].as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "zscore")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardScaler {
    columns: ColumnSelector,
    divisor: Divisor,
}

/// What a sum of squared deviations is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Divisor {
    Sample,
    Population,
}

impl StandardScaler {
    /// A scaler of all numeric features.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: ColumnSelector::numeric(),
            divisor: Divisor::Sample,
        }
    }

    /// The columns to scale. Default: every numeric feature.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Divides by n in the standard deviation. Default: by n − 1.
    #[must_use]
    pub fn with_population_std_dev(mut self) -> Self {
        self.divisor = Divisor::Population;
        self
    }
}

impl Default for StandardScaler {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for StandardScaler {
    type Fitted = FittedStandardScaler;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedStandardScaler> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for StandardScaler {
    type Accumulator = ColumnMoments;

    fn accumulator(&self, schema: &Schema) -> Result<ColumnMoments> {
        let columns = self.columns.resolve(schema)?.into_iter().map(|column| {
            let data_type = schema.field(index_of(schema, &column)?).data_type();
            NumericColumn::new(&column, &new_empty_array(data_type))?;
            Ok((column, Moments::new()))
        });
        Ok(ColumnMoments {
            columns: columns.collect::<Result<_>>()?,
            divisor: self.divisor,
        })
    }
}

/// Gathers mean and standard deviation for a [`StandardScaler`].
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    unnameable_types,
    reason = "it is `StandardScaler::Accumulator`, which callers never name"
)]
pub struct ColumnMoments {
    columns: Vec<(String, Moments)>,
    divisor: Divisor,
}

impl Accumulate for ColumnMoments {
    type Output = FittedStandardScaler;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        for (column, moments) in &mut self.columns {
            let values = NumericColumn::new(column, by_name(batch, column)?)?;
            values.view().for_each(|value| moments.add(value));
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        let names = |gathered: &Self| -> Vec<String> {
            let names = gathered.columns.iter().map(|(column, _)| column.clone());
            names.collect()
        };
        if names(self) != names(&other) {
            return Err(Error::Corrupt {
                what: "accumulator".into(),
                message: "was made for other columns".into(),
            });
        }
        for ((_, moments), (_, more)) in self.columns.iter_mut().zip(&other.columns) {
            moments.merge(more);
        }
        Ok(())
    }

    fn finish(self) -> Result<FittedStandardScaler> {
        let scale = |(column, moments)| Scale::of(column, &moments, self.divisor);
        Ok(FittedStandardScaler {
            columns: self.columns.into_iter().map(scale).collect::<Result<_>>()?,
        })
    }
}

/// Brings columns to mean 0 and standard deviation 1, by the figures of the rows it was fitted on.
///
/// A value *x* becomes (*x* − mean) / standard deviation; in a column of equal values, or of one value, it becomes
/// *x* − mean. A scaled column is `Float64` and keeps its name and metadata. A missing value (null or NaN) becomes null,
/// an infinity stays one.
///
/// A value costs one subtraction and one division.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedStandardScaler {
    columns: Vec<Scale>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scale {
    column: String,
    mean: f64,
    /// 0 for equal values and for one value.
    std_dev: f64,
}

impl FittedStandardScaler {
    /// The mean of `column`, or `None` if it is not scaled.
    #[must_use]
    pub fn mean(&self, column: &str) -> Option<f64> {
        self.of(column).map(|scale| scale.mean)
    }

    /// The standard deviation of `column`, 0 where it had one value only; `None` if it is not scaled.
    #[must_use]
    pub fn std_dev(&self, column: &str) -> Option<f64> {
        self.of(column).map(|scale| scale.std_dev)
    }

    fn of(&self, column: &str) -> Option<&Scale> {
        self.columns.iter().find(|scale| scale.column == column)
    }
}

impl Scale {
    fn of(column: String, moments: &Moments, divisor: Divisor) -> Result<Self> {
        let Some(mean) = moments.mean() else {
            return Err(Error::AllNull { column });
        };
        let std_dev = match divisor {
            Divisor::Sample => moments.std_dev(),
            Divisor::Population => moments.population_variance().map(f64::sqrt),
        };
        let std_dev = std_dev.unwrap_or(0.0);
        if mean.is_finite() && std_dev.is_finite() {
            return Ok(Self {
                column,
                mean,
                std_dev,
            });
        }
        let message = format!(
            "column {column:?} holds values that are infinite, or too large for a standard deviation; cap them first"
        );
        Err(Error::parameter("columns", message))
    }

    fn apply(&self, values: &NumericColumn) -> Float64Array {
        let divisor = if self.std_dev > 0.0 {
            self.std_dev
        } else {
            1.0
        };
        let scaled = |value: f64| (!value.is_nan()).then(|| (value - self.mean) / divisor);
        values.view().to_vec().into_iter().map(scaled).collect()
    }
}

impl Transform for FittedStandardScaler {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        schema_of(self, input)
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        let mut scaled: HashMap<usize, Vec<Column>> = HashMap::new();
        for scale in &self.columns {
            let position = index_of(batch.schema_ref(), &scale.column)?;
            let values = NumericColumn::new(&scale.column, batch.column(position))?;
            let field = batch.schema_ref().field(position).clone();
            let field = field.with_data_type(DataType::Float64).with_nullable(true);
            let column = (Arc::new(field), Arc::new(scale.apply(&values)) as ArrayRef);
            scaled.insert(position, vec![column]);
        }
        replaced(batch, scaled)
    }
}

impl Step for FittedStandardScaler {
    const NAME: &'static str = "alchemy-features/standard_scaler";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(values: Vec<f64>) -> RecordBatch {
        let column = Arc::new(Float64Array::from(values)) as ArrayRef;
        RecordBatch::try_from_iter([("x", column)]).unwrap()
    }

    #[test]
    fn equal_values_and_one_value_are_only_moved() {
        for values in [vec![0.1; 30], vec![0.1]] {
            let scaler = StandardScaler::new().fit(&batch(values)).unwrap();
            assert_eq!(scaler.std_dev("x"), Some(0.0));
            let scaled = scaler.transform(&batch(vec![0.1, 2.1])).unwrap();
            assert_eq!(scaled["x"].as_ref(), &Float64Array::from(vec![0.0, 2.0]));
        }
    }

    #[test]
    fn an_infinity_stays_one_and_cannot_be_learned_from() {
        let scaler = StandardScaler::new().fit(&batch(vec![1.0, 3.0])).unwrap();
        let scaled = scaler.transform(&batch(vec![f64::INFINITY])).unwrap();
        assert_eq!(
            scaled["x"].as_ref(),
            &Float64Array::from(vec![f64::INFINITY])
        );
        let error = StandardScaler::new()
            .fit(&batch(vec![1.0, f64::INFINITY]))
            .unwrap_err();
        assert!(error.to_string().contains("column \"x\""), "{error}");
    }

    #[test]
    fn nothing_to_learn_from_is_an_error() {
        let error = StandardScaler::new()
            .fit(&batch(vec![f64::NAN]))
            .unwrap_err();
        assert!(
            matches!(&error, Error::AllNull { column } if column == "x"),
            "{error}"
        );
    }
}

//! Gathering what the missing cells of a column are filled with.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::{DataType, Field};
use alchemy_core::column::NumericColumn;
use alchemy_core::stats::{ExactSum, Quantile, Quantiles};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::mode::Counts;
use super::{FillValue, ImputeStrategy};
use crate::per_column::{Learner, add_numbers};
use crate::plain::{require, value_type};

/// What the values of one column add up to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum FillLearner {
    Median(Quantiles),
    Mean { sum: ExactSum, count: u64 },
    Mode(Counts),
    Constant(FillValue),
}

impl FillLearner {
    /// # Errors
    ///
    /// [`Error::ColumnType`] if `strategy` has no meaning for the column, [`Error::InvalidParameter`] for a constant that
    /// is no value of its type.
    pub(super) fn new(strategy: &ImputeStrategy, field: &Field) -> Result<Self> {
        let found = field.data_type();
        require(
            strategy.accepts(found),
            field.name(),
            found,
            strategy.expected(),
        )?;
        Ok(match strategy {
            ImputeStrategy::Median => Self::Median(Quantiles::new()),
            ImputeStrategy::Mean => Self::Mean {
                sum: ExactSum::new(),
                count: 0,
            },
            ImputeStrategy::Mode => Self::Mode(Counts::default()),
            ImputeStrategy::Constant(constant) => {
                let data_type = value_type(found);
                let value = FillValue::of_constant(constant, &data_type)?;
                Self::Constant(value.ok_or_else(|| {
                    let message = format!(
                        "constant {constant:?} is not a value of column {:?}, which is {data_type}",
                        field.name()
                    );
                    Error::parameter("strategy", message)
                })?)
            }
        })
    }
}

impl Learner for FillLearner {
    type Learned = FillValue;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        match self {
            Self::Median(values) => add_numbers(values, column, array)?,
            Self::Mean { sum, count } => {
                NumericColumn::new(column, array)?.view().for_each(|value| {
                    sum.add(value);
                    *count += 1;
                });
            }
            Self::Mode(counts) => counts.update(column, array)?,
            Self::Constant(_) => {}
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (Self::Median(ours), Self::Median(theirs)) => ours.merge(theirs),
            (
                Self::Mean { sum, count },
                Self::Mean {
                    sum: other,
                    count: more,
                },
            ) => {
                sum.merge(&other);
                *count += more;
            }
            (Self::Mode(ours), Self::Mode(theirs)) => ours.merge(&theirs),
            (Self::Constant(ours), Self::Constant(theirs)) if *ours == theirs => {}
            _ => {
                return Err(Error::parameter(
                    "strategy",
                    "two different ones cannot be merged",
                ));
            }
        }
        Ok(())
    }

    fn finish(self, column: &str, data_type: &DataType) -> Result<FillValue> {
        let nothing = || Error::AllNull {
            column: column.to_owned(),
        };
        let number = match self {
            Self::Constant(value) => return Ok(value),
            Self::Mode(counts) => {
                let mode = counts
                    .mode(data_type)?
                    .as_ref()
                    .map(FillValue::new)
                    .transpose()?;
                return mode.flatten().ok_or_else(nothing);
            }
            Self::Median(mut values) => values.quantile(Quantile::MEDIAN).ok_or_else(nothing)?,
            Self::Mean { count: 0, .. } => return Err(nothing()),
            Self::Mean { sum, count } => sum.mean(count),
        };
        FillValue::of_number(number, data_type)?.ok_or_else(|| {
            let message = format!("column {column:?} holds both infinities and has no mean");
            Error::parameter("strategy", message)
        })
    }
}

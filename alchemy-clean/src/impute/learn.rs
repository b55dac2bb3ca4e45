//! Gathering what the missing cells of a column are filled with.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::{DataType, Field};
use alchemy_core::column::NumericColumn;
use alchemy_core::stats::{ExactSum, Quantile};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::mode::Occurrences;
use super::observed::{LeastHashes, Observed};
use super::{FillValue, ImputeStrategy};
use crate::per_column::Learner;
use crate::plain::{require, value_type};
use crate::sample::Sample;

/// What the missing cells of a column are filled with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Fill {
    Value(FillValue),
    Draw(Observed),
}

/// What the values of one column add up to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FillLearner {
    Quantile { sample: Sample, q: Quantile },
    Mean { sum: ExactSum, count: u64 },
    Mode(Occurrences),
    Constant(FillValue),
    Draw { sample: LeastHashes, seed: u64 },
}

impl FillLearner {
    /// # Errors
    ///
    /// [`Error::ColumnType`] if `strategy` has no meaning for the column, [`Error::InvalidParameter`] for a constant that
    /// is no value of its type.
    pub(super) fn new(strategy: &ImputeStrategy, sketches: bool, field: &Field) -> Result<Self> {
        let found = field.data_type();
        require(
            strategy.accepts(found),
            field.name(),
            found,
            strategy.expected(),
        )?;
        Ok(match strategy {
            ImputeStrategy::Median => Self::Quantile {
                sample: Sample::new(sketches),
                q: Quantile::MEDIAN,
            },
            ImputeStrategy::Quantile(q) => Self::Quantile {
                sample: Sample::new(sketches),
                q: Quantile::new(*q)?,
            },
            ImputeStrategy::Mean => Self::Mean {
                sum: ExactSum::new(),
                count: 0,
            },
            ImputeStrategy::Mode => Self::Mode(Occurrences::new(&value_type(found))),
            ImputeStrategy::RandomDraw { seed, .. } => Self::Draw {
                sample: LeastHashes::default(),
                seed: *seed,
            },
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
    type Learned = Fill;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        self.update_rows(column, array, &[])
    }

    fn update_rows(&mut self, column: &str, array: &ArrayRef, rows: &[u64]) -> Result<()> {
        match self {
            Self::Quantile { sample, .. } => sample.update(column, array)?,
            Self::Mean { sum, count } => {
                let numbers = NumericColumn::new(column, array)?;
                numbers.view().for_each(|value| {
                    sum.add(value);
                    *count += 1;
                });
            }
            Self::Mode(occurrences) => occurrences.update(column, array)?,
            Self::Constant(_) => {}
            Self::Draw { sample, seed } => sample.update(column, array, rows, *seed)?,
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (
                Self::Quantile { sample, q },
                Self::Quantile {
                    sample: more,
                    q: other,
                },
            ) if *q == other => sample.merge(more)?,
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
            (Self::Mode(ours), Self::Mode(theirs)) => ours.merge(&theirs)?,
            (Self::Constant(ours), Self::Constant(theirs)) if *ours == theirs => {}
            (
                Self::Draw { sample, seed },
                Self::Draw {
                    sample: more,
                    seed: other,
                },
            ) if *seed == other => sample.merge(more),
            _ => {
                return Err(Error::parameter(
                    "strategy",
                    "two different ones cannot be merged",
                ));
            }
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        match self {
            Self::Quantile { sample, .. } => !sample.is_empty(),
            Self::Mean { count, .. } => *count > 0,
            Self::Mode(occurrences) => !occurrences.is_empty(),
            Self::Constant(_) => true,
            Self::Draw { sample, .. } => !sample.is_empty(),
        }
    }

    fn finish(self, column: &str, data_type: &DataType) -> Result<Fill> {
        let nothing = || Error::AllNull {
            column: column.to_owned(),
        };
        let (number, relative_error) = match self {
            Self::Constant(value) => return Ok(Fill::Value(value)),
            Self::Draw { sample, .. } => {
                let observed = sample.observed(data_type)?;
                return observed.map(Fill::Draw).ok_or_else(nothing);
            }
            Self::Mode(occurrences) => {
                let mode = occurrences.mode(data_type)?;
                let mode = mode.as_ref().map(FillValue::new).transpose()?.flatten();
                return mode.map(Fill::Value).ok_or_else(nothing);
            }
            Self::Quantile { mut sample, q } => {
                let [value] = sample.quantiles([q]).ok_or_else(nothing)?;
                (value, sample.relative_error())
            }
            Self::Mean { count: 0, .. } => return Err(nothing()),
            Self::Mean { sum, count } => (sum.mean(count), None),
        };
        let value = FillValue::of_number(number, data_type)?.ok_or_else(|| {
            let message = format!("column {column:?} holds both infinities and has no mean");
            Error::parameter("strategy", message)
        })?;
        Ok(Fill::Value(value.with_relative_error(relative_error)))
    }
}

//! The values of a numeric column, gathered for their quantiles.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::column::NumericColumn;
use alchemy_core::stats::{Quantile, QuantileMethod, QuantileSketch, Quantiles};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// All values, or a sketch of them in bounded memory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sample {
    Exact(Quantiles),
    Sketch(QuantileSketch),
}

impl Sample {
    pub(crate) fn new(sketches: bool) -> Self {
        if sketches {
            Self::Sketch(QuantileSketch::new())
        } else {
            Self::Exact(Quantiles::new())
        }
    }

    pub(crate) fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        let numbers = NumericColumn::new(column, array)?;
        let view = numbers.view();
        match self {
            Self::Exact(values) => {
                let mut more = Vec::with_capacity(view.len());
                // −0 becomes 0: a quantile among zeros must not depend on which of them it meets.
                view.for_each(|value| more.push(value + 0.0));
                values.merge(more.into());
            }
            Self::Sketch(sketch) => view.for_each(|value| sketch.add(value)),
        }
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (Self::Exact(ours), Self::Exact(theirs)) => ours.merge(theirs),
            (Self::Sketch(ours), Self::Sketch(theirs)) => ours.merge(&theirs),
            _ => {
                let message = "sketches and all values cannot be merged";
                return Err(Error::parameter("sketches", message));
            }
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Exact(values) => values.count() == 0,
            Self::Sketch(sketch) => sketch.count() == 0,
        }
    }

    /// Quantiles by linear interpolation (type 7).
    pub(crate) fn quantiles<const N: usize>(&mut self, qs: [Quantile; N]) -> Option<[f64; N]> {
        match self {
            Self::Exact(values) => {
                let found = values.quantiles(&qs, QuantileMethod::Linear)?;
                found.try_into().ok()
            }
            Self::Sketch(sketch) => {
                let mut found = [0.0; N];
                for (value, q) in found.iter_mut().zip(qs) {
                    *value = sketch.quantile(q)?;
                }
                Some(found)
            }
        }
    }

    /// The median and the median of the absolute deviations from it; a sketch gives none.
    pub(crate) fn median_and_deviation(&mut self) -> Option<(f64, f64)> {
        match self {
            Self::Exact(values) => Some((
                values.quantile(Quantile::MEDIAN)?,
                values.median_absolute_deviation()?,
            )),
            Self::Sketch(_) => None,
        }
    }

    /// By how much an order statistic may be off, as a share of it; `None` where it is exact.
    pub(crate) fn relative_error(&self) -> Option<f64> {
        match self {
            Self::Exact(_) => None,
            Self::Sketch(sketch) => Some(sketch.relative_error()),
        }
    }
}

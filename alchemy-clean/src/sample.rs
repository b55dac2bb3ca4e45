//! The values of a numeric column, kept for exact quantiles.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::column::NumericColumn;
use alchemy_core::stats::{Quantile, QuantileMethod, quantiles};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Values in any order; 8 bytes each.
///
/// Stored as bits, for JSON has no infinity.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        self.0.reserve(array.len());
        NumericColumn::new(column, array)?
            .view()
            .for_each(|value| self.0.push(value));
        Ok(())
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Quantiles of type 7.
    pub(crate) fn quantiles(mut self, column: &str, qs: &[Quantile]) -> Result<Vec<f64>> {
        quantiles(&mut self.0, qs, QuantileMethod::Linear).ok_or_else(|| Error::AllNull {
            column: column.to_owned(),
        })
    }
}

impl From<Vec<u64>> for Sample {
    fn from(bits: Vec<u64>) -> Self {
        Self(bits.into_iter().map(f64::from_bits).collect())
    }
}

impl From<Sample> for Vec<u64> {
    fn from(sample: Sample) -> Self {
        sample.0.into_iter().map(f64::to_bits).collect()
    }
}

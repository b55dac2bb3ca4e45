//! What is told of a window, and how it is kept up to date.

use std::fmt;

use alchemy_core::stats::{ExactSum, Moments, Quantile};
use serde::{Deserialize, Serialize};

use super::min_max::{Greatest, Least};
use super::sorted::Sorted;

/// What is told of a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Statistic {
    Sum,
    Mean,
    StdDev,
    Min,
    Max,
    Quantile(Quantile),
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum => f.write_str("sum"),
            Self::Mean => f.write_str("mean"),
            Self::StdDev => f.write_str("std_dev"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Quantile(Quantile::MEDIAN) => f.write_str("median"),
            Self::Quantile(q) => write!(f, "quantile_{}", q.get()),
        }
    }
}

/// A statistic of the values that are in a window now.
///
/// Law: equal contents give equal bits, whatever has been in the window before.
#[derive(Debug, Clone)]
pub(super) enum Summary {
    Sum(ExactSum),
    Mean(ExactSum, u64),
    StdDev(Moments),
    Min(Least),
    Max(Greatest),
    Quantile(Quantile, Sorted),
}

impl Summary {
    pub(super) fn of_nothing(statistic: Statistic) -> Self {
        match statistic {
            Statistic::Sum => Self::Sum(ExactSum::new()),
            Statistic::Mean => Self::Mean(ExactSum::new(), 0),
            Statistic::StdDev => Self::StdDev(Moments::new()),
            Statistic::Min => Self::Min(Least::default()),
            Statistic::Max => Self::Max(Greatest::default()),
            Statistic::Quantile(q) => Self::Quantile(q, Sorted::default()),
        }
    }

    pub(super) fn insert(&mut self, value: f64) {
        match self {
            Self::Sum(sum) => sum.add(value),
            Self::Mean(sum, count) => {
                sum.add(value);
                *count += 1;
            }
            Self::StdDev(moments) => moments.add(value),
            Self::Min(least) => least.insert(value),
            Self::Max(greatest) => greatest.insert(value),
            Self::Quantile(_, sorted) => sorted.insert(value),
        }
    }

    /// Takes out the oldest value.
    pub(super) fn remove(&mut self, value: f64) {
        match self {
            Self::Sum(sum) => sum.remove(value),
            Self::Mean(sum, count) => {
                sum.remove(value);
                *count -= 1;
            }
            Self::StdDev(moments) => moments.remove(value),
            Self::Min(least) => least.remove(value),
            Self::Max(greatest) => greatest.remove(value),
            Self::Quantile(_, sorted) => sorted.remove(value),
        }
    }

    /// The statistic, NaN where it is not defined.
    pub(super) fn value(&self) -> f64 {
        match self {
            Self::Sum(sum) => sum.value(),
            Self::Mean(sum, count) => sum.mean(*count),
            Self::StdDev(moments) => moments.std_dev().unwrap_or(f64::NAN),
            Self::Min(least) => least.value(),
            Self::Max(greatest) => greatest.value(),
            Self::Quantile(q, sorted) => sorted.quantile(*q),
        }
    }
}

//! The population stability index.

use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::column::{NumericColumn, is_numeric, is_temporal};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bins::Bins;
use crate::levels::Levels;

/// How far the shares of bins or levels have moved: the sum of (q - p) ln(q / p), with p the share of the reference and
/// q that of the current sample.
///
/// Missing values are left out. Numbers fall into bins between quantiles of the reference (type 7, infinite and equal
/// ones left out), categories are levels, of either sample. A share below the floor is raised to it, and shares
/// are not made to sum to 1 again.
///
/// By custom less than 0.1 is stable and more than 0.25 a shift, whatever the sample size. Between samples of one
/// distribution it is not 0 but about (bins - 1) (1 / n + 1 / m), so it misleads for small samples and for
/// columns of many levels.
///
/// Definitions differ in the side on which bins are closed and in the floor; both are options.
///
/// # Examples
///
/// ```
/// use alchemy_drift::Psi;
///
/// let reference: Vec<f64> = (0..1000).map(f64::from).collect();
/// let current: Vec<f64> = reference.iter().map(|x| x + 100.0).collect();
/// let psi = Psi::new().of_numbers(&reference, &current)?.unwrap();
/// assert!((psi - 0.76).abs() < 0.01);
/// # Ok::<(), alchemy_drift::Error>(())
/// ```
///
/// # References
///
/// - B. Yurdakul, *Statistical Properties of Population Stability Index*, Western Michigan University, 2018.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Psi {
    num_bins: usize,
    closed: Closed,
    floor: f64,
}

/// The side on which a bin holds its own edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closed {
    /// Bins are `[a, b)`.
    Left,
    /// Bins are `(a, b]`.
    #[default]
    Right,
}

impl Default for Psi {
    fn default() -> Self {
        Self {
            num_bins: 10,
            closed: Closed::Right,
            floor: 1e-4,
        }
    }
}

impl Psi {
    /// Ten bins, closed on the right, with a floor of 0.0001.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts numbers into at most so many bins, 2 to 1000; 10 by default.
    #[must_use]
    pub fn with_num_bins(mut self, num_bins: usize) -> Self {
        self.num_bins = num_bins;
        self
    }

    /// On which side a bin holds its edge; on the right by default.
    #[must_use]
    pub fn with_closed(mut self, closed: Closed) -> Self {
        self.closed = closed;
        self
    }

    /// The least share of a bin or level, above 0 and below 1; 0.0001 by default.
    #[must_use]
    pub fn with_floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// The index of two samples of numbers; `None` if one has no value. NaN is missing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a number of bins or a floor out of range.
    pub fn of_numbers(&self, reference: &[f64], current: &[f64]) -> Result<Option<f64>> {
        self.check()?;
        let present = |values: &[f64]| {
            values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect::<Vec<_>>()
        };
        let bins = self.bins(&mut present(reference));
        self.of_counts(&bins.pair(&present(current)))
    }

    /// The index of the counts of each bin or level, in the reference and in the current sample; `None` if a sample is
    /// empty.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a floor out of range.
    pub fn of_counts(&self, counts: &[(usize, usize)]) -> Result<Option<f64>> {
        self.check()?;
        let n: usize = counts.iter().map(|(a, _)| a).sum();
        let m: usize = counts.iter().map(|(_, b)| b).sum();
        let term = |(a, b): &(usize, usize)| {
            let p = (*a as f64 / n as f64).max(self.floor);
            let q = (*b as f64 / m as f64).max(self.floor);
            (q - p) * (q / p).ln()
        };
        Ok((n > 0 && m > 0).then(|| counts.iter().map(term).sum()))
    }

    /// The index of two columns called `name`: of numbers, dates and timestamps by bins, of text and Booleans by levels.
    ///
    /// # Errors
    ///
    /// As [`of_numbers`](Self::of_numbers), and [`Error::ColumnType`] for any other type, and for numbers beside text.
    pub fn of_columns(
        &self,
        name: &str,
        reference: &ArrayRef,
        current: &ArrayRef,
    ) -> Result<Option<f64>> {
        if is_numeric(reference.data_type()) || is_temporal(reference.data_type()) {
            let numbers =
                |array| NumericColumn::ordered(name, array).map(|column| column.view().valid());
            self.of_numbers(&numbers(reference)?, &numbers(current)?)
        } else {
            let levels = |array| Levels::of(name, array);
            self.of_counts(&levels(reference)?.pair(&levels(current)?))
        }
    }

    /// Bins for values that are not NaN; leaves them in another order.
    pub(crate) fn bins(&self, reference: &mut [f64]) -> Bins {
        Bins::learn(reference, self.num_bins, self.closed)
    }

    pub(crate) fn check(&self) -> Result<()> {
        if !(2..=1000).contains(&self.num_bins) {
            let message = format!("{} is not between 2 and 1000", self.num_bins);
            return Err(Error::parameter("num_bins", message));
        }
        if self.floor > 0.0 && self.floor < 1.0 {
            return Ok(());
        }
        Err(Error::parameter(
            "floor",
            format!("{} is not between 0 and 1", self.floor),
        ))
    }
}

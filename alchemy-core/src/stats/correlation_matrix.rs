//! The correlation of every two columns.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::centred::Centred;
use super::co_moments::pearson;
use super::rank::ranks;
use super::rank_correlation::{kendall, spearman};

/// A coefficient of how two columns go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// [`pearson`]: how near to a line.
    #[default]
    Pearson,
    /// [`spearman`]: how near to a rising or falling curve, by ranks.
    Spearman,
    /// [`kendall`]: τ-b, how many pairs of rows are in the same order.
    Kendall,
}

/// The correlation of every two columns, each over the rows where both have a value.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Correlation, CorrelationMatrix};
///
/// let (x, y) = ([1.0, 2.0, 3.0, f64::NAN], [2.0, 4.0, 6.0, 0.0]);
/// let found = CorrelationMatrix::of(&[&x, &y, &[7.0; 4]], Correlation::Pearson);
/// assert_eq!(found.get(0, 1), Some(1.0));
/// assert_eq!(found.get(0, 2), None);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<Vec<Option<f64>>>", try_from = "Vec<Vec<Option<f64>>>")]
pub struct CorrelationMatrix {
    /// Row i holds the coefficients with the columns up to i.
    rows: Vec<Vec<Option<f64>>>,
}

impl CorrelationMatrix {
    /// Correlates every two of `columns`, in parallel over pairs.
    ///
    /// NaN is missing, and leaves out the row for pairs with that column only. Undefined coefficients,
    /// by a constant column, by fewer than two rows, or by an infinity for Pearson's, are `None`; the
    /// diagonal is 1 or `None`.
    ///
    /// Pearson's of any columns, and Spearman's of columns without NaN, are computed from deviations that
    /// are taken once for each column: about 1 ns for each row and pair, 3 ns with NaN, and 8 bytes for each
    /// value. They differ from [`pearson`] and [`spearman`] by less than 3e-13, as a rule by 1e-16, and are 1
    /// for equal columns. Other coefficients take n log n time for each pair. The result does not depend on the
    /// number of threads.
    #[must_use]
    pub fn of(columns: &[&[f64]], kind: Correlation) -> Self {
        let alone = match kind {
            Correlation::Pearson => pearson,
            Correlation::Spearman => spearman,
            Correlation::Kendall => kendall,
        };
        let prepared: Vec<Option<Centred>> = columns
            .par_iter()
            .map(|column| match kind {
                Correlation::Pearson => Centred::of(column),
                Correlation::Spearman if column.iter().any(|value| value.is_nan()) => None,
                Correlation::Spearman => Centred::of(&ranks(column)),
                Correlation::Kendall => None,
            })
            .collect();
        let coefficient = |i: usize, j: usize| {
            let found = match (&prepared[i], &prepared[j]) {
                (Some(x), Some(y)) if x.is_constant() || y.is_constant() => None,
                (Some(x), Some(y)) => x.correlation(y).or_else(|| alone(columns[i], columns[j])),
                _ => alone(columns[i], columns[j]),
            };
            found.filter(|found| !found.is_nan())
        };
        let pairs: Vec<(usize, usize)> = (0..columns.len())
            .flat_map(|i| (0..=i).map(move |j| (i, j)))
            .collect();
        let found: Vec<Option<f64>> = pairs
            .into_par_iter()
            .with_max_len(1)
            .map(|(i, j)| coefficient(i, j))
            .collect();
        let mut rest = found.into_iter();
        let rows = (1..=columns.len()).map(|len| rest.by_ref().take(len).collect());
        Self {
            rows: rows.collect(),
        }
    }

    /// How many columns there are.
    #[must_use]
    pub fn num_columns(&self) -> usize {
        self.rows.len()
    }

    /// The coefficient of columns `i` and `j`, counted from 0; `None` where it is undefined, or there
    /// is no such column.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> Option<f64> {
        *self.rows.get(i.max(j))?.get(i.min(j))?
    }
}

impl From<CorrelationMatrix> for Vec<Vec<Option<f64>>> {
    fn from(matrix: CorrelationMatrix) -> Self {
        matrix.rows
    }
}

impl TryFrom<Vec<Vec<Option<f64>>>> for CorrelationMatrix {
    type Error = String;

    fn try_from(rows: Vec<Vec<Option<f64>>>) -> Result<Self, String> {
        if rows.iter().enumerate().any(|(at, row)| row.len() != at + 1) {
            return Err("row i of a matrix of correlations has i + 1 coefficients".to_owned());
        }
        Ok(Self { rows })
    }
}

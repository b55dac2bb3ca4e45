//! The correlation of every two columns.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::centred::Centred;
use super::co_moments::pearson;
use super::rank::Order;
use super::rank_correlation::kendall;

/// A coefficient of how two columns go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// [`pearson`]: how near to a line.
    #[default]
    Pearson,
    /// [`spearman`](super::spearman): how near to a rising or falling curve, by ranks.
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
    /// are taken once for each column: below 1 ns for each row and pair, 2 ns with NaN, and 8 bytes for each
    /// value. They differ from [`pearson`] and [`spearman`](super::spearman) by less than 3e-13, as a rule by
    /// 1e-16, and are 1 for equal columns. Spearman's sorts each column once, which takes 16 bytes for each
    /// value; with NaN it then takes about 30 ns for each row and pair. Kendall's takes n log n time for each
    /// pair. The result does not depend on the number of threads.
    #[must_use]
    pub fn of(columns: &[&[f64]], kind: Correlation) -> Self {
        match kind {
            Correlation::Pearson => {
                let centred: Vec<_> = columns.par_iter().map(|x| Centred::of(x)).collect();
                Self::by_pair(columns.len(), |i, j| {
                    correlation(&centred[i], &centred[j], || pearson(columns[i], columns[j]))
                })
            }
            Correlation::Spearman => {
                let orders: Vec<_> = columns.par_iter().map(|x| Order::of(x)).collect();
                let complete = orders.par_iter().map(|order| {
                    let complete = !order.is_incomplete();
                    complete.then(|| Centred::of(&order.ranks_where(|_| true)))?
                });
                let centred: Vec<_> = complete.collect();
                let ranks = |i: usize, j: usize| {
                    let present = |value: &f64| !value.is_nan();
                    orders[i].ranks_where(|row| columns[j].get(row).is_some_and(present))
                };
                Self::by_pair(columns.len(), |i, j| {
                    let alone = || pearson(&ranks(i, j), &ranks(j, i));
                    correlation(&centred[i], &centred[j], alone)
                })
            }
            Correlation::Kendall => {
                Self::by_pair(columns.len(), |i, j| kendall(columns[i], columns[j]))
            }
        }
    }

    fn by_pair(
        num_columns: usize,
        coefficient: impl Fn(usize, usize) -> Option<f64> + Sync,
    ) -> Self {
        let pairs: Vec<(usize, usize)> = (0..num_columns)
            .flat_map(|i| (0..=i).map(move |j| (i, j)))
            .collect();
        let found: Vec<Option<f64>> = pairs
            .into_par_iter()
            .with_max_len(1)
            .map(|(i, j)| coefficient(i, j).filter(|found| !found.is_nan()))
            .collect();
        let mut rest = found.into_iter();
        let rows = (1..=num_columns).map(|len| rest.by_ref().take(len).collect());
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

/// By deviations where both columns have them and rounding does not show, else `alone`.
fn correlation(
    x: &Option<Centred>,
    y: &Option<Centred>,
    alone: impl FnOnce() -> Option<f64>,
) -> Option<f64> {
    match (x, y) {
        (Some(x), Some(y)) if x.is_constant() || y.is_constant() => None,
        (Some(x), Some(y)) => x.correlation(y).or_else(alone),
        _ => alone(),
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

//! The correlation of every two columns.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::co_moments::pearson;
use super::exact_sum::ExactSum;
use super::moments::Moments;
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
    /// Of columns without NaN, Pearson's and Spearman's are computed from deviations that are taken once for
    /// each column, at about 1 ns for each row and pair and 8 bytes for each value; they differ
    /// from [`pearson`] and [`spearman`] by less than 2e-14, as a rule by 1e-16, and are 1 for equal columns. Pairs with NaN cost about
    /// 25 ns for each row, ranks n log n. The result does not depend on the number of threads.
    #[must_use]
    pub fn of(columns: &[&[f64]], kind: Correlation) -> Self {
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
            let found = match (&prepared[i], &prepared[j], kind) {
                (Some(x), Some(y), _) if x.deviations.len() == y.deviations.len() => {
                    x.correlation(y)
                }
                (_, _, Correlation::Pearson) => pearson(columns[i], columns[j]),
                (_, _, Correlation::Spearman) => spearman(columns[i], columns[j]),
                (_, _, Correlation::Kendall) => kendall(columns[i], columns[j]),
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

/// A column without NaN as deviations from its mean.
#[derive(Debug)]
struct Centred {
    deviations: Vec<f64>,
    /// What rounding leaves of their sum.
    sum: f64,
    /// The sum of their squares about their own mean.
    square: f64,
}

impl Centred {
    /// `None` for a column with a NaN or an infinity, or of a scale where squares leave the range of floats
    /// or its full precision.
    fn of(values: &[f64]) -> Option<Self> {
        /// With 2^63 values or fewer, squares within stay far from both ends.
        const SCALES: std::ops::Range<f64> = 1e-130..1e130;
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mean = Moments::from_iter(values.iter().copied()).mean()?;
        let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let largest = deviations
            .iter()
            .fold(0.0_f64, |most, deviation| most.max(deviation.abs()));
        if largest != 0.0 && !SCALES.contains(&largest) {
            return None;
        }
        let sum = ExactSum::from_iter(deviations.iter().copied()).value();
        let square = dot(&deviations, &deviations) - sum * (sum / deviations.len() as f64);
        Some(Self {
            deviations,
            sum,
            square,
        })
    }

    fn correlation(&self, other: &Self) -> Option<f64> {
        let n = self.deviations.len() as f64;
        let product = dot(&self.deviations, &other.deviations) - self.sum * (other.sum / n);
        let scale = (self.square * other.square).sqrt();
        (scale > 0.0).then(|| (product / scale).clamp(-1.0, 1.0))
    }
}

/// Σ x y in a fixed order: lanes that the processor adds at once, and blocks that keep rounding small.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    const LANES: usize = 8;
    const BLOCK: usize = 1 << 10;
    let block = |x: &[f64], y: &[f64]| {
        let mut sums = [0.0; LANES];
        let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
        let rest = xs.remainder().iter().zip(ys.remainder());
        let rest: f64 = rest.map(|(x, y)| x * y).sum();
        for (x, y) in xs.zip(ys) {
            for lane in 0..LANES {
                sums[lane] += x[lane] * y[lane];
            }
        }
        sums.iter().sum::<f64>() + rest
    };
    let blocks = x.chunks(BLOCK).zip(y.chunks(BLOCK));
    // Neumaier's sum over the blocks.
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for (x, y) in blocks {
        let term = block(x, y);
        let next = sum + term;
        lost += if sum.abs() >= term.abs() {
            (sum - next) + term
        } else {
            (term - next) + sum
        };
        sum = next;
    }
    sum + lost
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

//! Ridge regression in closed form.

use serde::{Deserialize, Serialize};

use super::gram::Products;

/// A number as a sum of others, each times its coefficient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Regression {
    /// The column it estimates.
    pub(super) column: usize,
    pub(super) intercept: f64,
    /// One for each column; 0 for its own.
    pub(super) coefficients: Vec<f64>,
}

impl Regression {
    /// Of column `target` on all others, from sums over the rows that have it: the coefficients *w* that make
    /// ‖*y* − *Xw*‖² + `alpha` ‖*w*‖² least, for columns with their means taken off. `width` columns, the target included.
    pub(super) fn fit(products: &Products, target: usize, width: usize, alpha: f64) -> Self {
        let count = products.get(0, 0);
        let mean = |column: usize| products.get(0, column + 1) / count;
        let covariance =
            |a: usize, b: usize| products.get(a + 1, b + 1) - products.get(0, a + 1) * mean(b);
        let others: Vec<usize> = (0..width).filter(|column| *column != target).collect();
        let matrix = |a: usize, b: usize| {
            let penalty = if a == b { alpha } else { 0.0 };
            covariance(others[a], others[b]) + penalty
        };
        let right: Vec<f64> = others
            .iter()
            .map(|other| covariance(*other, target))
            .collect();
        let mut coefficients = vec![0.0; width];
        let solution = solve(matrix, &right);
        // Only without a penalty worth the name may it be out of reach; the mean is left then.
        if solution.iter().all(|coefficient| coefficient.is_finite()) {
            for (other, coefficient) in others.iter().zip(solution) {
                coefficients[*other] = coefficient;
            }
        }
        let explained: f64 = (0..width)
            .map(|column| coefficients[column] * mean(column))
            .sum();
        Self {
            column: target,
            intercept: mean(target) - explained,
            coefficients,
        }
    }

    /// The estimate from the cells of a row.
    pub(super) fn estimate(&self, cells: &[f64]) -> f64 {
        let terms = self.coefficients.iter().zip(cells);
        self.intercept
            + terms
                .map(|(coefficient, cell)| coefficient * cell)
                .sum::<f64>()
    }
}

/// Solves a symmetric system by the factors of Cholesky, in *n*³ / 6 steps.
///
/// An unknown whose column is a combination of those before it is 0.
fn solve(matrix: impl Fn(usize, usize) -> f64, right: &[f64]) -> Vec<f64> {
    /// A pivot below this share of its diagonal is rounding error.
    const SMALLEST_PIVOT: f64 = 1e-13;
    let size = right.len();
    let mut factor = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=row {
            let (left, above) = (&factor[row * size..], &factor[column * size..]);
            let products = left[..column].iter().zip(&above[..column]);
            let rest = matrix(row, column) - products.map(|(a, b)| a * b).sum::<f64>();
            let pivot = factor[column * size + column];
            factor[row * size + column] = if row == column {
                let is_pivot = rest > SMALLEST_PIVOT * matrix(row, row);
                if is_pivot { rest.sqrt() } else { 0.0 }
            } else if pivot > 0.0 {
                rest / pivot
            } else {
                0.0
            };
        }
    }
    let mut solution = right.to_vec();
    let divided = |rest: f64, pivot: f64| if pivot > 0.0 { rest / pivot } else { 0.0 };
    for row in 0..size {
        let known = factor[row * size..][..row].iter().zip(&solution);
        let rest = solution[row] - known.map(|(a, b)| a * b).sum::<f64>();
        solution[row] = divided(rest, factor[row * size + row]);
    }
    for row in (0..size).rev() {
        let known = (row + 1..size).map(|below| factor[below * size + row] * solution[below]);
        let rest = solution[row] - known.sum::<f64>();
        solution[row] = divided(rest, factor[row * size + row]);
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let matrix = [[4.0, 2.0, 0.0], [2.0, 5.0, 3.0], [0.0, 3.0, 6.0]];
        let wanted = [1.0, -2.0, 0.5];
        let right = matrix.map(|row| row.iter().zip(wanted).map(|(a, x)| a * x).sum());
        let found = solve(|a, b| matrix[a][b], &right);
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-14, "{found} {wanted}");
        }
    }

    #[test]
    fn a_combination_of_columns_before_gets_no_part() {
        // The second column is twice the first.
        let matrix = [[1.0, 2.0], [2.0, 4.0]];
        assert_eq!(solve(|a, b| matrix[a][b], &[3.0, 6.0]), [3.0, 0.0]);
        assert_eq!(solve(|_, _| 0.0, &[0.0, 1.0]), [0.0, 0.0]);
        assert_eq!(solve(|_, _| 0.0, &[]), [0.0; 0]);
    }
}

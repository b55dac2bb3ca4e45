//! The rounds of regressions that training goes through.

use alchemy_core::{Context, Result};

use super::IterativeImputer;
use super::gram::{Products, Table};
use super::ridge::Regression;

/// Cells relative to the initial value of their column, and which of them are estimates.
#[derive(Debug)]
pub(super) struct Training {
    table: Table,
    /// The rows that lack each column.
    missing: Vec<Vec<usize>>,
    /// The size of the largest value, not relative.
    largest: f64,
}

impl Training {
    /// `columns` are as they came, NaN where a cell is missing; `initial` is what those begin with.
    pub(super) fn new(columns: &[Vec<f64>], initial: &[f64]) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let width = columns.len() + 1;
        let mut cells = vec![1.0; rows * width];
        let mut largest: f64 = 0.0;
        let mut missing = Vec::new();
        for (index, (column, initial)) in columns.iter().zip(initial).enumerate() {
            let mut lacking = Vec::new();
            for (row, cell) in column.iter().enumerate() {
                largest = largest.max(cell.abs());
                cells[row * width + index + 1] = if cell.is_nan() {
                    lacking.push(row);
                    0.0
                } else {
                    cell - initial
                };
            }
            missing.push(lacking);
        }
        Self {
            table: Table { cells, width },
            missing,
            largest,
        }
    }

    /// The regressions of each round, until a round changes hardly anything.
    pub(super) fn rounds(
        mut self,
        spec: &IterativeImputer,
        clip: impl Fn(usize, f64) -> f64,
        context: &Context,
    ) -> Result<(Vec<Vec<Regression>>, bool)> {
        let mut order: Vec<usize> = (0..self.missing.len()).collect();
        order.sort_by_key(|column| self.missing[*column].len());
        let mut products = self.table.products()?;
        let mut rounds = Vec::new();
        for round in 0..spec.max_rounds {
            context.report("fit", round as u64, spec.max_rounds as u64)?;
            let mut changes = vec![0.0; self.table.rows()];
            let mut regressions = Vec::with_capacity(order.len());
            for column in &order {
                let regression = self.visit(*column, spec.alpha, &products)?;
                self.estimate(&regression, &clip, &mut changes);
                if !self.missing[*column].is_empty() {
                    products.set(column + 1, &self.table.products_with(column + 1)?);
                }
                regressions.push(regression);
            }
            rounds.push(regressions);
            if changes.into_iter().fold(0.0, f64::max) < spec.tolerance * self.largest {
                return Ok((rounds, true));
            }
        }
        Ok((rounds, false))
    }

    /// The regression of `column` from the rows that have it.
    fn visit(&self, column: usize, alpha: f64, products: &Products) -> Result<Regression> {
        let lacking = self.table.products_of(&self.missing[column])?;
        let having = products.without(&lacking);
        Ok(Regression::fit(&having, column, self.missing.len(), alpha))
    }

    /// Takes new estimates for a column, and adds by how much each changed to the changes of its row.
    fn estimate(
        &mut self,
        regression: &Regression,
        clip: impl Fn(usize, f64) -> f64,
        changes: &mut [f64],
    ) {
        let width = self.table.width;
        for row in &self.missing[regression.column] {
            let cells = &mut self.table.cells[row * width + 1..][..width - 1];
            let estimate = clip(regression.column, regression.estimate(cells));
            let cell = &mut cells[regression.column];
            changes[*row] += (estimate - *cell).abs();
            *cell = estimate;
        }
    }
}

//! The association of rows and columns of counts.

use super::exact_sum::ExactSum;

/// A table of counts by its cells that are not zero. Sums over cells are exact, so that the order of
/// cells does not show.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) total: u64,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The count of a cell, and the totals of its row and of its column.
    pub(super) counts: Vec<(u64, u64, u64)>,
}

impl Cells {
    pub(super) fn chi_square(&self) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let n = u128::from(self.total);
        // What is expected in the cells without a count, times n: differences of integers, which
        // leave nothing behind where nothing is.
        let mut unseen = n * n;
        let mut sum = ExactSum::new();
        for (count, row, column) in &self.counts {
            let expected = u128::from(*row) * u128::from(*column);
            unseen = unseen.saturating_sub(expected);
            let distance = (n * u128::from(*count)).abs_diff(expected) as f64;
            sum.add(distance * (distance / expected as f64) / n as f64);
        }
        sum.add(unseen as f64 / n as f64);
        Some(sum.value())
    }

    pub(super) fn cramers_v(&self) -> Option<f64> {
        let least = self.rows.min(self.columns);
        if least < 2 {
            return None;
        }
        let most = self.total as f64 * (least - 1) as f64;
        Some((self.chi_square()? / most).sqrt().min(1.0))
    }

    pub(super) fn cramers_v_corrected(&self) -> Option<f64> {
        if self.rows.min(self.columns) < 2 {
            return None;
        }
        let (rows, columns) = ((self.rows - 1) as f64, (self.columns - 1) as f64);
        let n = self.total as f64;
        let by_chance = rows * columns / (n - 1.0);
        let square = (self.chi_square()? / n - by_chance).max(0.0);
        let corrected = |free: f64| free - free * free / (n - 1.0);
        let most = corrected(rows).min(corrected(columns));
        (most > 0.0).then(|| (square / most).sqrt().min(1.0))
    }

    pub(super) fn mutual_information(&self) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let n = u128::from(self.total);
        let terms = self.counts.iter().map(|(count, row, column)| {
            let observed = n * u128::from(*count);
            let expected = u128::from(*row) * u128::from(*column);
            *count as f64 * (observed as f64 / expected as f64).ln()
        });
        Some((ExactSum::from_iter(terms).value() / n as f64).max(0.0))
    }
}

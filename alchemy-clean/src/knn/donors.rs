//! The training rows, laid out to be compared with eight at once.

use std::fmt;

use super::distance::{LANES, Lanes};

/// Training rows in groups of [`LANES`], each group column by column: `lanes[group * columns + column][lane]`.
///
/// Missing is NaN, as are the rows that fill up the last group.
#[derive(Clone)]
pub(super) struct Donors {
    rows: usize,
    columns: usize,
    lanes: Vec<Lanes>,
}

impl Donors {
    /// `rows` rows of `columns` columns, everything missing.
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        let lanes = vec![[f64::NAN; LANES]; rows.div_ceil(LANES) * columns];
        Self {
            rows,
            columns,
            lanes,
        }
    }

    /// Takes the cells of a column.
    pub(super) fn set(&mut self, column: usize, cells: &[f64]) {
        let groups = self.lanes.chunks_exact_mut(self.columns);
        for (group, cells) in groups.zip(cells.chunks(LANES)) {
            group[column][..cells.len()].copy_from_slice(cells);
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Group by group, a number of [`LANES`] rows for each column.
    pub(super) fn lanes(&self) -> &[Lanes] {
        &self.lanes
    }

    pub(super) fn get(&self, row: usize, column: usize) -> f64 {
        self.lanes[row / LANES * self.columns + column][row % LANES]
    }

    /// The cells of a column by row.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = f64> {
        (0..self.rows).map(move |row| self.get(row, column))
    }
}

/// Equal cells; missing ones are equal, and the two zeros are not.
impl PartialEq for Donors {
    fn eq(&self, other: &Self) -> bool {
        let bits = |lanes: &Lanes| lanes.map(f64::to_bits);
        self.rows == other.rows
            && self.columns == other.columns
            && self.lanes.iter().map(bits).eq(other.lanes.iter().map(bits))
    }
}

impl fmt::Debug for Donors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows of {} columns", self.rows, self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_where_they_were_put() {
        for rows in [1_u16, 7, 8, 9, 17] {
            let mut donors = Donors::new(rows.into(), 3);
            let cells: Vec<f64> = (0..rows).map(f64::from).collect();
            donors.set(1, &cells);
            assert_eq!(donors.column(1).collect::<Vec<_>>(), cells);
            assert!(donors.column(2).all(f64::is_nan));
            assert_eq!(donors, donors.clone());
        }
    }
}

//! Sums of products of columns.

use std::ops::Range;

use alchemy_core::Result;
use alchemy_core::parallel::by_rows;

/// A table row by row, a 1 before the cells of each.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) cells: Vec<f64>,
    /// Cells of a row, the 1 included.
    pub(super) width: usize,
}

impl Table {
    pub(super) fn rows(&self) -> usize {
        self.cells.len() / self.width
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.width..][..self.width]
    }

    fn range(&self, rows: Range<usize>) -> impl Iterator<Item = &[f64]> {
        self.cells[rows.start * self.width..rows.end * self.width].chunks_exact(self.width)
    }

    /// The sums of the products of every two cells of a row, over all rows.
    pub(super) fn products(&self) -> Result<Products> {
        let of = |rows| {
            let mut products = Products::new(self.width);
            self.range(rows).for_each(|row| products.add(row));
            Ok(products.sums)
        };
        Ok(Products {
            width: self.width,
            sums: total(by_rows(self.rows(), of)?, self.width * self.width),
        })
    }

    /// The sums of the products of the cells with that of `column`.
    pub(super) fn products_with(&self, column: usize) -> Result<Vec<f64>> {
        let of = |rows| {
            let mut sums = vec![0.0; self.width];
            self.range(rows)
                .for_each(|row| add(&mut sums, row[column], row));
            Ok(sums)
        };
        Ok(total(by_rows(self.rows(), of)?, self.width))
    }

    /// The sums of the products of every two cells over so many rows only.
    pub(super) fn products_of(&self, rows: &[usize]) -> Result<Products> {
        let of = |range: Range<usize>| {
            let mut products = Products::new(self.width);
            rows[range]
                .iter()
                .for_each(|row| products.add(self.row(*row)));
            Ok(products.sums)
        };
        Ok(Products {
            width: self.width,
            sums: total(by_rows(rows.len(), of)?, self.width * self.width),
        })
    }
}

/// Sums of products of columns; those of the first column, which is 1 everywhere, are the count and the sums.
#[derive(Debug)]
pub(super) struct Products {
    width: usize,
    /// Row by row; only what is on the diagonal and right of it, unless [`set`](Self::set) filled the rest.
    sums: Vec<f64>,
}

impl Products {
    fn new(width: usize) -> Self {
        Self {
            width,
            sums: vec![0.0; width * width],
        }
    }

    fn add(&mut self, row: &[f64]) {
        let sums = self.sums.chunks_exact_mut(self.width).enumerate();
        for (first, sums) in sums {
            add(&mut sums[first..], row[first], &row[first..]);
        }
    }

    pub(super) fn get(&self, a: usize, b: usize) -> f64 {
        self.sums[a.min(b) * self.width + a.max(b)]
    }

    /// Takes other sums for `column`.
    pub(super) fn set(&mut self, column: usize, sums: &[f64]) {
        for (other, sum) in sums.iter().enumerate() {
            self.sums[column.min(other) * self.width + column.max(other)] = *sum;
        }
    }

    /// The sums without those of `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let pairs = self.sums.iter().zip(&other.sums);
        Self {
            width: self.width,
            sums: pairs.map(|(all, some)| all - some).collect(),
        }
    }
}

fn add(sums: &mut [f64], factor: f64, row: &[f64]) {
    for (sum, cell) in sums.iter_mut().zip(row) {
        *sum += factor * cell;
    }
}

/// The sums of all ranges of rows, added in order.
fn total(parts: Vec<Vec<f64>>, width: usize) -> Vec<f64> {
    parts.into_iter().fold(vec![0.0; width], |mut total, part| {
        add(&mut total, 1.0, &part);
        total
    })
}

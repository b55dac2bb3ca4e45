//! Sums of gradients by column and bin.
//!
//! Cells are integers, so parts may be summed on any thread in any order.

mod add;

use std::sync::Mutex;

use super::cell::Cell;
use crate::binning::RowTiles;
use add::add_tile;

/// Cells of a column: 256 bins and one cache line more. Without it, columns are a multiple of the cache's set stride apart,
/// and columns of few bins evict each other (2 to 7 times slower with 2 or 16 bins).
const STRIDE: usize = 256 + 8;

/// Rows below which two threads are not worth their second histogram.
const ROWS_PER_TASK: usize = 1 << 13;

/// The cells of one column, by bin.
pub(crate) type Cells<C> = [C; STRIDE];

/// The cells of every column of a matrix, padding columns included.
#[derive(Debug, Clone)]
pub(crate) struct Histogram<C> {
    columns: Vec<Cells<C>>,
}

impl<C: Cell> Histogram<C> {
    fn new(tiles: &RowTiles) -> Self {
        let columns = tiles.num_bins().len();
        Self {
            columns: vec![[C::default(); STRIDE]; columns],
        }
    }

    /// The cells of every column.
    pub(crate) fn columns(&self) -> &[Cells<C>] {
        &self.columns
    }

    /// The sum over all rows, told by `column`.
    pub(crate) fn total(&self, column: usize) -> C {
        let mut total = C::default();
        self.columns[column]
            .iter()
            .for_each(|cell| total.add(*cell));
        total
    }

    /// Takes the sums of `other` off.
    pub(crate) fn subtract(&mut self, tiles: &RowTiles, other: &Self) {
        self.combine(tiles, other, C::subtract);
    }

    fn clear(&mut self, tiles: &RowTiles) {
        for (cells, bins) in self.columns.iter_mut().zip(tiles.num_bins()) {
            cells[..*bins].fill(C::default());
        }
    }

    fn combine(&mut self, tiles: &RowTiles, other: &Self, change: impl Fn(&mut C, C)) {
        let pairs = self.columns.iter_mut().zip(&other.columns);
        for ((cells, others), bins) in pairs.zip(tiles.num_bins()) {
            cells[..*bins]
                .iter_mut()
                .zip(&others[..*bins])
                .for_each(|(cell, other)| change(cell, *other));
        }
    }

    fn add_rows(&mut self, tiles: &RowTiles, gradients: &[C], rows: &[u32], wanted: &[bool]) {
        let mut columns = self.columns.as_mut_slice();
        let mut wanted = wanted.iter();
        for tile in tiles.tiles() {
            // A histogram without a wanted column still tells the sum over all rows: padding is wanted.
            let wanted: Vec<bool> = (0..tile.width)
                .map(|_| wanted.next().is_none_or(|wanted| *wanted))
                .collect();
            let (cells, rest) = columns.split_at_mut(tile.width);
            columns = rest;
            match tile.width {
                4 => add_tile::<C, 4>(tile, gradients, rows, cells, &wanted),
                8 => add_tile::<C, 8>(tile, gradients, rows, cells, &wanted),
                12 => add_tile::<C, 12>(tile, gradients, rows, cells, &wanted),
                16 => add_tile::<C, 16>(tile, gradients, rows, cells, &wanted),
                20 => add_tile::<C, 20>(tile, gradients, rows, cells, &wanted),
                24 => add_tile::<C, 24>(tile, gradients, rows, cells, &wanted),
                28 => add_tile::<C, 28>(tile, gradients, rows, cells, &wanted),
                _ => add_tile::<C, 32>(tile, gradients, rows, cells, &wanted),
            }
        }
    }
}

/// Histograms that are free to be used again.
#[derive(Debug, Default)]
pub(crate) struct Pool<C> {
    free: Mutex<Vec<Histogram<C>>>,
}

impl<C: Cell> Pool<C> {
    /// The sums over `rows`, which are in ascending order; columns that are not `wanted` may be left empty.
    pub(crate) fn build(
        &self,
        tiles: &RowTiles,
        gradients: &[C],
        rows: &[u32],
        wanted: &[bool],
    ) -> Histogram<C> {
        let grain = ROWS_PER_TASK.max(rows.len() / (4 * rayon::current_num_threads()));
        self.build_parts(tiles, gradients, rows, wanted, grain)
    }

    pub(crate) fn give_back(&self, histogram: Histogram<C>) {
        self.lock().push(histogram);
    }

    fn build_parts(
        &self,
        tiles: &RowTiles,
        gradients: &[C],
        rows: &[u32],
        wanted: &[bool],
        grain: usize,
    ) -> Histogram<C> {
        if rows.len() < 2 * grain {
            let mut histogram = self.take(tiles);
            histogram.add_rows(tiles, gradients, rows, wanted);
            return histogram;
        }
        let (left, right) = rows.split_at(rows.len() / 2);
        let (mut sum, other) = rayon::join(
            || self.build_parts(tiles, gradients, left, wanted, grain),
            || self.build_parts(tiles, gradients, right, wanted, grain),
        );
        sum.combine(tiles, &other, C::add);
        self.give_back(other);
        sum
    }

    fn take(&self, tiles: &RowTiles) -> Histogram<C> {
        let free = self.lock().pop();
        free.map_or_else(
            || Histogram::new(tiles),
            |mut histogram| {
                histogram.clear(tiles);
                histogram
            },
        )
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Histogram<C>>> {
        self.free
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
    use alchemy_core::random::Stream;

    use super::*;
    use crate::binning::{BinnedMatrix, Binner};
    use crate::table::Table;
    use crate::tree::gradient::{Moments, Packed, Wide};

    /// Columns of different numbers of bins, with missing values.
    fn matrix(columns: u64, rows: usize) -> BinnedMatrix {
        let column = |column: u64| {
            let mut stream = Stream::new(1, &[column]);
            let value = || {
                Some(stream.below(2 + column * 7))
                    .filter(|value| *value > 0)
                    .map(|value| value as f64)
            };
            (
                format!("x{column}"),
                Arc::new(
                    std::iter::repeat_with(value)
                        .take(rows)
                        .collect::<Float64Array>(),
                ) as ArrayRef,
            )
        };
        let batches = [RecordBatch::try_from_iter((0..columns).map(column)).unwrap()];
        let names = (0..columns).map(|column| format!("x{column}")).collect();
        let binner = Binner::learn(Table::new(&batches), names, None, 255).unwrap();
        binner.bin(Table::new(&batches)).unwrap()
    }

    fn gradients<C: Moments>(rows: usize) -> Vec<C> {
        let mut stream = Stream::new(2, &[]);
        let mut level = |bound: u64| i64::try_from(stream.below(bound)).unwrap();
        (0..rows)
            .map(|_| C::new(level(2001) - 1000, 1 + level(1000)))
            .collect()
    }

    fn naive<C: Cell>(matrix: &BinnedMatrix, gradients: &[C], rows: &[u32], column: u16) -> Vec<C> {
        let mut cells = vec![C::default(); matrix.num_bins()[usize::from(column)]];
        for row in rows {
            cells[usize::from(matrix.bin(*row as usize, column))].add(gradients[*row as usize]);
        }
        cells
    }

    fn laws<C: Moments>(columns: u64, rows: usize) {
        let matrix = matrix(columns, rows);
        let tiles = RowTiles::new(&matrix);
        let gradients = gradients::<C>(rows);
        let all: Vec<u32> = (0u32..).take(rows).collect();
        let (left, right): (Vec<u32>, Vec<u32>) = all
            .iter()
            .partition(|row| matrix.bin(**row as usize, 0) < 2 || **row < 99);
        let pool = Pool::default();
        let [parent, small, large] =
            [&all, &left, &right].map(|rows| pool.build(&tiles, &gradients, rows, &[]));
        let mut difference = parent.clone();
        difference.subtract(&tiles, &small);
        for column in 0..matrix.num_columns() {
            let bins = matrix.num_bins()[usize::from(column)];
            let cells = |histogram: &Histogram<C>| {
                histogram.columns()[usize::from(column)][..bins].to_vec()
            };
            assert_eq!(cells(&parent), naive(&matrix, &gradients, &all, column));
            assert_eq!(cells(&difference), cells(&large));
            let mut total = C::default();
            cells(&small).into_iter().for_each(|cell| total.add(cell));
            assert_eq!(total, small.total(0));
        }
        let mut stream = Stream::new(3, &[]);
        let wanted: Vec<bool> = (0..columns).map(|_| stream.below(3) > 0).collect();
        let some = pool.build(&tiles, &gradients, &left, &wanted);
        for (column, wanted) in wanted.iter().enumerate() {
            if *wanted {
                assert_eq!(some.columns[column], small.columns[column]);
            } else {
                assert_eq!(some.total(column), C::default());
            }
        }
        for grain in [1, 100, 1000] {
            pool.give_back(large.clone());
            let again = pool.build_parts(&tiles, &gradients, &right, &[], grain);
            assert_eq!(again.columns, large.columns);
        }
    }

    #[test]
    fn sums_are_those_of_the_rows_however_they_are_cut() {
        for columns in [1, 4, 7, 10, 13, 20, 23, 28, 32, 33, 70] {
            laws::<Packed>(columns, 3000);
        }
        laws::<Wide>(33, 3000);
        laws::<Packed>(3, 50_000);
    }
}

//! Which rows and columns a round uses.

use alchemy_core::random::{Stream, mix};
use rayon::prelude::*;

use crate::tree::gradient::BLOCK;

/// Keys of the random streams, so that draws of rows and of columns differ.
const ROWS_KEY: u64 = 1;
const COLUMNS_KEY: u64 = 2;

/// The rows that a round draws, in ascending order.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// As long as the rows drawn from; those drawn are at the front of each block.
    rows: Vec<u32>,
    /// By block.
    counts: Vec<usize>,
}

impl Drawn {
    /// Draws each of `rows` with chance `share`.
    pub(super) fn draw(&mut self, rows: &[u32], share: f64, seed: u64, round: u64) {
        let key = Stream::new(seed, &[ROWS_KEY, round]).next_u64();
        let share = share * (1u64 << 53) as f64;
        self.rows.resize(rows.len(), 0);
        let blocks = rows.par_chunks(BLOCK).zip(self.rows.par_chunks_mut(BLOCK));
        let counts = blocks.map(|(rows, drawn)| {
            let mut count = 0;
            for row in rows {
                // Written at every step, so there is no branch to mispredict.
                drawn[count] = *row;
                count += usize::from(((mix(key ^ u64::from(*row)) >> 11) as f64) < share);
            }
            count
        });
        counts.collect_into_vec(&mut self.counts);
    }

    pub(super) fn len(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Writes the rows drawn to `out`, which is as long.
    pub(super) fn copy_to(&self, mut out: &mut [u32]) {
        let mut blocks = Vec::with_capacity(self.counts.len());
        for (drawn, count) in self.rows.chunks(BLOCK).zip(&self.counts) {
            let (block, rest) = out.split_at_mut(*count);
            blocks.push((block, &drawn[..*count]));
            out = rest;
        }
        let blocks = blocks.into_par_iter();
        blocks.for_each(|(block, drawn)| block.copy_from_slice(drawn));
    }
}

/// Whether each of `num_columns` columns is among the share drawn for `tree`.
pub(super) fn draw_columns(num_columns: u16, share: f64, seed: u64, tree: u64) -> Vec<bool> {
    let wanted = (share * f64::from(num_columns)).ceil();
    let mut columns: Vec<u16> = (0..num_columns).collect();
    Stream::new(seed, &[COLUMNS_KEY, tree]).shuffle(&mut columns);
    let mut drawn = vec![false; columns.len()];
    for (before, column) in (0u16..).zip(columns) {
        drawn[usize::from(column)] = f64::from(before) < wanted;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_by_chance_and_by_round() {
        let rows: Vec<u32> = (0..100_000).collect();
        let mut drawn = Drawn::default();
        let mut draw = |share, round| {
            drawn.draw(&rows, share, 7, round);
            let mut out = vec![0; drawn.len()];
            drawn.copy_to(&mut out);
            out
        };
        let first = draw(0.8, 0);
        assert!((79_000..81_000).contains(&first.len()));
        assert!(first.windows(2).all(|pair| pair[0] < pair[1]));
        assert_ne!(draw(0.8, 1), first);
        assert_eq!(draw(0.8, 0), first);
        assert_eq!(draw(1.0, 0), rows);
    }

    #[test]
    fn the_share_of_columns_is_rounded_up() {
        let count = |share| {
            draw_columns(20, share, 1, 1)
                .into_iter()
                .filter(|drawn| *drawn)
                .count()
        };
        assert_eq!([0.01, 0.8, 0.81, 1.0].map(count), [1, 16, 17, 20]);
    }
}

//! Which rows and columns a round uses.

use alchemy_core::random::{Stream, mix};
use rayon::prelude::*;

use crate::tree::gradient::BLOCK;

/// Keys of the random streams, so that draws of rows and of columns differ.
const ROWS_KEY: u64 = 1;
const COLUMNS_KEY: u64 = 2;

/// Splits `rows` into those drawn for `round`, each with chance `share`, and the others.
pub(super) fn draw_rows(rows: &[u32], share: f64, seed: u64, round: u64) -> [Vec<u32>; 2] {
    let key = Stream::new(seed, &[ROWS_KEY, round]).next_u64();
    let drawn =
        |row: &u32| ((mix(key ^ u64::from(*row)) >> 11) as f64) < share * (1u64 << 53) as f64;
    let blocks: Vec<[Vec<u32>; 2]> = rows
        .par_chunks(BLOCK)
        .map(|block| {
            let (drawn, others): (Vec<u32>, Vec<u32>) = block.iter().partition(|row| drawn(row));
            [drawn, others]
        })
        .collect();
    [0, 1].map(|side| {
        blocks
            .iter()
            .flat_map(|block| &block[side])
            .copied()
            .collect()
    })
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
        let [drawn, others] = draw_rows(&rows, 0.8, 7, 0);
        assert!((79_000..81_000).contains(&drawn.len()));
        assert!(drawn.is_sorted() && others.is_sorted());
        assert_eq!(drawn.len() + others.len(), rows.len());
        assert_ne!(draw_rows(&rows, 0.8, 7, 1)[0], drawn);
        assert_eq!(draw_rows(&rows, 0.8, 7, 0)[0], drawn);
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

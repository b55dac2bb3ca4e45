//! Gradient-based one-side sampling (Ke et al., 2017): rows with large gradients are kept, others are drawn and count for more.

use alchemy_core::random::mix;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::sampling::{Drawn, by_block};
use crate::math::narrow;
use crate::tree::gradient::{BLOCK, Pair};

/// Keys are looked through in digits of so many bits, from the highest on.
const DIGIT: u32 = 8;

/// Shares of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Goss {
    pub(crate) top: f64,
    pub(crate) other: f64,
}

impl Goss {
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for shares that are not above 0 or add up to more than 1, or if rows are drawn already.
    pub(super) fn check(&self, subsample: f64) -> Result<()> {
        let Self { top, other } = *self;
        if !(top > 0.0 && other > 0.0 && top + other <= 1.0) {
            let message = format!("has shares {top} and {other}, not above 0 and up to 1 in all");
            return Err(Error::parameter("goss", message));
        }
        if subsample < 1.0 {
            let message = format!("cannot be used with a subsample of {subsample}");
            return Err(Error::parameter("goss", message));
        }
        Ok(())
    }

    /// Whether `round` draws: the first 1 / `learning_rate` rounds use all rows, for their gradients say little yet.
    pub(super) fn draws_in(round: u64, learning_rate: f64) -> bool {
        (round + 1) as f64 > 1.0 / learning_rate
    }

    /// Draws among `rows` rows: those in the top share by the sum of |gradient x hessian| over outputs, of equals the first,
    /// and of the rest each with the same chance. What is drawn of the rest is scaled so that sums over all rows keep their
    /// expected value; rows not drawn get zeros. `key` names the draw. A row with a hessian of 0 is never drawn.
    pub(super) fn draw(&self, pairs: &mut [Vec<Pair>], rows: usize, key: u64, drawn: &mut Drawn) {
        let keys = magnitudes(pairs);
        let count = |share: f64| (share * rows as f64).floor().max(1.0);
        let (top, other) = (count(self.top), count(self.other));
        let rest = rows as f64 - top;
        let (threshold, mut ties) = largest(&keys, top);
        let ties_to_keep: Vec<usize> = keys
            .chunks(BLOCK)
            .map(|keys| {
                let here = keys.iter().filter(|key| **key == threshold).count();
                let kept = here.min(ties);
                ties -= kept;
                kept
            })
            .collect();
        let share = (other / rest).min(1.0);
        let scale = 1.0 / share;
        let limit = share * (1u64 << 53) as f64;
        let chunks: Vec<_> = (by_block(pairs).into_iter().zip(keys.chunks(BLOCK)))
            .zip(ties_to_keep)
            .collect();
        drawn.fill(
            keys.len(),
            chunks,
            |first, ((mut pairs, keys), mut ties), out| {
                let mut count = 0;
                for (index, (row, magnitude)) in (first..).zip(keys).enumerate() {
                    let is_tie = *magnitude == threshold && ties > 0;
                    ties -= usize::from(is_tie);
                    let is_top = *magnitude > threshold || is_tie;
                    let is_other =
                        *magnitude > 0 && ((mix(key ^ u64::from(row)) >> 11) as f64) < limit;
                    let factor = if is_top {
                        1.0
                    } else if is_other {
                        scale
                    } else {
                        0.0
                    };
                    for pairs in &mut pairs {
                        pairs[index] =
                            pairs[index].map(|derivative| narrow(f64::from(derivative) * factor));
                    }
                    out[count] = row;
                    count += usize::from(is_top || is_other);
                }
                count
            },
        );
    }
}

/// For each row, 0 if its hessians are, else a number that is greater the greater the sum of |gradient x hessian| is.
fn magnitudes(pairs: &[Vec<Pair>]) -> Vec<u32> {
    let rows = pairs.first().map_or(0, Vec::len);
    let key = |row: usize| {
        let (mut sum, mut hessians) = (0.0, 0.0);
        for [g, h] in pairs.iter().map(|pairs| pairs[row]) {
            sum += (f64::from(g) * f64::from(h)).abs();
            hessians += f64::from(h);
        }
        // The bits of floats from 0 on are ordered as they are.
        if hessians > 0.0 {
            narrow(sum).to_bits() + 1
        } else {
            0
        }
    };
    (0..rows)
        .into_par_iter()
        .with_min_len(BLOCK)
        .map(key)
        .collect()
}

/// The `wanted`th largest of `keys`, at least 1, and how many of those equal to it are among the `wanted` largest.
fn largest(keys: &[u32], wanted: f64) -> (u32, usize) {
    let mut wanted = wanted;
    let mut prefix: u32 = 0;
    for shift in (0..u32::BITS).step_by(DIGIT as usize).rev() {
        let is_candidate =
            |key: u32| shift + DIGIT == u32::BITS || key >> (shift + DIGIT) == prefix;
        let count = |keys: &[u32]| {
            let mut counts = [0usize; 1 << DIGIT];
            for key in keys.iter().filter(|key| is_candidate(**key)) {
                counts[(key >> shift) as usize % (1 << DIGIT)] += 1;
            }
            counts
        };
        let add = |mut sums: [usize; 1 << DIGIT], counts: [usize; 1 << DIGIT]| {
            sums.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
            sums
        };
        let counts = keys
            .par_chunks(BLOCK)
            .map(count)
            .reduce(|| [0; 1 << DIGIT], add);
        let mut digit = 0;
        for (candidate, count) in (0..1 << DIGIT).zip(counts).rev() {
            digit = candidate;
            if count as f64 >= wanted {
                break;
            }
            wanted -= if candidate > 0 { count as f64 } else { 0.0 };
        }
        prefix = prefix << DIGIT | digit;
    }
    let ties = keys.iter().filter(|key| **key == prefix).count();
    if prefix == 0 {
        return (1, 0);
    }
    (
        prefix,
        (0..ties).take_while(|tie| (*tie as f64) < wanted).count(),
    )
}

#[cfg(test)]
mod tests {
    use alchemy_core::random::Stream;
    use proptest::prelude::*;

    use super::*;

    fn draw(goss: Goss, pairs: &mut [Vec<Pair>], key: u64) -> Vec<u32> {
        let mut drawn = Drawn::default();
        goss.draw(pairs, pairs[0].len(), key, &mut drawn);
        let mut rows = vec![0; drawn.len()];
        drawn.copy_to(&mut rows);
        rows
    }

    fn bits(pair: Pair) -> [u32; 2] {
        pair.map(f32::to_bits)
    }

    proptest! {
        #[test]
        fn the_largest_are_those_of_a_sort(
            keys in prop::collection::vec(prop_oneof![1u32..20, any::<u32>().prop_map(|key| key.max(1))], 1..300),
            permille in 0usize..1000,
        ) {
            let wanted = (permille * keys.len() / 1000).max(1);
            let (threshold, ties) = largest(&keys, wanted as f64);
            let mut sorted = keys.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            prop_assert_eq!(threshold, sorted[wanted - 1]);
            prop_assert_eq!(keys.iter().filter(|key| **key > threshold).count() + ties, wanted);
        }
    }

    #[test]
    fn the_top_is_kept_and_sums_keep_their_expected_value() {
        let mut stream = Stream::new(4, &[]);
        let pairs: Vec<Pair> = (0..100_000)
            .map(|_| [narrow(stream.normals().0 + 0.1), 1.0])
            .collect();
        let goss = Goss {
            top: 0.2,
            other: 0.1,
        };
        let mut sampled = vec![pairs.clone()];
        let rows = draw(goss, &mut sampled, 5);
        assert!((29_000..31_000).contains(&rows.len()));
        assert!(rows.is_sorted());
        let mut by_size: Vec<usize> = (0..pairs.len()).collect();
        by_size.sort_by(|a, b| pairs[*b][0].abs().total_cmp(&pairs[*a][0].abs()));
        for row in &by_size[..20_000] {
            assert_eq!(bits(sampled[0][*row]), bits(pairs[*row]));
            assert!(rows.binary_search(&u32::try_from(*row).unwrap()).is_ok());
        }
        for row in &by_size[20_000..] {
            let is_drawn = rows.binary_search(&u32::try_from(*row).unwrap()).is_ok();
            let factor = if is_drawn { 8.0 } else { 0.0 };
            let scaled = pairs[*row].map(|value| value * factor);
            assert_eq!(bits(sampled[0][*row]), bits(scaled));
        }
        let sum = |pairs: &[Pair], side: usize| {
            pairs.iter().map(|pair| f64::from(pair[side])).sum::<f64>()
        };
        // Standard deviations of the sums of 80 000 rows drawn with chance 1/8: about 390 and 750.
        assert!((sum(&sampled[0], 0) - sum(&pairs, 0)).abs() < 1600.0);
        assert!((sum(&sampled[0], 1) - sum(&pairs, 1)).abs() < 3000.0);
        let mut other = vec![pairs.clone()];
        assert_ne!(draw(goss, &mut other, 6), rows);
    }

    #[test]
    fn equal_rows_are_kept_in_their_order_and_rows_without_weight_are_not_drawn() {
        let goss = Goss {
            top: 0.5,
            other: 0.01,
        };
        let mut pairs = vec![vec![[1.0, 1.0]; 40_000]];
        pairs[0][3] = [0.0, 0.0];
        let rows = draw(goss, &mut pairs, 1);
        let expected: Vec<u32> = (0..=20_000).filter(|row| *row != 3).collect();
        assert_eq!(rows[..20_000], expected);
        assert!(rows.len() < 21_000 && rows[20_000..].iter().all(|row| *row > 20_000));
    }
}

//! Gradients as integers.
//!
//! A row's gradient `g` and hessian `h` (for a forest, its target and weight) are rounded to integers on a scale of the
//! round, so that their sums are exact and every order of adding them gives the same bits.
//!
//! [`Packed`] holds both sums in one word. No sum may pass 31 bits, so with n rows the average |g| has 2^31 / n levels:
//! more than 4000 for half a million rows, where a few hundred are as good as floats. [`Wide`] holds two words and
//! 2^51 levels in all; it is used when too many rows would round to almost nothing in the packed form, as with heavy tails,
//! weights of different orders, or very many rows.

mod moments;

use rayon::prelude::*;

pub(crate) use moments::{Moments, Packed, Wide};

/// Rows whose float sums are taken one by one; sums of blocks are added in row order.
pub(crate) const BLOCK: usize = 1 << 14;

/// Sums that run side by side, so that none waits for the last addition.
const LANES: usize = 4;

/// A level count below which a rounded gradient carries little.
const COARSE: f64 = 4.0;

/// The share of coarse rows from which the wide form is used.
const COARSE_SHARE: f64 = 0.25;

/// Adding and taking off this number rounds an `f64` of magnitude up to 2^51 to the nearest integer, ties to even, in a way
/// that compiles to vector code everywhere.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// First and second derivative of one row's loss.
pub(crate) type Pair = [f32; 2];

/// What rounding must know of all rows' gradients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    rows: usize,
    gradient_sum: f64,
    hessian_sum: f64,
    hessian_min: f32,
    hessian_max: f32,
}

impl Spread {
    pub(crate) const EMPTY: Self = Self {
        rows: 0,
        gradient_sum: 0.0,
        hessian_sum: 0.0,
        hessian_min: f32::INFINITY,
        hessian_max: 0.0,
    };

    /// Of one block, in a fixed order. A row of weight 0 has a hessian of 0.
    pub(crate) fn of(pairs: &[Pair]) -> Self {
        let mut lanes = [Self::EMPTY; LANES];
        let (whole, rest) = pairs.as_chunks::<LANES>();
        for pairs in whole {
            for (lane, pair) in lanes.iter_mut().zip(pairs) {
                lane.add(*pair);
            }
        }
        for (lane, pair) in lanes.iter_mut().zip(rest) {
            lane.add(*pair);
        }
        lanes.into_iter().fold(Self::EMPTY, Self::then)
    }

    #[inline]
    fn add(&mut self, [g, h]: Pair) {
        let positive = if h > 0.0 { h } else { f32::INFINITY };
        self.rows += 1;
        self.gradient_sum += f64::from(g.abs());
        self.hessian_sum += f64::from(h);
        self.hessian_min = self.hessian_min.min(positive);
        self.hessian_max = self.hessian_max.max(h);
    }

    /// Of this block and the one after it.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            rows: self.rows + next.rows,
            gradient_sum: self.gradient_sum + next.gradient_sum,
            hessian_sum: self.hessian_sum + next.hessian_sum,
            hessian_min: self.hessian_min.min(next.hessian_min),
            hessian_max: self.hessian_max.max(next.hessian_max),
        }
    }
}

/// How integers stand for gradients: `[g, h]` is `[units[0] * G, units[1] * H]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) units: [f64; 2],
    /// The largest rounded hessian of a row.
    pub(crate) hessian_max: i64,
}

impl Scale {
    /// The finest scale on which no sum passes the budget of `C`. Units are powers of two, so that scaling itself is exact; a
    /// hessian that is the same for all rows is its own unit, and its sums count rows.
    pub(crate) fn new<C: Moments>(spread: &Spread) -> Self {
        // Rounding adds at most one half per row, and the lower bound of 1 for a hessian at most one.
        let room = |budget: f64| budget - spread.rows as f64 - 1.0;
        let gradient = power_of_two_below(room(C::BUDGET[0]) / spread.gradient_sum);
        let hessian = if spread.hessian_min < spread.hessian_max {
            power_of_two_below(room(C::BUDGET[1]) / spread.hessian_sum)
        } else {
            1.0 / f64::from(spread.hessian_max)
        };
        let hessian_max = round(f64::from(spread.hessian_max) * hessian).max(1);
        Self {
            units: [1.0 / gradient, 1.0 / hessian],
            hessian_max,
        }
    }

    /// Rounds `pairs` into `cells`; returns how many rows came out coarse.
    fn round_all<C: Moments>(&self, pairs: &[Pair], cells: &mut [C]) -> usize {
        let levels = self.units.map(|unit| 1.0 / unit);
        let coarse_hessian = self.hessian_max > 1;
        let mut coarse = 0;
        for (cell, [g, h]) in cells.iter_mut().zip(pairs) {
            let (g, h) = (f64::from(*g) * levels[0], f64::from(*h) * levels[1]);
            *cell = C::new(round(g), round(h).max(1));
            coarse += usize::from(
                (g != 0.0 && g.abs() < COARSE) || (coarse_hessian && h > 0.0 && h < COARSE),
            );
        }
        coarse
    }
}

/// Gradients of one round, rounded.
#[derive(Debug)]
pub(crate) enum Rounded {
    Packed(Vec<Packed>, Scale),
    Wide(Vec<Wide>, Scale),
}

impl Rounded {
    /// Rounds `pairs`, whose spread is `spread`, in the memory of `previous`.
    pub(crate) fn new(pairs: &[Pair], spread: &Spread, previous: Option<Self>) -> Self {
        let cells = match previous {
            Some(Self::Packed(cells, _)) => cells,
            _ => Vec::new(),
        };
        let (cells, scale, coarse) = round_in_blocks(pairs, spread, cells);
        if coarse as f64 <= COARSE_SHARE * pairs.len() as f64 {
            return Self::Packed(cells, scale);
        }
        let (cells, scale, _) = round_in_blocks(pairs, spread, Vec::new());
        Self::Wide(cells, scale)
    }
}

fn round_in_blocks<C: Moments>(
    pairs: &[Pair],
    spread: &Spread,
    mut cells: Vec<C>,
) -> (Vec<C>, Scale, usize) {
    let scale = Scale::new::<C>(spread);
    cells.resize(pairs.len(), C::default());
    let blocks = pairs.par_chunks(BLOCK).zip(cells.par_chunks_mut(BLOCK));
    let coarse = blocks
        .map(|(pairs, cells)| scale.round_all(pairs, cells))
        .sum();
    (cells, scale, coarse)
}

/// The nearest integer to `value`, whose magnitude is at most 2^51; ties go to the even one.
#[expect(
    clippy::cast_possible_wrap,
    reason = "the bits of a positive f64 are below 2^63"
)]
pub(crate) fn round(value: f64) -> i64 {
    (value + ROUND).to_bits() as i64 - ROUND.to_bits() as i64
}

/// The largest power of two up to `value`, kept within a range whose reciprocals are normal numbers.
pub(crate) fn power_of_two_below(value: f64) -> f64 {
    let limit = 2f64.powi(1000);
    let value = value.clamp(1.0 / limit, limit);
    f64::from_bits(value.to_bits() & !((1 << 52) - 1))
}

#[cfg(test)]
mod tests {
    use alchemy_core::random::Stream;
    use proptest::prelude::*;

    use super::*;
    use crate::math::narrow;

    fn check<C: Moments>(pairs: &[Pair], cells: &[C], scale: &Scale) {
        let mut bounds = [0i64; 2];
        for (cell, pair) in cells.iter().zip(pairs) {
            let sums = cell.sums();
            assert!(sums[1] >= 1 && sums[1] <= scale.hessian_max);
            for side in 0..2 {
                bounds[side] += sums[side].abs();
                let back = sums[side] as f64 * scale.units[side];
                let clamped = side == 1 && sums[1] == 1;
                let error = (back - f64::from(pair[side])).abs();
                assert!(
                    clamped || error <= 0.5 * scale.units[side],
                    "{pair:?} {sums:?} {scale:?}"
                );
            }
        }
        for (bound, budget) in bounds.iter().zip(C::BUDGET) {
            assert!(*bound as f64 <= budget);
        }
    }

    fn round_pairs(pairs: &[Pair]) -> Rounded {
        let rounded = Rounded::new(pairs, &Spread::of(pairs), None);
        match &rounded {
            Rounded::Packed(cells, scale) => check(pairs, cells, scale),
            Rounded::Wide(cells, scale) => check(pairs, cells, scale),
        }
        rounded
    }

    proptest! {
        #[test]
        fn no_sum_passes_the_budget_and_no_row_moves_by_more_than_half_a_level(
            pairs in prop::collection::vec((-30i32..30, -1.0f32..1.0, -30i32..30, 0.1f32..1.0), 1..400)
        ) {
            let pairs: Vec<Pair> =
                pairs.into_iter().map(|(e, g, f, h)| [g * 2f32.powi(e), h * 2f32.powi(f)]).collect();
            round_pairs(&pairs);
        }
    }

    #[test]
    fn many_ordinary_rows_stay_packed() {
        let mut stream = Stream::new(5, &[]);
        let pairs: Vec<Pair> = (0..200_000)
            .map(|_| [narrow(stream.normals().0), 1.0])
            .collect();
        assert!(matches!(
            round_pairs(&pairs),
            Rounded::Packed(_, Scale { hessian_max: 1, .. })
        ));
        let pairs: Vec<Pair> = (0..200_000)
            .map(|_| stream.next_f64())
            .map(|p| [narrow(p - 1.0), narrow(p * (1.0 - p))])
            .collect();
        assert!(matches!(round_pairs(&pairs), Rounded::Packed(..)));
    }

    #[test]
    fn heavy_tails_and_distant_weights_are_wide() {
        let mut stream = Stream::new(5, &[]);
        let mut outlier: Vec<Pair> = (0..1000)
            .map(|_| [narrow(stream.normals().0), 1.0])
            .collect();
        outlier[7][0] = 1e12;
        assert!(matches!(round_pairs(&outlier), Rounded::Wide(..)));
        let weighted: Vec<Pair> = (0..10_000)
            .map(|row| if row % 2 == 0 { [1e6, 1e6] } else { [0.5, 1.0] })
            .collect();
        assert!(matches!(round_pairs(&weighted), Rounded::Wide(..)));
    }
}

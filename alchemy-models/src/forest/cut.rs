//! The best cut of a node by one column, and a random one.

use std::cmp::Ordering;

use alchemy_core::random::Stream;

use super::outcome::Outcome;
use super::sums::Drained;
use crate::binning::MISSING;
use crate::tree::cell::Cell;
use crate::tree::node::Cut;

/// A candidate for a split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<C> {
    pub(super) gain: f64,
    pub(super) cut: Cut,
    /// Whether the node has missing values in the column, so that `cut` knows their side.
    pub(super) missing: bool,
    pub(super) left: C,
}

impl<C> Found<C> {
    /// The better of two candidates for a node is the greater. Of equal gains the lowest column wins, then missing values on
    /// the right, then the lowest bin, so a tree does not depend on the order in which columns are looked at.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let rank = |found: &Self| (found.cut.column, found.cut.missing_left, found.cut.bin);
        self.gain
            .total_cmp(&other.gain)
            .then_with(|| rank(other).cmp(&rank(self)))
    }
}

/// Finds cuts; holds the gains of candidates meanwhile.
#[derive(Debug)]
pub(super) struct Cutter<'a, O: Outcome> {
    outcome: &'a O,
    gains: Vec<f64>,
    /// Left sides without missing values.
    without: Vec<O::Cell>,
}

impl<'a, O: Outcome> Cutter<'a, O> {
    pub(super) fn new(outcome: &'a O) -> Self {
        Self {
            outcome,
            gains: vec![0.0; 256],
            without: Vec::new(),
        }
    }

    /// The cut of highest gain of a node that adds up to `total`.
    ///
    /// Every filled bin but the last may end the left side. If there are missing values, which come first, they are tried on
    /// the left and on the right.
    pub(super) fn best(
        &mut self,
        column: u16,
        drained: &Drained<'_, O::Cell>,
        total: O::Cell,
    ) -> Option<Found<O::Cell>> {
        let Drained { bins, lefts } = *drained;
        let last = bins.len() - 1;
        if bins[0] != MISSING {
            return self.highest(column, bins, &lefts[..last], total);
        }
        let mut without = std::mem::take(&mut self.without);
        without.clear();
        without.extend(
            lefts[1..last.max(1)]
                .iter()
                .map(|left| less(*left, lefts[0])),
        );
        let right = self.highest(column, &bins[1..], &without, total);
        self.without = without;
        let left = self
            .highest(column, bins, &lefts[..last], total)
            .map(|mut found| {
                found.cut.missing_left = true;
                found
            });
        let best = match (right, left) {
            (Some(right), Some(left)) if left.gain > right.gain => Some(left),
            (right, left) => right.or(left),
        };
        best.map(|found| Found {
            missing: true,
            ..found
        })
    }

    /// Of the cuts after each of `bins` but the last, whose left sides are `lefts`, the first with the highest gain.
    fn highest(
        &mut self,
        column: u16,
        bins: &[u8],
        lefts: &[O::Cell],
        total: O::Cell,
    ) -> Option<Found<O::Cell>> {
        let gains = &mut self.gains[..lefts.len()];
        for (gain, left) in gains.iter_mut().zip(lefts) {
            *gain = self.outcome.gain(*left, total);
        }
        let (mut best, mut at) = (-0.5, None);
        for (index, gain) in gains.iter().enumerate() {
            if *gain > best {
                (best, at) = (*gain, Some(index));
            }
        }
        let at = at?;
        Some(Found {
            gain: best,
            cut: cut(column, bins[at], bins[at + 1]),
            missing: false,
            left: lefts[at],
        })
    }

    /// A cut between the lowest and the highest value of the node, drawn uniformly. `positions` say where the bins lie.
    ///
    /// Missing values go to the side that fits better; if there is but one value beside them, they are parted from it.
    pub(super) fn random(
        &self,
        column: u16,
        drained: &Drained<'_, O::Cell>,
        total: O::Cell,
        positions: &[f64],
        stream: &mut Stream,
    ) -> Option<Found<O::Cell>> {
        let Drained { bins, lefts } = *drained;
        let missing = bins[0] == MISSING;
        let first = usize::from(missing);
        let last = bins.len() - 1;
        let mut at = 0;
        if first < last {
            let position = |index: usize| positions[usize::from(bins[index]) - 1];
            let [low, high] = [position(first), position(last)];
            let drawn = low + stream.next_f64() * (high - low);
            // The last value up to `drawn`; rounding may make it the highest of all.
            at = (first..last).rfind(|index| position(*index) <= drawn)?;
        }
        let allowed = |left: O::Cell, missing_left: bool| {
            let gain = self.outcome.gain(left, total);
            let mut cut = cut(column, bins[at], bins[at + 1]);
            cut.missing_left = missing_left;
            (gain >= 0.0).then_some(Found {
                gain,
                cut,
                missing,
                left,
            })
        };
        let with = allowed(lefts[at], missing);
        if !missing || at == 0 {
            return with;
        }
        let without = allowed(less(lefts[at], lefts[0]), false);
        match (without, with) {
            (Some(without), Some(with)) if with.gain > without.gain => Some(with),
            (without, with) => without.or(with),
        }
    }
}

/// A cut in the middle between two filled bins.
fn cut(column: u16, below: u8, above: u8) -> Cut {
    let bin = if below == MISSING {
        below
    } else {
        below + (above - 1 - below) / 2
    };
    Cut {
        column,
        bin,
        missing_left: below == MISSING,
    }
}

fn less<C: Cell>(mut sum: C, part: C) -> C {
    sum.subtract(part);
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::mean::{Mean, Numbers, round_pairs};
    use super::*;
    use crate::tree::gradient::{Packed, Rounded};

    type Means<'a> = Mean<'a, Numbers<'a>, Packed>;

    /// Calls `check` with the outcome of `rows`, each a bin and a small whole number, and with their sums by bin.
    fn with_sums(
        rows: &[(u8, i32)],
        check: impl FnOnce(&mut Cutter<'_, Means<'_>>, &Drained<'_, Packed>, Packed),
    ) {
        let targets: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let weights = vec![1.0; rows.len()];
        let numbers = Numbers {
            targets: &targets,
            weights: &weights,
        };
        let ids: Vec<u32> = (0u32..).take(rows.len()).collect();
        let Rounded::Packed(cells, scale) = round_pairs(&ids, &weights, |row| targets[row]) else {
            panic!("small numbers of one weight are packed")
        };
        let outcome = Means::new(&numbers, scale, 1.0);
        let (mut bins, mut lefts) = (Vec::new(), Vec::new());
        let mut left = Packed::default();
        for bin in 0..=u8::MAX {
            let before = left;
            for (row, cell) in rows.iter().zip(&cells) {
                if row.0 == bin {
                    left.add(*cell);
                }
            }
            if left != before {
                bins.push(bin);
                lefts.push(left);
            }
        }
        let drained = Drained {
            bins: &bins,
            lefts: &lefts,
        };
        check(&mut Cutter::new(&outcome), &drained, left);
    }

    /// By how much `cut` lowers the sum of squared errors, unless it leaves a side empty.
    fn gain(rows: &[(u8, i32)], cut: Cut) -> Option<f64> {
        let errors = |side: Vec<f64>| {
            let mean = side.iter().sum::<f64>() / side.len() as f64;
            side.iter().map(|y| (y - mean).powi(2)).sum::<f64>()
        };
        let side = |right: bool| -> Vec<f64> {
            let rows = rows.iter().filter(|row| cut.goes_right(row.0) == right);
            rows.map(|row| f64::from(row.1)).collect()
        };
        let (left, right) = (side(false), side(true));
        let all = rows.iter().map(|row| f64::from(row.1)).collect();
        let none = left.is_empty() || right.is_empty();
        (!none).then(|| errors(all) - errors(left) - errors(right))
    }

    proptest! {
        #[test]
        fn the_best_cut_is_the_best_of_all(rows in prop::collection::vec((0u8..9, -20i32..20), 2..40)) {
            let cuts = (0..9).flat_map(|bin| [false, true].map(|missing_left| Cut { column: 3, bin, missing_left }));
            let cuts: Vec<Cut> = cuts.filter(|cut| cut.missing_left || cut.bin > 0).collect();
            let best = cuts.iter().filter_map(|cut| gain(&rows, *cut)).reduce(f64::max);
            with_sums(&rows, |cutter, drained, total| {
                if drained.bins.len() < 2 {
                    assert_eq!(best, None);
                    return;
                }
                let found = cutter.best(3, drained, total).unwrap();
                assert_eq!(found.missing, rows.iter().any(|row| row.0 == MISSING));
                assert!((found.gain - best.unwrap()).abs() < 1e-6, "{found:?} {best:?}");
                assert!((gain(&rows, found.cut).unwrap() - found.gain).abs() < 1e-6);
            });
        }

        #[test]
        fn a_random_cut_leaves_rows_on_both_sides(
            rows in prop::collection::vec((0u8..9, -20i32..20), 2..40), seed in any::<u64>()
        ) {
            let positions: Vec<f64> = (0..9).map(|bin| f64::from(bin * bin)).collect();
            with_sums(&rows, |cutter, drained, total| {
                if drained.bins.len() < 2 {
                    return;
                }
                let mut stream = Stream::new(seed, &[]);
                let found = cutter.random(3, drained, total, &positions, &mut stream).unwrap();
                assert!((gain(&rows, found.cut).unwrap() - found.gain).abs() < 1e-6);
            });
        }
    }

    #[test]
    fn random_cuts_are_uniform_between_the_values() {
        let rows = [(1, 0), (2, 1), (4, 2)];
        let positions = [0.0, 1.0, 5.0, 10.0];
        let mut below_two = 0;
        with_sums(&rows, |cutter, drained, total| {
            let mut stream = Stream::new(1, &[]);
            for _ in 0..10_000 {
                let found = cutter.random(0, drained, total, &positions, &mut stream);
                below_two += usize::from(
                    !found.unwrap().cut.goes_right(1) && found.unwrap().cut.goes_right(2),
                );
            }
        });
        // A tenth of the way from the lowest to the highest value.
        assert!((900..1100).contains(&below_two), "{below_two}");
    }
}

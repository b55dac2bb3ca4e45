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
pub(super) struct Cutter<'a, O> {
    pub(super) outcome: &'a O,
    pub(super) gains: Vec<f64>,
}

impl<'a, O: Outcome> Cutter<'a, O> {
    pub(super) fn new(outcome: &'a O) -> Self {
        Self {
            outcome,
            gains: vec![0.0; 256],
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
        let without: Vec<O::Cell> = lefts[1..last.max(1)]
            .iter()
            .map(|left| less(*left, lefts[0]))
            .collect();
        let right = self.highest(column, &bins[1..], &without, total);
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

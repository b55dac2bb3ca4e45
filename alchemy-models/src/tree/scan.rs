//! The best cut of one column by arithmetic on whole arrays: what [`best_split`](super::split::best_split) finds, bit for
//! bit, where leaf values are free.
//!
//! The sums on the left of every cut come first, then the worth of all cuts in a loop without branches, then the first of the
//! greatest. A cut after an empty bin has the sums of the cut before it, and so loses against it as the later one.

use super::gradient::Moments;
use super::node::Cut;
use super::rules::Scaled;
use super::split::Split;
use crate::binning::MISSING;

const BINS: usize = 256;

/// Numbers compared together.
const LANES: usize = 8;

/// The worth of a cut that is not allowed.
const NOT_ALLOWED: f64 = f64::NEG_INFINITY;

/// The sums on the left of the cut after each bin, in levels.
struct Lefts {
    gradients: [f64; BINS],
    hessians: [f64; BINS],
}

/// The best cut by `column`, whose bins add up to `cells`, of a node that adds up to `total`.
pub(super) fn best_cut<C: Moments>(
    column: u16,
    cells: &[C],
    total: C,
    scaled: &Scaled<'_>,
) -> Option<Split<C>> {
    let last = cells.iter().rposition(|cell| !cell.is_empty())?;
    let missing = !cells[0].is_empty();
    let mut lefts = Lefts {
        gradients: [0.0; BINS],
        hessians: [0.0; BINS],
    };
    let mut best: Option<(f64, usize, bool)> = None;
    for missing_left in [false, true] {
        if missing_left && !missing {
            continue;
        }
        let mut left = C::default();
        for (bin, cell) in cells[..last].iter().enumerate() {
            if bin > 0 || missing_left {
                left.add(*cell);
            }
            let [gradient, hessian] = left.sums();
            lefts.gradients[bin] = gradient as f64;
            lefts.hessians[bin] = hessian as f64;
        }
        let worths = lefts.worths(last, total, scaled);
        let (worth, bin) = first_greatest(&worths, last);
        if worth > best.map_or(NOT_ALLOWED, |(best, ..)| best) {
            best = Some((worth, bin, missing_left));
        }
    }
    let (worth, bin, missing_left) = best?;
    let mut left = C::default();
    let first = usize::from(!missing_left);
    cells[first..=bin].iter().for_each(|cell| left.add(*cell));
    let mut right = total;
    right.subtract(left);
    Some(Split {
        worth,
        cut: Cut {
            column,
            bin: middle(cells, bin),
            missing_left,
        },
        missing,
        left,
        right,
    })
}

/// The middle of the empty bins after `bin`; missing values stay alone.
fn middle<C: Moments>(cells: &[C], bin: usize) -> u8 {
    let after = &cells[bin + 1..];
    let empty = after.iter().take_while(|cell| cell.is_empty()).count();
    let middle = if bin == usize::from(MISSING) {
        bin
    } else {
        bin + empty / 2
    };
    u8::try_from(middle).unwrap_or(u8::MAX)
}

impl Lefts {
    /// The worth of the cut after each of the first `len` bins.
    fn worths<C: Moments>(&self, len: usize, total: C, scaled: &Scaled<'_>) -> [f64; BINS] {
        let rules = scaled.rules;
        let [gradient_unit, hessian_unit] = scaled.scale.units;
        let [all_gradient, all_hessian] = total.sums().map(|sum| sum as f64);
        let rows = rules.min_samples_leaf as f64;
        let (l1, l2, least) = (rules.l1, rules.l2, rules.min_child_weight);
        let mut worths = [NOT_ALLOWED; BINS];
        let lefts = self.gradients[..len].iter().zip(&self.hessians[..len]);
        for (worth, (left_gradient, left_hessian)) in worths[..len].iter_mut().zip(lefts) {
            let side = |gradient: f64, levels: f64| {
                let (gradient, hessian) = (gradient * gradient_unit, levels * hessian_unit);
                let moved = gradient - gradient.max(-l1).min(l1);
                let allowed = (hessian >= least) & (levels >= rows);
                (moved * moved / (hessian + l2), allowed)
            };
            let (left, left_allowed) = side(*left_gradient, *left_hessian);
            let right_gradient = all_gradient - left_gradient;
            let right_hessian = all_hessian - left_hessian;
            let (right, right_allowed) = side(right_gradient, right_hessian);
            *worth = if left_allowed & right_allowed {
                left + right
            } else {
                NOT_ALLOWED
            };
        }
        worths
    }
}

/// The greatest of the first `len` numbers and the place of the first such.
fn first_greatest(worths: &[f64; BINS], len: usize) -> (f64, usize) {
    let mut lanes = [NOT_ALLOWED; LANES];
    for worths in worths[..len.next_multiple_of(LANES)].as_chunks::<LANES>().0 {
        for (lane, worth) in lanes.iter_mut().zip(worths) {
            *lane = if *worth > *lane { *worth } else { *lane };
        }
    }
    let greatest = lanes.into_iter().fold(NOT_ALLOWED, f64::max);
    let place = worths[..len].iter().position(|worth| *worth >= greatest);
    (greatest, place.unwrap_or(0))
}

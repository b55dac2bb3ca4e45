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

#[cfg(test)]
mod tests {
    use alchemy_core::random::Stream;
    use proptest::prelude::*;

    use super::*;
    use crate::tree::categories::CategoryRules;
    use crate::tree::gradient::{Packed, Scale, Wide};
    use crate::tree::growth::Growth;
    use crate::tree::monotone::Bounds;
    use crate::tree::rules::Rules;
    use crate::tree::split::best_split;

    fn rules(min_samples_leaf: usize, min_child_weight: f64, l1: f64, l2: f64) -> Rules {
        Rules {
            growth: Growth::LeafWise,
            num_leaves: 31,
            max_depth: 9,
            min_samples_leaf,
            min_child_weight,
            min_gain: 0.0,
            l1,
            l2,
            categories: CategoryRules {
                smooth: 10.0,
                l2: 10.0,
                max_categories: 32,
                min_rows: 100,
            },
        }
    }

    fn cells<C: Moments>(
        seed: u64,
        bins: usize,
        filled: f64,
        [gradient, hessian]: [u64; 2],
    ) -> Vec<C> {
        let mut stream = Stream::new(seed, &[]);
        let mut cell = || {
            let levels = |level: u64| i64::try_from(level).unwrap();
            let is_filled = stream.next_f64() < filled;
            let g = levels(stream.below(2 * gradient + 1)) - levels(gradient);
            let h = 1 + levels(stream.below(hessian));
            if is_filled {
                C::new(g, h)
            } else {
                C::default()
            }
        };
        std::iter::repeat_with(&mut cell).take(bins).collect()
    }

    fn scaled(rules: &Rules, hessian_unit: f64) -> Scaled<'_> {
        Scaled {
            rules,
            scale: Scale {
                units: [0.125, hessian_unit],
                hessian_max: 9,
            },
            extra_l2: 0.0,
            bounds: Bounds::FREE,
            direction: None,
        }
    }

    fn agree<C: Moments>(cells: &[C], scaled: &Scaled<'_>) {
        let mut total = C::default();
        cells.iter().for_each(|cell| total.add(*cell));
        let filled = (0..=u8::MAX).zip(cells.iter().copied());
        let filled = filled.filter(|(_, cell)| !cell.is_empty());
        let expected = best_split(7, filled, total, scaled);
        let found = best_cut(7, cells, total, scaled);
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_best_cut_is_that_of_the_plain_scan(
            seed in any::<u64>(),
            bins in prop_oneof![1usize..12, 200usize..=256],
            filled in prop_oneof![Just(1.0), Just(0.5), Just(0.02)],
            // Few levels make many ties.
            levels in prop_oneof![Just([1, 1]), Just([3, 2]), Just([5000, 9])],
            (min_rows, min_weight) in prop_oneof![Just((1, 0.0)), Just((20, 3.3))],
            (l1, l2) in prop_oneof![Just((0.0, 0.0)), Just((0.7, 1.5))],
            unit in prop_oneof![Just(1.0), Just(0.25), Just(1.0 / 3.0)],
        ) {
            let rules = rules(min_rows, min_weight, l1, l2);
            let scaled = scaled(&rules, unit);
            agree(&cells::<Packed>(seed, bins, filled, levels), &scaled);
            agree(&cells::<Wide>(seed, bins, filled, levels), &scaled);
        }
    }
}

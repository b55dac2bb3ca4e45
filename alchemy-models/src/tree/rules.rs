//! What splits and leaves of a boosted tree are worth.

use super::categories::CategoryRules;
use super::cell::Counted;
use super::gradient::{Moments, Scale};
use super::growth::Growth;
use super::monotone::{Bounds, Monotone};
use super::split::Criterion;

/// The regularised second-order objective: a leaf with gradient sum G and hessian sum H takes the value
/// -T(G) / (H + l2) and lowers the loss by T(G)^2 / (2 (H + l2)), where T moves G by l1 towards 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) num_leaves: usize,
    pub(crate) max_depth: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_child_weight: f64,
    pub(crate) min_gain: f64,
    pub(crate) l1: f64,
    pub(crate) l2: f64,
    pub(crate) categories: CategoryRules,
    pub(crate) growth: Growth,
}

impl Rules {
    fn worth(&self, gradient: f64, hessian: f64, l2: f64) -> f64 {
        let moved = self.moved(gradient);
        moved * moved / (hessian + l2)
    }

    fn value(&self, gradient: f64, hessian: f64, l2: f64) -> f64 {
        -self.moved(gradient) / (hessian + l2)
    }

    fn moved(&self, gradient: f64) -> f64 {
        gradient - gradient.clamp(-self.l1, self.l1)
    }
}

/// [`Rules`] on sums of one scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scaled<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) scale: Scale,
    /// What is added to the L2 penalty.
    pub(crate) extra_l2: f64,
    /// Between which numbers values must lie.
    pub(crate) bounds: Bounds,
    /// In which order the values of both sides must be.
    pub(crate) direction: Option<Monotone>,
}

impl Scaled<'_> {
    /// The worth of a node that is not split.
    pub(crate) fn node_worth<C: Moments>(&self, total: C) -> f64 {
        let [gradient, hessian] = self.sums(total);
        self.worth_within(gradient, hessian)
    }

    /// The value of a leaf.
    pub(crate) fn leaf_value<C: Moments>(&self, total: C) -> f64 {
        let [gradient, hessian] = self.sums(total);
        self.value(gradient, hessian)
    }

    /// Whether values may be any numbers.
    pub(crate) fn is_free(&self) -> bool {
        self.bounds.are_free() && self.direction.is_none()
    }

    fn value(&self, gradient: f64, hessian: f64) -> f64 {
        let value = self.rules.value(gradient, hessian, self.l2());
        self.bounds.moved(value)
    }

    /// The worth of a side whose value is moved to its bounds.
    fn worth_within(&self, gradient: f64, hessian: f64) -> f64 {
        let best = self.rules.value(gradient, hessian, self.l2());
        if self.bounds.hold(best) {
            self.rules.worth(gradient, hessian, self.l2())
        } else {
            let value = self.bounds.moved(best);
            let gradient = self.rules.moved(gradient);
            -(2.0 * gradient + (hessian + self.l2()) * value) * value
        }
    }

    /// Whether the hessian alone shows that at least `min_samples_leaf` rows add up to `side`.
    pub(crate) fn has_enough_rows<C: Moments>(&self, side: C) -> bool {
        let [_, hessian] = side.sums();
        let rows = self.rules.min_samples_leaf as f64;
        rows <= 1.0 || hessian as f64 >= rows * self.scale.hessian_max as f64
    }

    fn l2(&self) -> f64 {
        self.rules.l2 + self.extra_l2
    }

    pub(super) fn sums<C: Moments>(&self, cell: C) -> [f64; 2] {
        let [gradient, hessian] = cell.sums();
        [
            gradient as f64 * self.scale.units[0],
            hessian as f64 * self.scale.units[1],
        ]
    }
}

impl<C: Moments> Criterion<C> for Scaled<'_> {
    /// Counts rows by the most that their hessians allow; [`Counted`] cells are exact.
    fn worth(&self, left: C, right: C) -> Option<f64> {
        let rows = self.rules.min_samples_leaf as f64;
        let sides = [left, right].map(|side| self.sums(side));
        for (side, [_, hessian]) in [left, right].into_iter().zip(sides) {
            let [_, levels] = side.sums();
            if hessian < self.rules.min_child_weight || (levels as f64) < rows {
                return None;
            }
        }
        if let Some(direction) = self.direction {
            let [left, right] = sides.map(|[gradient, hessian]| self.value(gradient, hessian));
            if !direction.allows(left, right) {
                return None;
            }
        }
        let [left, right] = sides.map(|[gradient, hessian]| self.worth_within(gradient, hessian));
        Some(left + right)
    }
}

impl<C: Moments> Criterion<Counted<C>> for Scaled<'_> {
    fn worth(&self, left: Counted<C>, right: Counted<C>) -> Option<f64> {
        let fewest = left.rows.min(right.rows) as usize;
        if fewest < self.rules.min_samples_leaf {
            None
        } else {
            self.worth(left.cell, right.cell)
        }
    }
}

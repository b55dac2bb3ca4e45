//! SHAP values of one tree for a few rows.
//!
//! A leaf of value v lies behind tests of some columns. Of each column the row passes all tests (o = 1) or not (o = 0), and a
//! share z of the training rows that came by passes. The column's SHAP value from this leaf is
//!
//! ```text
//! v (o - z) times the integral over t from 0 to 1 of the product, over the other columns, of o t + z (1 - t)
//! ```
//!
//! since the integral of `t^a (1 - t)^b` is the weight `a! b! / (a + b + 1)!` that Shapley's formula gives to subsets of size
//! a out of a + b others. The integral is a sum over a few places t, exact for polynomials of this degree. At each place one
//! pass down the tree multiplies the factors and one pass up adds the leaves, so what leaves have in common is done once:
//! no more than some ten operations per node and place, and all without a branch, so that rows go side by side.
//!
//! Where a column is tested again further down, its factor up there is exchanged: what the lower test says is added, what the
//! upper one said of the same rows taken off.
//!
//! References: S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", *Nature
//! Machine Intelligence* 2, 2020; P. Yu et al., "Linear `TreeSHAP`", `NeurIPS` 2022, for sums on the way up.

#![expect(
    clippy::needless_range_loop,
    reason = "a loop over places or lanes indexes several arrays alike, and so becomes vector code"
)]

use super::layout::{Event, Fork, Layout, Split};
use super::quadrature::Place;

/// One of a tree's values and places to take it at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a, const N: usize> {
    pub(super) layout: &'a Layout,
    /// Those of the value.
    pub(super) values: &'a [[f64; 2]],
    pub(super) places: &'a [Place; N],
    /// Those of the layout at these places.
    pub(super) weights: &'a [[f64; N]],
}

/// What is known at the open node of some level; level 0 is above the root.
#[derive(Debug, Clone, Copy)]
struct Level<const N: usize, const L: usize> {
    /// The product of all factors above, at each place.
    products: [[f64; L]; N],
    /// The sum over the leaves below that are done, at each place.
    sums: [[f64; L]; N],
    /// Whether the row passes the tests of the node's column up to the side that is being done.
    passes: [f64; L],
    /// The part of the SHAP value that is known after the left side.
    part: [f64; L],
}

/// What a pass needs of a fork besides. A copy side by side in memory makes the pass a quarter faster.
struct Weights<const N: usize> {
    /// Before the test, on its left side and on its right side.
    above: [f64; N],
    left: [f64; N],
    right: [f64; N],
    /// How much of the products' share follows the row.
    pull: [f64; N],
    /// The values of children that are leaves.
    values: [f64; 2],
}

impl<const N: usize> Pass<'_, N> {
    /// Adds the SHAP values to `found`, which has for each group of `L` rows a vector per column, as `bins` has bins.
    #[inline(always)]
    pub(super) fn add<const L: usize>(
        self,
        num_columns: usize,
        bins: &[[u8; L]],
        found: &mut [[f64; L]],
    ) {
        let level = Level {
            // The factor 1 / (1 - t) is common to all that is added up on the way back.
            products: self.places.map(|place| [place.weight / place.rest; L]),
            sums: [[0.0; L]; N],
            passes: [1.0; L],
            part: [0.0; L],
        };
        let mut levels = vec![level; self.layout.depth + 2];
        let weights: Vec<Weights<N>> = (0..self.layout.forks.len())
            .map(|index| self.weights_of(index))
            .collect();
        let groups = bins.chunks_exact(num_columns);
        for (bins, found) in groups.zip(found.chunks_exact_mut(num_columns)) {
            for event in &self.layout.events {
                match *event {
                    Event::Enter(index) => {
                        let (fork, weights) = (&self.layout.forks[index], &weights[index]);
                        enter(fork, weights, &mut levels, bins, found);
                    }
                    Event::Turn(index) => {
                        turn(&self.layout.forks[index], &weights[index], &mut levels);
                    }
                    Event::Leave(index) => {
                        let (fork, weights) = (&self.layout.forks[index], &weights[index]);
                        leave(fork, weights, &mut levels, found);
                    }
                }
            }
            levels[1].products = level.products;
        }
    }

    fn weights_of(&self, index: usize) -> Weights<N> {
        let above = self.weights[self.layout.forks[index].share_above];
        Weights {
            above,
            left: self.weights[2 * index + 1],
            right: self.weights[2 * index + 2],
            pull: std::array::from_fn(|k| self.places[k].t * above[k]),
            values: self.values[index],
        }
    }
}

#[inline(always)]
fn enter<const N: usize, const L: usize>(
    fork: &Fork,
    weights: &Weights<N>,
    levels: &mut [Level<N, L>],
    bins: &[[u8; L]],
    found: &mut [[f64; L]],
) {
    let before = levels[fork.above].passes;
    let [left, right] = sides(&fork.split, &bins[fork.column], &before);
    let (own, below) = levels.split_at_mut(fork.level + 1);
    let (own, below) = (&mut own[fork.level], &mut below[0]);
    let share = fork.share_left;
    let mut follow = [0.0; L];
    for lane in 0..L {
        follow[lane] = left[lane] - before[lane] * share;
    }
    let part_products = |k: usize, products: &[f64; L]| {
        let mut sides = [[0.0; L]; 2];
        for lane in 0..L {
            let product = products[lane];
            let left = product * (share + weights.pull[k] * follow[lane]);
            sides[0][lane] = left;
            // Both sides together are what came from above.
            sides[1][lane] = product - left;
        }
        sides
    };
    let [left_value, right_value] = weights.values;
    match fork.is_leaf {
        [true, true] => {
            let mut dots = [[0.0; L]; 3];
            for k in 0..N {
                let [l, r] = part_products(k, &own.products[k]);
                for lane in 0..L {
                    let (l, r) = (l[lane] * left_value, r[lane] * right_value);
                    dots[0][lane] += l * weights.left[k];
                    dots[1][lane] += r * weights.right[k];
                    dots[2][lane] += (l + r) * weights.above[k];
                    own.sums[k][lane] = l + r;
                }
            }
            for (lane, found) in found[fork.column].iter_mut().enumerate() {
                *found += (left[lane] * dots[0][lane] + right[lane] * dots[1][lane])
                    - before[lane] * dots[2][lane];
            }
        }
        [true, false] => {
            let mut dot = [0.0; L];
            for k in 0..N {
                let [l, r] = part_products(k, &own.products[k]);
                for lane in 0..L {
                    let l = l[lane] * left_value;
                    dot[lane] += l * weights.left[k];
                    own.sums[k][lane] = l;
                    below.products[k][lane] = r[lane];
                }
            }
            for lane in 0..L {
                own.part[lane] = left[lane] * dot[lane];
            }
            own.passes = right;
        }
        [false, _] => {
            for k in 0..N {
                [below.products[k], own.products[k]] = part_products(k, &own.products[k]);
            }
            own.passes = left;
        }
    }
}

#[inline(always)]
fn turn<const N: usize, const L: usize>(
    fork: &Fork,
    weights: &Weights<N>,
    levels: &mut [Level<N, L>],
) {
    let before = levels[fork.above].passes;
    let (own, below) = levels.split_at_mut(fork.level + 1);
    let (own, below) = (&mut own[fork.level], &mut below[0]);
    let mut dot = [0.0; L];
    for k in 0..N {
        for lane in 0..L {
            let sum = below.sums[k][lane];
            dot[lane] += sum * weights.left[k];
            own.sums[k][lane] = sum;
            below.products[k][lane] = own.products[k][lane];
        }
    }
    for lane in 0..L {
        own.part[lane] = own.passes[lane] * dot[lane];
        own.passes[lane] = before[lane] - own.passes[lane];
    }
}

#[inline(always)]
fn leave<const N: usize, const L: usize>(
    fork: &Fork,
    weights: &Weights<N>,
    levels: &mut [Level<N, L>],
    found: &mut [[f64; L]],
) {
    let before = levels[fork.above].passes;
    let (own, below) = levels.split_at_mut(fork.level + 1);
    let (own, below) = (&mut own[fork.level], &below[0]);
    let mut dots = [[0.0; L]; 3];
    if fork.is_leaf[1] {
        let value = weights.values[1];
        for k in 0..N {
            for lane in 0..L {
                let (l, r) = (below.sums[k][lane], own.products[k][lane] * value);
                dots[0][lane] += l * weights.left[k];
                dots[1][lane] += r * weights.right[k];
                dots[2][lane] += (l + r) * weights.above[k];
                own.sums[k][lane] = l + r;
            }
        }
        for lane in 0..L {
            own.part[lane] = own.passes[lane] * dots[0][lane];
            own.passes[lane] = before[lane] - own.passes[lane];
        }
    } else {
        for k in 0..N {
            for lane in 0..L {
                let (l, r) = (own.sums[k][lane], below.sums[k][lane]);
                dots[1][lane] += r * weights.right[k];
                dots[2][lane] += (l + r) * weights.above[k];
                own.sums[k][lane] = l + r;
            }
        }
    }
    for (lane, found) in found[fork.column].iter_mut().enumerate() {
        *found +=
            (own.part[lane] + own.passes[lane] * dots[1][lane]) - before[lane] * dots[2][lane];
    }
}

/// Of rows that pass `before`, those that go left and those that go right.
#[inline(always)]
pub(super) fn sides<const L: usize>(
    split: &Split,
    bins: &[u8; L],
    before: &[f64; L],
) -> [[f64; L]; 2] {
    let mut goes_right = [0u8; L];
    match split {
        Split::Cut(cut) => {
            for (goes, bin) in goes_right.iter_mut().zip(bins) {
                *goes = u8::from(cut.goes_right(*bin));
            }
        }
        Split::Set(set) => {
            for (goes, bin) in goes_right.iter_mut().zip(bins) {
                *goes = u8::from(set.contains(*bin));
            }
        }
    }
    let mut sides = [[0.0; L]; 2];
    for lane in 0..L {
        let right = before[lane] * f64::from(goes_right[lane]);
        sides[0][lane] = before[lane] - right;
        sides[1][lane] = right;
    }
    sides
}

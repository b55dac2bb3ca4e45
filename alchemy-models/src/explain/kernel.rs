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

use super::layout::{Event, Fork, Layout, Weights};
use super::quadrature::Place;
use crate::tree::node::{Rule, Tree};

/// Rows that go side by side.
pub(super) const LANES: usize = 8;

/// One number per row.
pub(super) type Lanes = [f64; LANES];

/// A tree, what to do with it and at which places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a, const N: usize> {
    pub(super) tree: &'a Tree,
    pub(super) layout: &'a Layout,
    /// Which of a leaf's values counts.
    pub(super) value: usize,
    pub(super) places: &'a [Place; N],
}

/// What is known at the open node of some depth.
#[derive(Debug, Clone, Copy)]
struct Level<const N: usize> {
    /// The product of all factors above, at each place.
    products: [Lanes; N],
    /// The sum over the leaves below that are done, at each place.
    sums: [Lanes; N],
    /// Whether the row passes the tests of the node's column up to the side that is being done.
    passes: Lanes,
    /// The part of the SHAP value that is known after the left side.
    part: Lanes,
}

/// Adds the SHAP values to `found`, which has for each group of [`LANES`] rows a vector per column, as `bins` has bins.
#[inline(always)]
pub(super) fn add<const N: usize>(
    pass: Pass<'_, N>,
    num_columns: usize,
    bins: &[[u8; LANES]],
    found: &mut [Lanes],
) {
    let Pass {
        tree,
        layout,
        value,
        places,
    } = pass;
    let weights: Vec<Weights<N>> = layout
        .forks
        .iter()
        .map(|fork| Weights::new(fork, tree, value, places))
        .collect();
    let level = Level {
        // The factor 1 / (1 - t) is common to all that is added up on the way back.
        products: places.map(|place| [place.weight / place.rest; LANES]),
        sums: [[0.0; LANES]; N],
        passes: [1.0; LANES],
        part: [0.0; LANES],
    };
    let mut levels = vec![level; layout.depth + 1];
    let groups = bins.chunks_exact(num_columns);
    for (bins, found) in groups.zip(found.chunks_exact_mut(num_columns)) {
        for event in &layout.events {
            match *event {
                Event::Enter(index) => {
                    let (fork, weights) = (&layout.forks[index], &weights[index]);
                    enter(fork, weights, &mut levels, bins, found);
                }
                Event::Turn(index) => turn(&layout.forks[index], &weights[index], &mut levels),
                Event::Leave(index) => {
                    leave(&layout.forks[index], &weights[index], &mut levels, found);
                }
            }
        }
        levels[0].products = level.products;
    }
}

#[inline(always)]
fn enter<const N: usize>(
    fork: &Fork,
    weights: &Weights<N>,
    levels: &mut [Level<N>],
    bins: &[[u8; LANES]],
    found: &mut [Lanes],
) {
    let before = passes_above(fork, levels);
    let [left, right] = sides(&fork.rule, &bins[fork.column], &before);
    let (own, below) = levels.split_at_mut(fork.depth + 1);
    let (own, below) = (&mut own[fork.depth], &mut below[0]);
    let share = fork.share_left;
    let mut follow = [0.0; LANES];
    for lane in 0..LANES {
        follow[lane] = left[lane] - before[lane] * share;
    }
    let part_products = |k: usize, products: &Lanes| {
        let mut sides = [[0.0; LANES]; 2];
        for lane in 0..LANES {
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
            let mut dots = [[0.0; LANES]; 3];
            for k in 0..N {
                let [l, r] = part_products(k, &own.products[k]);
                for lane in 0..LANES {
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
            let mut dot = [0.0; LANES];
            for k in 0..N {
                let [l, r] = part_products(k, &own.products[k]);
                for lane in 0..LANES {
                    let l = l[lane] * left_value;
                    dot[lane] += l * weights.left[k];
                    own.sums[k][lane] = l;
                    below.products[k][lane] = r[lane];
                }
            }
            for lane in 0..LANES {
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
fn turn<const N: usize>(fork: &Fork, weights: &Weights<N>, levels: &mut [Level<N>]) {
    let before = passes_above(fork, levels);
    let (own, below) = levels.split_at_mut(fork.depth + 1);
    let (own, below) = (&mut own[fork.depth], &mut below[0]);
    let mut dot = [0.0; LANES];
    for k in 0..N {
        for lane in 0..LANES {
            let sum = below.sums[k][lane];
            dot[lane] += sum * weights.left[k];
            own.sums[k][lane] = sum;
            below.products[k][lane] = own.products[k][lane];
        }
    }
    for lane in 0..LANES {
        own.part[lane] = own.passes[lane] * dot[lane];
        own.passes[lane] = before[lane] - own.passes[lane];
    }
}

#[inline(always)]
fn leave<const N: usize>(
    fork: &Fork,
    weights: &Weights<N>,
    levels: &mut [Level<N>],
    found: &mut [Lanes],
) {
    let before = passes_above(fork, levels);
    let (own, below) = levels.split_at_mut(fork.depth + 1);
    let (own, below) = (&mut own[fork.depth], &below[0]);
    let mut dots = [[0.0; LANES]; 3];
    if fork.is_leaf[1] {
        let value = weights.values[1];
        for k in 0..N {
            for lane in 0..LANES {
                let (l, r) = (below.sums[k][lane], own.products[k][lane] * value);
                dots[0][lane] += l * weights.left[k];
                dots[1][lane] += r * weights.right[k];
                dots[2][lane] += (l + r) * weights.above[k];
                own.sums[k][lane] = l + r;
            }
        }
        for lane in 0..LANES {
            own.part[lane] = own.passes[lane] * dots[0][lane];
            own.passes[lane] = before[lane] - own.passes[lane];
        }
    } else {
        for k in 0..N {
            for lane in 0..LANES {
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

/// Whether rows pass the tests of the same column above: all do if there are none.
#[inline(always)]
fn passes_above<const N: usize>(fork: &Fork, levels: &[Level<N>]) -> Lanes {
    fork.above
        .map_or([1.0; LANES], |above| levels[above].passes)
}

/// Of rows that pass `before`, those that go left and those that go right.
#[inline(always)]
pub(super) fn sides(rule: &Rule, bins: &[u8; LANES], before: &Lanes) -> [Lanes; 2] {
    let mut goes_right = [0u8; LANES];
    match rule {
        Rule::Cut(cut) => {
            for (goes, bin) in goes_right.iter_mut().zip(bins) {
                *goes = u8::from(cut.goes_right(*bin));
            }
        }
        Rule::Set(set) => {
            for (goes, bin) in goes_right.iter_mut().zip(bins) {
                *goes = u8::from(set.right.contains(*bin));
            }
        }
    }
    let mut sides = [[0.0; LANES]; 2];
    for lane in 0..LANES {
        let right = before[lane] * f64::from(goes_right[lane]);
        sides[0][lane] = before[lane] - right;
        sides[1][lane] = right;
    }
    sides
}

//! Sums of many normal kernels, fast.
//!
//! With u and d measured in bandwidths, a kernel at d seen from u is
//! exp(−(u − d)² / 2) = exp(−u² / 2) Σ Heₖ(u) dᵏ / k!, Heₖ being Hermite's polynomials. So the kernels in
//! a box count by the moments Σ dᵏ / k! of their distances d from its middle. By Cramér's bound,
//! |Heₖ(u)| exp(−u² / 4) < 1.09 √(k!), what lies beyond the kept terms is below 1.09 Σ |d|ᵏ / √(k!).

use rayon::prelude::*;

/// Terms kept: with |d| at most ¼ the rest is below 2e-14 of each kernel.
const TERMS: usize = 14;

/// Half the width of a box, in bandwidths.
const HALF: f64 = 0.25;

/// How far the middle of a box is seen, in bandwidths: kernels beyond are below 1e-16.
const REACH: f64 = 9.0;

/// Values in boxes that are half a bandwidth wide.
#[derive(Debug)]
pub(super) struct Boxes {
    bandwidth: f64,
    /// The least value of each box, in order. The middle is [`HALF`] bandwidths above; it is no float of its
    /// own, which far from zero would be a coarse one.
    starts: Vec<f64>,
    moments: Vec<[f64; TERMS]>,
}

impl Boxes {
    /// Gathers sorted values; without `weights` each has the weight 1.
    pub(super) fn new(sorted: &[f64], weights: &[f64], bandwidth: f64) -> Self {
        let mut boxes = Self {
            bandwidth,
            starts: Vec::new(),
            moments: Vec::new(),
        };
        let mut rest = sorted;
        let mut before = 0;
        while let Some(first) = rest.first() {
            let len = rest
                .partition_point(|value| value - first <= 2.0 * HALF * bandwidth)
                .max(1);
            let (own, after) = rest.split_at(len);
            let weights = weights.get(before..before + len).unwrap_or_default();
            boxes.moments.push(boxes.moments_of(own, weights));
            boxes.starts.push(*first);
            rest = after;
            before += len;
        }
        boxes
    }

    fn moments_of(&self, values: &[f64], weights: &[f64]) -> [f64; TERMS] {
        let mut moments = [0.0; TERMS];
        for (at, value) in values.iter().enumerate() {
            let distance = (value - values[0]) / self.bandwidth - HALF;
            let mut power = weights.get(at).copied().unwrap_or(1.0);
            for moment in &mut moments {
                *moment += power;
                power *= distance;
            }
        }
        let mut factorial = 1.0;
        for (k, moment) in moments.iter_mut().enumerate().skip(1) {
            factorial *= k as f64;
            *moment /= factorial;
        }
        moments
    }

    /// The sum of all kernels, each of height 1, at each point.
    pub(super) fn sums_at(&self, points: &[f64]) -> Vec<f64> {
        points.par_iter().map(|x| self.sum_at(*x)).collect()
    }

    fn sum_at(&self, x: f64) -> f64 {
        let from = |start: &f64| (x - start) / self.bandwidth - HALF;
        let first = self.starts.partition_point(|start| from(start) > REACH);
        let near = self.starts[first..].iter().zip(&self.moments[first..]);
        near.map(|(start, moments)| (from(start), moments))
            .take_while(|(u, _)| *u >= -REACH)
            .map(|(u, moments)| (-0.5 * u * u).exp() * expansion(u, moments))
            .sum::<f64>()
            .max(0.0)
    }
}

/// Σ Heₖ(u) mₖ by the recurrence Heₖ₊₁ = u Heₖ − k Heₖ₋₁.
fn expansion(u: f64, moments: &[f64; TERMS]) -> f64 {
    let (mut below, mut polynomial) = (0.0, 1.0);
    let mut sum = 0.0;
    for (k, moment) in moments.iter().enumerate() {
        sum += polynomial * moment;
        (below, polynomial) = (polynomial, u * polynomial - k as f64 * below);
    }
    sum
}

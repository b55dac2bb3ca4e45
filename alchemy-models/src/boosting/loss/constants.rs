//! The constants over offsets that the scores of classes start from.

use super::Rows;
use crate::boosting::link::softmax;
use crate::math::ln;
use crate::sum::sums;

/// Steps at most; a handful is the rule.
const MAX_STEPS: usize = 100;

/// A pivot this much smaller than the mean probability of its class is near what rounding leaves.
const FLAT: f64 = 1e-10;

/// The constants that, added to the offsets of each class, minimise the log loss; `shares` are those of the classes.
///
/// Newton's steps. The curvature along a direction changes by a factor of at most e^(t r) on a step t, where r is the range
/// of the direction's entries, so that t = ln(1 + r) / r lowers the loss however far it is from its minimum and nears 1 close to
/// it (Sun & Tran-Dinh, 2019). Where the curvature is lost in rounding, and at first, a class moves by the logarithm of its
/// share over its mean probability, which lowers the loss too (iterative scaling). Offsets that leave hardly a probability
/// between 0 and 1 may use up all steps.
pub(super) fn constants_over_offsets(rows: &Rows<'_>, shares: &[f64]) -> Vec<f64> {
    let mut base: Vec<f64> = shares.iter().map(|share| ln(*share)).collect();
    for step in 0..MAX_STEPS {
        let (means, products) = moments(rows, &base);
        let newton = (step > 0).then(|| newton_step(&means, products, shares));
        let moves = newton.flatten().unwrap_or_else(|| {
            let scaling = |(share, mean): (&f64, &f64)| ln(share / mean.max(f64::MIN_POSITIVE));
            shares.iter().zip(&means).map(scaling).collect()
        });
        let mut largest: f64 = 0.0;
        for (base, by) in base.iter_mut().zip(moves) {
            *base += by;
            largest = largest.max(by.abs());
        }
        // Steps shrink quadratically, so what is left after this one is rounding.
        if largest <= 1e-10 {
            break;
        }
    }
    base
}

/// The mean probability of each class, and the lower triangle of the mean products of those of all classes but the last.
fn moments(rows: &Rows<'_>, base: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let classes = base.len();
    let width = 1 + classes + classes * (classes - 1) / 2;
    let mut totals = sums(rows.targets.len(), width, |rows_of_block, totals| {
        let mut p = vec![0.0; classes];
        for row in rows_of_block {
            let weight = rows.weight(row);
            let starts = p.iter_mut().zip(base).zip(rows.offsets);
            starts.for_each(|((p, base), offsets)| *p = base + offsets[row]);
            softmax(&mut p);
            totals[0] += weight;
            let (means, products) = totals[1..].split_at_mut(classes);
            let mut products = products.iter_mut();
            for (class, mean) in means.iter_mut().enumerate() {
                let weighted = weight * p[class];
                *mean += weighted;
                if class + 1 < classes {
                    let with = p[..=class].iter().zip(products.by_ref());
                    with.for_each(|(other, product)| *product += weighted * other);
                }
            }
        }
    });
    let total = totals[0];
    totals.iter_mut().for_each(|sum| *sum /= total);
    let products = totals.split_off(1 + classes);
    (totals.split_off(1), products)
}

/// A step that lowers the loss; `None` where its curvature is lost in rounding. The last class stays where it is, since only
/// differences count.
fn newton_step(means: &[f64], products: Vec<f64>, shares: &[f64]) -> Option<Vec<f64>> {
    let mut curvature: Vec<f64> = products.into_iter().map(|product| -product).collect();
    let free = means.len() - 1;
    for class in 0..free {
        curvature[at(class, class)] += means[class];
    }
    let mut step: Vec<f64> = (shares.iter().zip(means))
        .map(|(share, mean)| share - mean)
        .collect();
    step[free] = 0.0;
    solve(&mut curvature, means, &mut step[..free])?;
    let [low, high] = [f64::min, f64::max].map(|most| step.iter().copied().fold(0.0, most));
    let range = high - low;
    if !range.is_finite() {
        return None;
    }
    if range > 1e-8 {
        let damped = ln(1.0 + range) / range;
        step.iter_mut().for_each(|by| *by *= damped);
    }
    Some(step)
}

/// Solves the positive definite system of which `matrix` is the lower triangle, row by row (Cholesky). `None` if a
/// pivot is flat beside its `scale`.
fn solve(matrix: &mut [f64], scale: &[f64], right: &mut [f64]) -> Option<()> {
    let size = right.len();
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column)
                .map(|place| matrix[at(row, place)] * matrix[at(column, place)])
                .sum();
            let left = matrix[at(row, column)] - known;
            if row > column {
                matrix[at(row, column)] = left / matrix[at(column, column)];
            } else if left > FLAT * scale[row] {
                matrix[at(row, row)] = left.sqrt();
            } else {
                return None;
            }
        }
    }
    for row in 0..size {
        let known: f64 = (0..row)
            .map(|place| matrix[at(row, place)] * right[place])
            .sum();
        right[row] = (right[row] - known) / matrix[at(row, row)];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|place| matrix[at(place, row)] * right[place])
            .sum();
        right[row] = (right[row] - known) / matrix[at(row, row)];
    }
    Some(())
}

/// The place of an entry of a lower triangle.
fn at(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

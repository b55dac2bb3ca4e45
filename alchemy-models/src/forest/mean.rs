//! The mean of a number, or the share of the second of two classes: splits lower the squared error.

use super::outcome::{Outcome, Target};
use crate::math::narrow;
use crate::tree::gradient::{Moments, Pair, Rounded, Scale, Spread};

/// Sums of (weight x number, weight), as rounded on `scale`.
///
/// Splits are found on rounded numbers; the value of a leaf is computed from the numbers themselves.
#[derive(Debug)]
pub(super) struct Mean<'a, T, C> {
    target: &'a T,
    scale: Scale,
    /// What a gain on the scale is worth.
    unit: f64,
    cell: std::marker::PhantomData<C>,
}

impl<'a, T: Target, C: Moments> Mean<'a, T, C> {
    /// The Gini impurity of two classes is twice the squared error of their codes; `impurity` is 1 or 2.
    pub(super) fn new(target: &'a T, scale: Scale, impurity: f64) -> Self {
        Self {
            target,
            scale,
            unit: impurity * scale.units[0] * scale.units[0] / scale.units[1],
            cell: std::marker::PhantomData,
        }
    }
}

/// Rounds pairs of weight x `number` and weight for each of `rows`.
pub(super) fn round_pairs(rows: &[u32], weights: &[f64], number: impl Fn(usize) -> f64) -> Rounded {
    let pair = |row: &u32| -> Pair {
        let row = *row as usize;
        [narrow(weights[row] * number(row)), narrow(weights[row])]
    };
    let pairs: Vec<Pair> = rows.iter().map(pair).collect();
    Rounded::new(&pairs, &Spread::of(&pairs), None)
}

impl<T: Target, C: Moments> Outcome for Mean<'_, T, C> {
    type Target = T;
    type Row = C;
    type Cell = C;

    fn target(&self) -> &T {
        self.target
    }

    fn put(cell: &mut C, row: C) {
        cell.add(row);
    }

    /// The sum of squared errors goes down by d^2 W / (w (W - w)), where d is by how much the left side's sum is off its
    /// share of the whole, w its weight and W that of the whole.
    fn gain(&self, left: C, total: C) -> f64 {
        let [sum, weight] = left.sums().map(|sum| sum as f64);
        let [whole_sum, whole_weight] = total.sums().map(|sum| sum as f64);
        let off = sum - weight * (whole_sum / whole_weight);
        off * off * (whole_weight * self.unit) / (weight * (whole_weight - weight))
    }

    fn weight(&self, total: C) -> f64 {
        total.sums()[1] as f64 * self.scale.units[1]
    }
}

/// Numbers as a target.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    pub(super) targets: &'a [f64],
    pub(super) weights: &'a [f64],
}

impl Target for Numbers<'_> {
    fn is_pure(&self, mut rows: impl Iterator<Item = usize>) -> bool {
        let first = rows.next().map(|row| self.targets[row]);
        rows.all(|row| Some(self.targets[row]) == first)
    }

    fn num_values(&self) -> usize {
        1
    }

    fn write_leaf(&self, rows: impl Iterator<Item = usize>, values: &mut [f64]) {
        let (mut sum, mut weight) = (0.0, 0.0);
        for row in rows {
            sum += self.weights[row] * self.targets[row];
            weight += self.weights[row];
        }
        values[0] = sum / weight;
    }
}

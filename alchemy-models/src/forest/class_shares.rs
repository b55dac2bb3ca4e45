//! The shares of classes: splits lower the Gini impurity.

use super::outcome::{Outcome, Target};
use crate::tree::cell::Cell;
use crate::tree::gradient::{power_of_two_below, round};

/// What the integer weights of a bag add up to at most: below 2^52 a float holds every sum.
const LARGEST_SUM: f64 = 4_503_599_627_370_496.0;

/// Classes as a target.
#[derive(Debug)]
pub(super) struct Labels<'a> {
    pub(super) codes: &'a [u32],
    pub(super) weights: &'a [f64],
    pub(super) num_classes: usize,
}

impl Target for Labels<'_> {
    fn is_pure(&self, mut rows: impl Iterator<Item = usize>) -> bool {
        let first = rows.next().map(|row| self.codes[row]);
        rows.all(|row| Some(self.codes[row]) == first)
    }

    fn num_values(&self) -> usize {
        self.num_classes
    }

    fn write_leaf(&self, rows: impl Iterator<Item = usize>, values: &mut [f64]) {
        let mut sum = 0.0;
        for row in rows {
            values[self.codes[row] as usize] += self.weights[row];
            sum += self.weights[row];
        }
        values.iter_mut().for_each(|value| *value /= sum);
    }
}

/// The weight of each of up to `K` classes, as integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClassWeights<const K: usize>([u64; K]);

impl<const K: usize> Default for ClassWeights<K> {
    fn default() -> Self {
        Self([0; K])
    }
}

impl<const K: usize> Cell for ClassWeights<K> {
    fn add(&mut self, other: Self) {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(sum, weight)| *sum += weight);
    }

    fn subtract(&mut self, other: Self) {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(sum, weight)| *sum -= weight);
    }
}

/// A row's class and integer weight.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Labelled {
    level: u64,
    code: u32,
}

/// Sums of weight by class, for up to `K` classes.
#[derive(Debug)]
pub(super) struct ClassShares<'a, const K: usize> {
    labels: &'a Labels<'a>,
    unit: f64,
}

impl<'a, const K: usize> ClassShares<'a, K> {
    /// Weights become integers on a scale that is a power of two, so whole weights are exact; none becomes 0.
    pub(super) fn new(labels: &'a Labels<'a>, rows: &[u32]) -> (Self, Vec<Labelled>) {
        let weight = |row: &u32| labels.weights[*row as usize];
        let total: f64 = rows.iter().map(weight).sum();
        let scale = power_of_two_below((LARGEST_SUM - rows.len() as f64) / total);
        let labelled = |row: &u32| Labelled {
            level: round(weight(row) * scale).max(1).cast_unsigned(),
            code: labels.codes[*row as usize],
        };
        let labelled = rows.iter().map(labelled).collect();
        let unit = 1.0 / scale;
        (Self { labels, unit }, labelled)
    }
}

impl<'a, const K: usize> Outcome for ClassShares<'a, K> {
    type Target = Labels<'a>;
    type Row = Labelled;
    type Cell = ClassWeights<K>;

    fn target(&self) -> &Labels<'a> {
        self.labels
    }

    fn put(cell: &mut ClassWeights<K>, row: Labelled) {
        // There are at most `K` classes.
        if let Some(sum) = cell.0.get_mut(row.code as usize) {
            *sum += row.level;
        }
    }

    /// The weighted Gini impurity goes down by as much as the sums of squared class weights over the weight go up.
    fn gain(&self, left: ClassWeights<K>, total: ClassWeights<K>) -> f64 {
        let mut squares = [0.0; 3];
        let mut sums = [0.0; 3];
        for (left, total) in left.0.into_iter().zip(total.0) {
            let sides = [left as f64, (total - left) as f64, total as f64];
            for side in 0..3 {
                squares[side] += sides[side] * sides[side];
                sums[side] += sides[side];
            }
        }
        let worth = [0, 1, 2].map(|side| squares[side] / sums[side]);
        ((worth[0] + worth[1] - worth[2]) * self.unit).max(0.0)
    }

    fn weight(&self, total: ClassWeights<K>) -> f64 {
        total.0.iter().sum::<u64>() as f64 * self.unit
    }
}

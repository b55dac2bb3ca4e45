//! The shares of classes: splits lower the Gini impurity.

use super::outcome::Outcome;
use crate::tree::cell::Cell;
use crate::tree::gradient::{power_of_two_below, round};

/// What the integer weights of a bag add up to at most: below 2^52 a float holds every sum.
const LARGEST_SUM: f64 = 4_503_599_627_370_496.0;

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

/// The classes of a bag and the integer weight of each row.
#[derive(Debug)]
pub(super) struct ClassShares<'a, const K: usize> {
    codes: &'a [u32],
    levels: Vec<u64>,
    unit: f64,
    num_classes: usize,
}

impl<'a, const K: usize> ClassShares<'a, K> {
    /// Weights become integers on a scale that is a power of two, so whole weights are exact; none becomes 0.
    pub(super) fn new(codes: &'a [u32], weights: &[f64], num_classes: usize) -> Self {
        let total: f64 = weights.iter().sum();
        let scale = power_of_two_below((LARGEST_SUM - weights.len() as f64) / total);
        let levels = weights
            .iter()
            .map(|weight| round(weight * scale).max(1).cast_unsigned())
            .collect();
        Self {
            codes,
            levels,
            unit: 1.0 / scale,
            num_classes,
        }
    }
}

impl<const K: usize> Outcome for ClassShares<'_, K> {
    type Cell = ClassWeights<K>;

    fn cells(&self) -> Vec<ClassWeights<K>> {
        let cell = |(code, level): (&u32, &u64)| {
            let mut cell = ClassWeights::default();
            cell.0[*code as usize] = *level;
            cell
        };
        self.codes.iter().zip(&self.levels).map(cell).collect()
    }

    /// The sum of squared class weights over the weight: the weighted Gini impurity goes down by as much as this goes up.
    fn worth(&self, total: ClassWeights<K>) -> f64 {
        let (mut squares, mut sum) = (0.0, 0.0);
        for weight in total.0 {
            let weight = weight as f64;
            squares += weight * weight;
            sum += weight;
        }
        squares / sum * self.unit
    }

    fn weight(&self, total: ClassWeights<K>) -> f64 {
        total.0.iter().sum::<u64>() as f64 * self.unit
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        let first = rows.first().map(|row| self.codes[*row as usize]);
        rows.iter()
            .all(|row| Some(self.codes[*row as usize]) == first)
    }

    fn num_values(&self) -> usize {
        self.num_classes
    }

    fn write_leaf(&self, rows: &[u32], values: &mut [f64]) {
        let mut sum = 0.0;
        for row in rows.iter().map(|row| *row as usize) {
            let level = self.levels[row] as f64;
            values[self.codes[row] as usize] += level;
            sum += level;
        }
        values.iter_mut().for_each(|value| *value /= sum);
    }
}

//! What the neighbours of a missing cell make of it.

use serde::{Deserialize, Serialize};

/// How much each neighbour counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NeighborWeights {
    /// All the same.
    #[default]
    Uniform,
    /// By the inverse of the distance. Where neighbours are at distance 0, only they count, all the same.
    Distance,
}

/// A neighbour as it is counted: its cell and its distance, then its weight.
pub(super) type Weighted = (f64, f64);

/// Makes weights of distances.
pub(super) fn weigh(neighbors: &mut [Weighted], weights: NeighborWeights) {
    match weights {
        NeighborWeights::Uniform => neighbors.iter_mut().for_each(|(_, weight)| *weight = 1.0),
        NeighborWeights::Distance => {
            for (_, weight) in &mut *neighbors {
                *weight = weight.recip();
            }
            if neighbors.iter().any(|(_, weight)| weight.is_infinite()) {
                for (_, weight) in neighbors {
                    *weight = f64::from(u8::from(weight.is_infinite()));
                }
            }
        }
    }
}

/// The weighted mean, which lies between the smallest and the largest; NaN without one, or with both infinities.
pub(super) fn mean(neighbors: &[Weighted]) -> f64 {
    let counted = || neighbors.iter().filter(|(_, weight)| *weight > 0.0);
    let total: f64 = counted().map(|(_, weight)| weight).sum();
    let mut mean = counted().map(|(cell, weight)| cell * weight).sum::<f64>() / total;
    let (low, high) = counted().fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(low, high), (cell, _)| (low.min(*cell), high.max(*cell)),
    );
    if !mean.is_finite() && low.is_finite() && high.is_finite() {
        // The sum went beyond the range of floats.
        mean = counted()
            .map(|(cell, weight)| cell * (weight / total))
            .sum();
    }
    if mean.is_nan() {
        mean
    } else {
        mean.max(low).min(high)
    }
}

/// The value of the largest weight in all, of equal ones the smallest; NaN without one.
pub(super) fn vote(neighbors: &mut [Weighted]) -> f64 {
    // Stable: weights are added from the nearest on.
    neighbors.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let sums = neighbors
        .chunk_by(|(a, _), (b, _)| a.total_cmp(b).is_eq())
        .map(|same| {
            (
                same[0].0,
                same.iter().map(|(_, weight)| weight).sum::<f64>(),
            )
        });
    let none = (f64::NAN, f64::NEG_INFINITY);
    sums.fold(none, |best, next| if next.1 > best.1 { next } else { best })
        .0
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;

    #[test]
    fn those_at_no_distance_count_alone() {
        let mut neighbors = [(1.0, 0.0), (5.0, 0.0), (90.0, 0.5)];
        weigh(&mut neighbors, NeighborWeights::Distance);
        assert_eq!(mean(&neighbors), 3.0);
        let mut neighbors = [(1.0, 0.5), (4.0, 1.0)];
        weigh(&mut neighbors, NeighborWeights::Distance);
        assert_eq!(mean(&neighbors), 2.0);
    }

    #[test]
    fn a_mean_lies_between() {
        assert_eq!(mean(&[(0.1, 1.0); 3]), 0.1);
        assert_eq!(mean(&[(f64::MAX, 1.0); 3]), f64::MAX);
        assert_eq!(mean(&[(f64::INFINITY, 1.0), (2.0, 1.0)]), f64::INFINITY);
        assert!(mean(&[(f64::INFINITY, 1.0), (f64::NEG_INFINITY, 1.0)]).is_nan());
        assert!(mean(&[]).is_nan());
    }

    #[test]
    fn a_vote_is_won_by_weight_and_then_by_the_smaller() {
        assert_eq!(vote(&mut [(2.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(vote(&mut [(2.0, 1.0), (1.0, 1.0)]), 1.0);
        assert_eq!(vote(&mut [(2.0, 3.0), (1.0, 1.0), (1.0, 1.0)]), 2.0);
        assert!(vote(&mut []).is_nan());
    }
}

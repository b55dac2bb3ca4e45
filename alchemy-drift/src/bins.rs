//! Numbers counted between quantiles of a reference.

use alchemy_core::stats::{Quantile, QuantileMethod, quantiles};
use serde::{Deserialize, Serialize};

use crate::counts::total;
use crate::psi::Closed;

/// Bins between edges, and how many values of the reference are in each. Below the first edge and above the last there
/// is a bin too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Bins {
    edges: Vec<f64>,
    closed: Closed,
    counts: Vec<usize>,
}

impl Bins {
    /// Cuts `values`, none of which is NaN, at equally spaced quantiles; equal and infinite ones are left out. Leaves
    /// the values in another order.
    pub(crate) fn learn(values: &mut [f64], num_bins: usize, closed: Closed) -> Self {
        let cuts: Vec<Quantile> = (1..num_bins)
            .filter_map(|i| Quantile::new(i as f64 / num_bins as f64).ok())
            .collect();
        let mut edges = quantiles(values, &cuts, QuantileMethod::Linear).unwrap_or_default();
        edges.retain(|edge| edge.is_finite());
        edges.dedup_by(|next, edge| *next <= *edge);
        let mut bins = Self {
            edges,
            closed,
            counts: vec![],
        };
        bins.counts = bins.count(values);
        bins
    }

    /// How many of `values`, none of which is NaN, are in each bin.
    pub(crate) fn count(&self, values: &[f64]) -> Vec<usize> {
        let mut counts = vec![0; self.edges.len() + 1];
        match self.closed {
            Closed::Left => values
                .iter()
                .for_each(|x| counts[self.edges.partition_point(|edge| edge <= x)] += 1),
            Closed::Right => values
                .iter()
                .for_each(|x| counts[self.edges.partition_point(|edge| edge < x)] += 1),
        }
        counts
    }

    /// The counts of each bin beside those of `values`.
    pub(crate) fn pair(&self, values: &[f64]) -> Vec<(usize, usize)> {
        self.counts
            .iter()
            .copied()
            .zip(self.count(values))
            .collect()
    }
}

#[derive(Deserialize)]
struct Stored {
    edges: Vec<f64>,
    closed: Closed,
    counts: Vec<usize>,
}

impl TryFrom<Stored> for Bins {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored {
            edges,
            closed,
            counts,
        } = stored;
        if !edges.is_sorted_by(|a, b| a < b)
            || counts.len() != edges.len() + 1
            || total(&counts).is_none()
        {
            return Err("edges must ascend, with a count below, between and above them");
        }
        Ok(Self {
            edges,
            closed,
            counts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_an_edge_is_on_the_closed_side() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let right = Bins::learn(&mut values, 2, Closed::Right);
        let left = Bins::learn(&mut values, 2, Closed::Left);
        assert_eq!((right.counts, left.counts), (vec![3, 2], vec![2, 3]));
    }

    #[test]
    fn equal_and_infinite_edges_are_left_out() {
        let infinity = f64::INFINITY;
        let bins = Bins::learn(
            &mut [-infinity, -infinity, 1.0, 1.0, 1.0, 1.0, infinity, infinity],
            10,
            Closed::Right,
        );
        assert_eq!(bins.edges, [1.0]);
        assert_eq!(bins.counts, [6, 2]);
        assert_eq!(Bins::learn(&mut [], 10, Closed::Right).counts, [0]);
    }

    #[test]
    fn damaged_bins_are_refused() {
        for text in [
            r#"{"edges":[2.0,1.0],"closed":"left","counts":[1,1,1]}"#,
            r#"{"edges":[1.0],"closed":"left","counts":[1]}"#,
        ] {
            assert!(serde_json::from_str::<Bins>(text).is_err(), "{text}");
        }
    }
}

//! A sample as its empirical distribution function.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::counts::total;

/// The distinct values of a sample in ascending order, and how often each occurs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(crate) struct Distribution {
    values: Vec<f64>,
    counts: Vec<usize>,
    total: usize,
}

impl Distribution {
    /// Of `values`, none of which is NaN.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.par_sort_unstable_by(f64::total_cmp);
        let mut distribution = Self::default();
        for value in values {
            distribution.push(value, 1);
        }
        distribution
    }

    /// How many values the sample has.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// The same sample told by at most `size` values. The sorted sample is cut into `size` blocks as equal as can be,
    /// and the middle value of each stands for all of it, so no share of values below a point is off by more than half
    /// a block.
    pub(crate) fn thinned(self, size: usize) -> Self {
        if self.values.len() <= size {
            return self;
        }
        let end = |block: usize| self.total as u128 * block as u128 / size as u128;
        let mut thinned = Self::default();
        let (mut at, mut through) = (0, self.counts[0] as u128);
        for block in 0..size {
            let (first, next) = (end(block), end(block + 1));
            while through <= first.midpoint(next) {
                at += 1;
                through += self.counts[at] as u128;
            }
            thinned.push(
                self.values[at],
                usize::try_from(next - first).unwrap_or(usize::MAX),
            );
        }
        thinned
    }

    /// The largest distance between the two distribution functions; `None` if a sample is empty.
    pub(crate) fn distance(&self, other: &Self) -> Option<f64> {
        if self.total == 0 || other.total == 0 {
            return None;
        }
        let (ours, theirs) = (self.total as i128, other.total as i128);
        let mut largest = 0;
        self.walk(other, |below, below_other| {
            let gap = below as i128 * theirs - below_other as i128 * ours;
            largest = largest.max(gap.abs());
        });
        Some(largest as f64 / (ours as f64 * theirs as f64))
    }

    /// Calls `step` at every distinct value of the two samples, in ascending order, with how many values of each are
    /// at most as large.
    pub(crate) fn walk(&self, other: &Self, mut step: impl FnMut(usize, usize)) {
        let (mut i, mut j) = (0, 0);
        let (mut below, mut below_other) = (0, 0);
        while let (Some(value), Some(value_other)) = (self.values.get(i), other.values.get(j)) {
            if value <= value_other {
                below += self.counts[i];
                i += 1;
            }
            if value_other <= value {
                below_other += other.counts[j];
                j += 1;
            }
            step(below, below_other);
        }
        for count in &self.counts[i..] {
            below += count;
            step(below, below_other);
        }
        for count in &other.counts[j..] {
            below_other += count;
            step(below, below_other);
        }
    }

    /// `value` is not below any before it.
    fn push(&mut self, value: f64, count: usize) {
        self.total += count;
        match (self.values.last(), self.counts.last_mut()) {
            (Some(last), Some(counted)) if value <= *last => *counted += count,
            _ => {
                self.values.push(value);
                self.counts.push(count);
            }
        }
    }
}

/// The stored form: infinities, which JSON has no numbers for, are counted apart.
#[derive(Serialize, Deserialize)]
struct Stored {
    values: Vec<f64>,
    counts: Vec<usize>,
    #[serde(default)]
    negative_infinities: usize,
    #[serde(default)]
    positive_infinities: usize,
}

impl From<Distribution> for Stored {
    fn from(distribution: Distribution) -> Self {
        let of = |wanted: f64| {
            let found = distribution
                .values
                .iter()
                .position(|value| value.total_cmp(&wanted).is_eq());
            found.map_or(0, |at| distribution.counts[at])
        };
        let (negative_infinities, positive_infinities) = (of(f64::NEG_INFINITY), of(f64::INFINITY));
        let pairs = distribution.values.iter().zip(&distribution.counts);
        let (values, counts) = pairs.filter(|(value, _)| value.is_finite()).unzip();
        Self {
            values,
            counts,
            negative_infinities,
            positive_infinities,
        }
    }
}

impl TryFrom<Stored> for Distribution {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored {
            values,
            counts,
            negative_infinities,
            positive_infinities,
        } = stored;
        let ascending =
            values.is_sorted_by(|a, b| a < b) && values.iter().all(|value| value.is_finite());
        let total = total(
            counts
                .iter()
                .chain([&negative_infinities, &positive_infinities]),
        );
        if !ascending || values.len() != counts.len() || counts.contains(&0) || total.is_none() {
            return Err("values must ascend, each with how often it occurs");
        }
        let mut distribution = Self::default();
        let infinite = |value: f64, count: usize| (count > 0).then_some((value, count));
        let first = infinite(f64::NEG_INFINITY, negative_infinities);
        let last = infinite(f64::INFINITY, positive_infinities);
        for (value, count) in first
            .into_iter()
            .chain(values.into_iter().zip(counts))
            .chain(last)
        {
            distribution.push(value, count);
        }
        Ok(distribution)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_zeros_and_infinities_are_steps() {
        let values = vec![f64::INFINITY, 0.0, -0.0, 1.0, f64::NEG_INFINITY, 1.0, 1.0];
        let distribution = Distribution::of(values);
        assert_eq!(distribution.counts, [1, 2, 3, 1]);
        let text = serde_json::to_string(&distribution).unwrap();
        assert_eq!(
            serde_json::from_str::<Distribution>(&text).unwrap(),
            distribution
        );
    }

    #[test]
    fn damaged_steps_are_refused() {
        for text in [
            r#"{"values":[2.0,1.0],"counts":[1,1]}"#,
            r#"{"values":[1.0,1.0],"counts":[1,1]}"#,
            r#"{"values":[1.0],"counts":[1,1]}"#,
            r#"{"values":[1.0],"counts":[0]}"#,
            r#"{"values":[null],"counts":[1]}"#,
            r#"{"values":[1.0,2.0],"counts":[18446744073709551615,1]}"#,
        ] {
            assert!(
                serde_json::from_str::<Distribution>(text).is_err(),
                "{text}"
            );
        }
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-20..20i32).prop_map(|x| f64::from(x) / 4.0), 1..200)
    }

    proptest! {
        #[test]
        fn the_distance_is_the_largest_at_any_value(a in sample(), b in sample()) {
            let share = |of: &[f64], x: f64| of.iter().filter(|v| **v <= x).count() as f64 / of.len() as f64;
            let brute = a.iter().chain(&b).map(|x| (share(&a, *x) - share(&b, *x)).abs()).fold(0.0, f64::max);
            let found = Distribution::of(a).distance(&Distribution::of(b)).unwrap();
            prop_assert!((found - brute).abs() < 1e-12);
        }

        #[test]
        fn thinning_moves_the_distance_by_half_a_block(a in sample(), b in sample(), size in 2..50usize) {
            let (a, b) = (Distribution::of(a), Distribution::of(b));
            let exact = a.distance(&b).unwrap();
            let bound = (1.0 / size as f64 + 1.0 / a.total() as f64) / 2.0;
            let (total, thinned) = (a.total(), a.thinned(size));
            prop_assert_eq!(thinned.total(), total);
            prop_assert!(thinned.values.len() <= size);
            prop_assert!((thinned.distance(&b).unwrap() - exact).abs() <= bound + 1e-12);
        }
    }
}

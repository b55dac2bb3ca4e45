//! Bins of values that are categories.
//!
//! A level has a bin of its own while there are enough bins. Otherwise the most frequent ones have, and all others share the
//! last bin: what a tree can learn from a level grows with its rows.

use serde::{Deserialize, Serialize};

use super::feature::MISSING;

/// The levels of a feature and their bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(super) struct Categories {
    levels: Levels,
    /// By level.
    bins: Vec<u8>,
    #[serde(skip)]
    num_bins: usize,
}

/// Which values are levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Levels {
    /// The ranks of texts: 0, 1, 2 and so on.
    Ranks,
    /// These, ascending.
    Numbers(Vec<f64>),
}

#[derive(Deserialize)]
struct Stored {
    levels: Levels,
    bins: Vec<u8>,
}

impl Categories {
    /// Gives levels their bins; of more than `max_bins` levels those of the greatest weight have one each, of equals the
    /// first.
    pub(super) fn new(levels: Levels, weights: &[f64], max_bins: usize) -> Self {
        let mut kept: Vec<usize> = (0..weights.len()).collect();
        let mut other = None;
        if weights.len() > max_bins {
            kept.sort_unstable_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
            kept.truncate(max_bins - 1);
            kept.sort_unstable();
            other = u8::try_from(max_bins).ok();
        }
        let mut bins = vec![other.unwrap_or(MISSING); weights.len()];
        for (bin, level) in (1..=u8::MAX).zip(kept) {
            bins[level] = bin;
        }
        Self::of(levels, bins)
    }

    fn of(levels: Levels, bins: Vec<u8>) -> Self {
        let last = bins.iter().copied().max().unwrap_or(MISSING);
        Self {
            levels,
            bins,
            num_bins: usize::from(last) + 1,
        }
    }

    /// Number of bins, the one of missing values included.
    pub(super) fn num_bins(&self) -> usize {
        self.num_bins
    }

    /// The bin of a value; NaN and what is no level are missing.
    pub(super) fn bin(&self, value: f64) -> u8 {
        self.levels
            .place(value)
            .and_then(|place| self.bins.get(place))
            .map_or(MISSING, |bin| *bin)
    }

    /// Whether ranks below `num_levels` are the levels.
    pub(super) fn are_ranks_below(&self, num_levels: usize) -> bool {
        self.levels == Levels::Ranks && self.bins.len() == num_levels
    }

    /// Whether numbers are the levels.
    pub(super) fn are_numbers(&self) -> bool {
        matches!(self.levels, Levels::Numbers(_))
    }
}

impl Levels {
    /// The place of `value` among the levels, as far as that is known here.
    pub(super) fn place(&self, value: f64) -> Option<usize> {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the value is an integer between 0 and 2^32"
            )]
            Self::Ranks => (value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value))
                .then_some(value as usize),
            // Levels hold no -0.0.
            Self::Numbers(numbers) => numbers
                .binary_search_by(|level| level.total_cmp(&(value + 0.0)))
                .ok(),
        }
    }
}

impl TryFrom<Stored> for Categories {
    type Error = &'static str;

    fn try_from(Stored { levels, bins }: Stored) -> Result<Self, &'static str> {
        if let Levels::Numbers(numbers) = &levels {
            let ascend = numbers.is_sorted_by(|a, b| a < b);
            if numbers.len() != bins.len() || !ascend || numbers.iter().any(|level| level.is_nan())
            {
                return Err("the levels of a feature are not in ascending order");
            }
        }
        if bins.contains(&MISSING) {
            return Err("a level of a feature has no bin");
        }
        Ok(Self::of(levels, bins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_levels_have_a_bin_each_and_the_rest_share_one() {
        let levels = || Levels::Numbers(vec![-1.0, 0.0, 2.5, 7.0, 9.0]);
        let all = Categories::new(levels(), &[1.0; 5], 5);
        let bins = |categories: &Categories| {
            [-1.0, -0.0, 2.5, 7.0, 9.0, 8.0, f64::NAN].map(|value| categories.bin(value))
        };
        assert_eq!((bins(&all), all.num_bins()), ([1, 2, 3, 4, 5, 0, 0], 6));
        let few = Categories::new(levels(), &[2.0, 1.0, 3.0, 2.0, 2.0], 4);
        assert_eq!((bins(&few), few.num_bins()), ([1, 4, 2, 3, 4, 0, 0], 5));
        let ranks = Categories::new(Levels::Ranks, &[1.0, 1.0], 255);
        assert_eq!(
            [0.0, 1.0, 2.0, 0.5, -1.0, 1e300].map(|rank| ranks.bin(rank)),
            [1, 2, 0, 0, 0, 0]
        );
    }
}

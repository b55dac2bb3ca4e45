//! Questions about a distribution that an exact sample and a sketch both answer.

use crate::stats::{Ecdf, Quantile, QuantileSketch};

/// A distribution of numbers, infinities among them, NaN not.
pub(super) trait Distribution {
    fn count(&self) -> u64;

    fn quantile(&self, q: Quantile) -> Option<f64>;

    /// How many values are at most `x`.
    fn count_up_to(&self, x: f64) -> u64;

    /// The smallest and the largest finite value.
    fn finite_range(&self) -> Option<(f64, f64)>;

    /// How many values are below `x`.
    fn count_below(&self, x: f64) -> u64;
}

impl Distribution for Ecdf {
    fn count(&self) -> u64 {
        self.len() as u64
    }

    fn quantile(&self, q: Quantile) -> Option<f64> {
        Self::quantile(self, q)
    }

    fn count_up_to(&self, x: f64) -> u64 {
        Self::count_up_to(self, x) as u64
    }

    fn finite_range(&self) -> Option<(f64, f64)> {
        let infinite = Self::count_up_to(self, f64::NEG_INFINITY);
        let finite = &self.values()[infinite..Self::count_below(self, f64::INFINITY)];
        Some((*finite.first()?, *finite.last()?))
    }

    fn count_below(&self, x: f64) -> u64 {
        Self::count_below(self, x) as u64
    }
}

impl Distribution for QuantileSketch {
    fn count(&self) -> u64 {
        Self::count(self)
    }

    fn quantile(&self, q: Quantile) -> Option<f64> {
        Self::quantile(self, q)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the count, which is no more than the count"
    )]
    fn count_up_to(&self, x: f64) -> u64 {
        let (least, most) = Self::count_up_to(self, x);
        if least == most {
            return least;
        }
        let estimate = self.share_up_to(x) * Self::count(self) as f64;
        (estimate.round() as u64).clamp(least, most)
    }

    fn finite_range(&self) -> Option<(f64, f64)> {
        let (first, _) = Self::count_up_to(self, f64::NEG_INFINITY);
        let (end, _) = Self::count_up_to(self, f64::MAX);
        let last = end.checked_sub(1).filter(|last| *last >= first)?;
        Some((self.order_statistic(first)?, self.order_statistic(last)?))
    }

    fn count_below(&self, x: f64) -> u64 {
        Distribution::count_up_to(self, x.next_down())
    }
}

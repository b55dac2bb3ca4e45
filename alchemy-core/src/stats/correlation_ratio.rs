//! How far a class tells a number.

use super::by_group::ByGroup;
use super::exact_sum::ExactSum;
use super::moments::Moments;

impl ByGroup<Moments> {
    /// The moments of all groups together.
    #[must_use]
    pub fn total(&self) -> Moments {
        let mut total = Moments::new();
        self.iter().for_each(|(_, moments)| total.merge(moments));
        total
    }

    /// The correlation ratio η of groups and values, in [0, 1]: the square root of the share of the
    /// sum of squared deviations that lies between the means of the groups; `None` where all values
    /// are equal or there is none.
    ///
    /// η² = Σ nₖ (mₖ − m)² / Σ (x − m)² over groups k (Pearson, 1905); it is the R² of the regression on the groups.
    /// NaN is missing; an infinity makes the result NaN. Differences of means are exact before they are
    /// rounded, so no offset shows.
    ///
    /// # Examples
    ///
    /// ```
    /// use alchemy_core::stats::{ByGroup, Moments};
    ///
    /// let mut heights = ByGroup::<Moments>::new();
    /// for (kind, height) in [("cat", 1.0), ("cat", 3.0), ("dog", 5.0), ("dog", 7.0)] {
    ///     heights.of(kind).add(height);
    /// }
    /// assert_eq!(heights.correlation_ratio(), Some(0.8_f64.sqrt()));
    /// ```
    #[must_use]
    pub fn correlation_ratio(&self) -> Option<f64> {
        let total = self.total();
        if !total.is_finite() {
            return Some(f64::NAN);
        }
        let n = total.count();
        let squares = total.second_over(&[n]);
        if n == 0 || squares.is_zero() {
            return None;
        }
        let deviation = squares.scaled().sqrt();
        let present = self.iter().filter(|(_, moments)| moments.count() > 0);
        let shares = present.map(|(_, moments)| {
            // n nₖ (mₖ − m) = n Σₖ x − nₖ Σ x
            let between = moments
                .finite_sum()
                .scaled(n)
                .minus(&total.finite_sum().scaled(moments.count()));
            let part = between.over(1, &[n]).scaled().over(deviation).to_f64();
            part * part / moments.count() as f64
        });
        Some(ExactSum::from_iter(shares).value().sqrt().min(1.0))
    }
}

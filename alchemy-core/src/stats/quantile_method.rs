//! Where a quantile lies between order statistics.

use serde::{Deserialize, Serialize};

use super::quantile::Quantile;

/// How a quantile is found between order statistics: the nine types of Hyndman & Fan (1996), and
/// the four that `numpy` adds. Names are those of `numpy.quantile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileMethod {
    /// Type 1: the smallest value that at least a share *q* of the values does not exceed.
    InvertedCdf,
    /// Type 2: as type 1, averaged where the distribution function is flat.
    AveragedInvertedCdf,
    /// Type 3: the value of nearest rank, the even rank at equal distance.
    ClosestObservation,
    /// Type 4: linear between the steps of the distribution function.
    InterpolatedInvertedCdf,
    /// Type 5: linear between the middles of those steps.
    Hazen,
    /// Type 6: linear, ranks divided by n + 1.
    Weibull,
    /// Type 7: linear, the smallest value at 0 and the largest at 1.
    #[default]
    Linear,
    /// Type 8: linear, about median-unbiased for any distribution.
    MedianUnbiased,
    /// Type 9: linear, about unbiased for the normal distribution.
    NormalUnbiased,
    /// The value below the point where type 7 looks.
    Lower,
    /// The value above the point where type 7 looks.
    Higher,
    /// The mean of those two.
    Midpoint,
    /// The nearer of those two, the even zero-based rank at equal distance.
    Nearest,
}

/// The place of a quantile among sorted values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) lower: usize,
    pub(super) upper: usize,
    /// How far towards `upper`, from 0 to 1.
    weight: f64,
}

impl Position {
    /// The value there, `sorted` being in order at least where the position needs it.
    pub(super) fn value_in(&self, sorted: &[f64]) -> f64 {
        self.between(sorted[self.lower], sorted[self.upper])
    }

    /// The value there, given those at `lower` and `upper`.
    pub(super) fn between(&self, lower: f64, upper: f64) -> f64 {
        interpolate(lower, upper, self.weight)
    }
}

impl QuantileMethod {
    /// The quantile of values that are in order already.
    pub(super) fn of_sorted(self, sorted: &[f64], q: Quantile) -> Option<f64> {
        if sorted.is_empty() {
            return None;
        }
        Some(self.position(sorted.len(), q).value_in(sorted))
    }

    /// Formulas as `numpy` 2.4 evaluates them, so that every rounding agrees.
    pub(super) fn position(self, len: usize, q: Quantile) -> Position {
        let q = q.get();
        let n = len as f64;
        let linear = (n - 1.0) * q;
        let inverted = n * q - 1.0;
        let plotting = |alpha: f64, beta: f64| n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let (at, weigh): (f64, fn(f64) -> f64) = match self {
            Self::InvertedCdf => (inverted.ceil(), |_| 0.0),
            Self::AveragedInvertedCdf => (inverted, |part| if part == 0.0 { 0.5 } else { 1.0 }),
            Self::ClosestObservation => (closest_odd(inverted - 0.5), |_| 0.0),
            Self::InterpolatedInvertedCdf => (plotting(0.0, 1.0), |part| part),
            Self::Hazen => (plotting(0.5, 0.5), |part| part),
            Self::Weibull => (plotting(0.0, 0.0), |part| part),
            Self::Linear => (linear, |part| part),
            Self::MedianUnbiased => (plotting(1.0 / 3.0, 1.0 / 3.0), |part| part),
            Self::NormalUnbiased => (plotting(3.0 / 8.0, 3.0 / 8.0), |part| part),
            Self::Lower => (linear.floor(), |_| 0.0),
            Self::Higher => (linear.ceil(), |_| 0.0),
            Self::Midpoint => (linear, |part| if part == 0.0 { 0.0 } else { 0.5 }),
            Self::Nearest => (linear.round_ties_even(), |_| 0.0),
        };
        let last = len - 1;
        if at < 0.0 {
            return Position {
                lower: 0,
                upper: 0,
                weight: 0.0,
            };
        }
        let below = at.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and at most `last`"
        )]
        let lower = (below as usize).min(last);
        Position {
            lower,
            upper: (lower + 1).min(last),
            weight: weigh(at - below),
        }
    }
}

/// The next whole number above, but an odd whole number itself: the ranks of type 3 are even when
/// counted from 1.
fn closest_odd(at: f64) -> f64 {
    let above = at.floor() + 1.0;
    if at.fract() == 0.0 && above.rem_euclid(2.0) == 0.0 {
        at
    } else {
        above
    }
}

/// Between `a` and `b`, never NaN.
#[expect(clippy::float_cmp, reason = "the ends are returned as they are")]
fn interpolate(a: f64, b: f64, weight: f64) -> f64 {
    if weight == 0.0 || a == b {
        return a;
    }
    if weight == 1.0 {
        return b;
    }
    if a.is_infinite() && b.is_infinite() {
        return if weight <= 0.5 { a } else { b };
    }
    if a.is_infinite() || b.is_infinite() {
        return a + b;
    }
    let distance = b - a;
    if distance.is_infinite() {
        a * (1.0 - weight) + b * weight
    } else if weight < 0.5 {
        a + distance * weight
    } else {
        b - distance * (1.0 - weight)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact results are what is tested")]
mod tests {
    use super::super::quantiles;
    use super::*;

    fn at(values: &[f64], q: f64, method: QuantileMethod) -> f64 {
        let q = Quantile::new(q).unwrap();
        quantiles(&mut values.to_vec(), &[q], method).unwrap()[0]
    }

    #[test]
    fn infinities_never_give_nan() {
        const INF: f64 = f64::INFINITY;
        let linear = |values: &[f64], q| at(values, q, QuantileMethod::Linear);
        assert_eq!(linear(&[1.0, INF], 0.0), 1.0);
        assert_eq!(linear(&[1.0, INF], 0.1), INF);
        assert_eq!(linear(&[-INF, 1.0], 0.9), -INF);
        assert_eq!(linear(&[-INF, INF], 0.5), -INF);
        assert_eq!(linear(&[-INF, INF], 0.6), INF);
        assert_eq!(linear(&[INF, INF], 0.3), INF);
    }

    #[test]
    fn a_distance_beyond_f64_is_interpolated() {
        assert_eq!(at(&[f64::MIN, f64::MAX], 0.5, QuantileMethod::Linear), 0.0);
    }
}

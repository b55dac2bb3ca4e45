//! How two variables move together.

use serde::{Deserialize, Serialize};

use super::bins::{Bins, Parts};
use super::moments::Moments;

/// Covariance and correlation of pairs, without rounding error until they are read.
///
/// Sums of products are kept as integers, as in [`Moments`]: additions commute, associate and can
/// be undone, and no offset shows. A pair with a NaN is missing. With an infinity among the values
/// the results are NaN.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::CoMoments;
///
/// let pairs = CoMoments::from_iter([(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]);
/// assert_eq!(pairs.covariance(), Some(2.0));
/// assert_eq!(pairs.correlation(), Some(1.0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoMoments {
    x: Moments,
    y: Moments,
    products: Bins,
}

impl CoMoments {
    /// The moments of no pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair, unless one of it is NaN.
    pub fn add(&mut self, x: f64, y: f64) {
        if !x.is_nan() && !y.is_nan() {
            self.x.add(x);
            self.y.add(y);
            self.add_product(x, y, false);
        }
    }

    /// Takes a pair out again, as if it had never been added.
    pub fn remove(&mut self, x: f64, y: f64) {
        if !x.is_nan() && !y.is_nan() {
            self.x.remove(x);
            self.y.remove(y);
            self.add_product(x, y, true);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.products.merge(&other.products);
    }

    /// The moments of the first of each pair.
    #[must_use]
    pub fn x(&self) -> &Moments {
        &self.x
    }

    /// The moments of the second of each pair.
    #[must_use]
    pub fn y(&self) -> &Moments {
        &self.y
    }

    /// The covariance with divisor n − 1, correctly rounded; `None` below two pairs.
    #[must_use]
    pub fn covariance(&self) -> Option<f64> {
        let n = self.x.count();
        let divisor = n.checked_sub(1).filter(|divisor| *divisor > 0)?;
        if !self.is_finite() {
            return Some(f64::NAN);
        }
        Some(self.central_product().over(2, &[n, divisor]).to_f64())
    }

    /// Pearson's correlation coefficient, in [−1, 1]; `None` where a variance is zero or there are
    /// fewer than two pairs.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        if !self.is_finite() {
            return Some(f64::NAN);
        }
        let x = self.x.second_over(&[]);
        let y = self.y.second_over(&[]);
        if x.is_zero() || y.is_zero() {
            return None;
        }
        let product = self.central_product().over(2, &[]).scaled();
        let scale = x.scaled().times(y.scaled()).sqrt();
        Some(product.over(scale).to_f64().clamp(-1.0, 1.0))
    }

    /// The sum of the products of finite pairs, in units of the square of the smallest positive float.
    pub(super) fn finite_products(&self) -> &Bins {
        &self.products
    }

    fn is_finite(&self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }

    /// n Σxy − Σx Σy
    fn central_product(&self) -> Bins {
        self.products
            .scaled(self.x.count())
            .minus(&self.x.finite_sum().times(self.y.finite_sum()))
    }

    fn add_product(&mut self, x: f64, y: f64, remove: bool) {
        if let (Some(x), Some(y)) = (Parts::of(x), Parts::of(y)) {
            let negative = (x.negative != y.negative) != remove;
            let product = u128::from(x.mantissa) * u128::from(y.mantissa);
            self.products
                .add_wide(negative, product, x.exponent + y.exponent);
        }
    }
}

impl Extend<(f64, f64)> for CoMoments {
    fn extend<I: IntoIterator<Item = (f64, f64)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(x, y)| self.add(x, y));
    }
}

impl FromIterator<(f64, f64)> for CoMoments {
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(pairs: I) -> Self {
        let mut moments = Self::new();
        moments.extend(pairs);
        moments
    }
}

/// Pearson's correlation coefficient of the pairs in which neither value is NaN; `None` where it is
/// undefined.
///
/// See [`CoMoments::correlation`]. Pairs end with the shorter slice.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::pearson;
///
/// assert_eq!(pearson(&[1.0, 2.0, f64::NAN], &[5.0, 3.0, 9.0]), Some(-1.0));
/// assert_eq!(pearson(&[1.0, 1.0], &[5.0, 3.0]), None);
/// ```
#[must_use]
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    CoMoments::from_iter(x.iter().copied().zip(y.iter().copied())).correlation()
}

//! Sums of gradients and hessians, in one word or in two.

use crate::tree::cell::Cell;

/// A [`Cell`] of gradient and hessian. Each row's hessian is at least 1, so a cell is empty only if no row is in it.
pub(crate) trait Moments: Cell {
    /// The most that the sums of |gradient| and of hessian may come to.
    const BUDGET: [f64; 2];
    fn new(gradient: i64, hessian: i64) -> Self;
    fn sums(self) -> [i64; 2];
}

/// Gradient in the high, hessian in the low 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Packed(u64);

/// Gradient and hessian in 64 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wide {
    gradient: i64,
    hessian: i64,
}

impl Cell for Packed {
    fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    fn subtract(&mut self, other: Self) {
        self.0 = self.0.wrapping_sub(other.0);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both halves are within the budget, so packing and unpacking lose nothing"
)]
impl Moments for Packed {
    const BUDGET: [f64; 2] = [i32::MAX as f64, u32::MAX as f64];

    fn new(gradient: i64, hessian: i64) -> Self {
        Self(((gradient as u64) << 32).wrapping_add(hessian as u64))
    }

    fn sums(self) -> [i64; 2] {
        [i64::from((self.0 >> 32) as i32), i64::from(self.0 as u32)]
    }
}

impl Cell for Wide {
    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
    }

    fn subtract(&mut self, other: Self) {
        self.gradient -= other.gradient;
        self.hessian -= other.hessian;
    }
}

impl Moments for Wide {
    const BUDGET: [f64; 2] = [(1u64 << 51) as f64; 2];

    fn new(gradient: i64, hessian: i64) -> Self {
        Self { gradient, hessian }
    }

    fn sums(self) -> [i64; 2] {
        [self.gradient, self.hessian]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_negative_gradients_apart_from_hessians() {
        let mut sum = Packed::new(-5, 7);
        sum.add(Packed::new(3, i64::from(u32::MAX) - 7));
        assert_eq!(sum.sums(), [-2, i64::from(u32::MAX)]);
        sum.subtract(Packed::new(-5, 7));
        assert_eq!(sum.sums(), [3, i64::from(u32::MAX) - 7]);
    }
}

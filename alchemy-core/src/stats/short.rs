//! Integers of at most 256 bits: what sums over data of one scale come to.
//!
//! Operations give what those of [`Bins`](super::bins::Bins) give, without an allocation, or `None`
//! where 256 bits may not do; the caller then takes the long way. A sliding window asks for its
//! deviation at every row, and is some four times as fast for it.

use super::bins::{MIN_EXPONENT, WIDTH, settle};
use super::quotient::Quotient;

/// Limbs of 32 bits.
const LIMBS: usize = 8;

/// ± (`high` · 2^128 + `low`) · 2^`exponent`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    negative: bool,
    high: u128,
    low: u128,
    exponent: usize,
}

impl Short {
    /// The integer in `bins`, the first of which is at position `first`.
    pub(super) fn of(first: usize, bins: &[i128]) -> Option<Self> {
        if bins.len() > LIMBS {
            return None;
        }
        let mut carry = 0;
        let mut half = |range: std::ops::Range<usize>| {
            range.fold(0_u128, |half, k| {
                let limb = settle(bins.get(k).copied().unwrap_or(0), &mut carry);
                half | (limb.unsigned_abs() << (WIDTH * (k % (LIMBS / 2))))
            })
        };
        let low = half(0..LIMBS / 2);
        let high = half(LIMBS / 2..LIMBS);
        let (negative, high, low) = match carry {
            0 => (false, high, low),
            // Two's complement: the magnitude is one more than the inverted bits.
            -1 if high != 0 || low != 0 => (
                true,
                (!high).wrapping_add(u128::from(low == 0)),
                low.wrapping_neg(),
            ),
            _ => return None,
        };
        Some(Self {
            negative,
            high,
            low,
            exponent: first * WIDTH,
        })
    }

    pub(super) fn scaled(self, factor: u64) -> Option<Self> {
        let (low, carry) = self.low.carrying_mul(u128::from(factor), 0);
        let (high, overflow) = self.high.carrying_mul(u128::from(factor), carry);
        (overflow == 0).then_some(Self { high, low, ..self })
    }

    pub(super) fn squared(self) -> Option<Self> {
        let (low, high) = self.low.carrying_mul(self.low, 0);
        (self.high == 0).then_some(Self {
            negative: false,
            high,
            low,
            exponent: 2 * self.exponent,
        })
    }

    /// The difference of two integers that are not negative.
    pub(super) fn minus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.in_units_of(exponent)?, other.in_units_of(exponent)?);
        let negative = (a.high, a.low) < (b.high, b.low);
        let (more, less) = if negative { (b, a) } else { (a, b) };
        let (low, borrow) = more.low.overflowing_sub(less.low);
        Some(Self {
            negative,
            high: more.high - less.high - u128::from(borrow),
            low,
            exponent,
        })
    }

    /// The integer times 2^(-1074 `power`), divided by each of `divisors`.
    pub(super) fn over(self, power: i32, divisors: &[u64]) -> Option<Quotient> {
        let divisor = divisors
            .iter()
            .try_fold(1_u64, |product, divisor| product.checked_mul(*divisor))?;
        let zeros = self.leading_zeros();
        if zeros == 256 {
            return Some(Quotient::ZERO);
        }
        // The divisor has at most 64 bits, so the quotient of the upper half has at least 64.
        let top = self.shifted(zeros);
        let divisor = u128::from(divisor.max(1));
        let quotient = top.high / divisor;
        let unused = quotient.leading_zeros();
        let exponent = i64::try_from(self.exponent).ok()? + i64::from(MIN_EXPONENT * power) + 128;
        Some(Quotient {
            negative: self.negative,
            head: quotient << unused,
            inexact: top.low != 0 || !top.high.is_multiple_of(divisor),
            exponent: exponent - i64::from(zeros) - i64::from(unused),
        })
    }

    fn in_units_of(self, exponent: usize) -> Option<Self> {
        let shift = u32::try_from(self.exponent - exponent).ok()?;
        (shift <= self.leading_zeros()).then(|| Self {
            exponent,
            ..self.shifted(shift)
        })
    }

    fn leading_zeros(self) -> u32 {
        if self.high == 0 {
            128 + self.low.leading_zeros()
        } else {
            self.high.leading_zeros()
        }
    }

    /// The bits moved up by `shift`, at most as many as there are leading zeros; 256 for zero
    /// alone.
    fn shifted(self, shift: u32) -> Self {
        let (high, low) = match shift {
            0 => (self.high, self.low),
            1..128 => (
                (self.high << shift) | (self.low >> (128 - shift)),
                self.low << shift,
            ),
            _ => (self.low.checked_shl(shift - 128).unwrap_or(0), 0),
        };
        Self { high, low, ..self }
    }
}

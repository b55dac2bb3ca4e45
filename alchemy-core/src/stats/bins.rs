//! Integers of any size, kept so that adding a float costs one shift and one addition.
//!
//! An integer is a row of signed bins, the bin at position *k* counting 2^(32 *k*). A bin has 128
//! bits, so additions need no carries: they commute, associate and can be undone, bit for bit.
//! Carries are settled once, when a result is wanted. The sum of p-th powers of floats is such an
//! integer times 2^(-1074 p), the p-th power of the smallest positive float.
//!
//! The idea is R. M. Neal's small superaccumulator ("Fast exact summation using small and large
//! superaccumulators", 2015, <https://arxiv.org/abs/1505.05571>) with wider bins.

use serde::{Deserialize, Serialize};

use super::quotient::Quotient;
use super::short::Short;

/// Bits by which neighbouring bins differ in weight.
pub(super) const WIDTH: usize = 32;

/// The largest bin that a sum of fourth powers reaches, with room for carries.
const LAST_BIN: usize = 4 * 2046 / WIDTH + 16;

/// The exponent of the smallest positive float, 2^-1074.
pub(super) const MIN_EXPONENT: i32 = -1074;

/// An integer as bins, from the bin `first` on; bins outside are zero.
///
/// A bin overflows after 2^42 additions at the earliest: far more than a table has rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(into = "Vec<(u16, i64, u64)>", try_from = "Vec<(u16, i64, u64)>")]
pub(super) struct Bins {
    first: usize,
    bins: Vec<i128>,
}

/// A finite float as ± `mantissa` · 2^(`exponent` − 1074).
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    pub(super) negative: bool,
    pub(super) mantissa: u64,
    pub(super) exponent: usize,
}

impl Parts {
    /// `None` for an infinity or a NaN.
    #[inline]
    pub(super) fn of(value: f64) -> Option<Self> {
        const EXPONENT_MASK: u64 = 0x7ff;
        const MANTISSA_BITS: u32 = 52;
        let bits = value.to_bits();
        let raw = (bits >> MANTISSA_BITS) & EXPONENT_MASK;
        if raw == EXPONENT_MASK {
            return None;
        }
        let fraction = bits & ((1 << MANTISSA_BITS) - 1);
        // A subnormal has no hidden bit and the exponent of the smallest normal number.
        let hidden = u64::from(raw != 0) << MANTISSA_BITS;
        let exponent = raw.saturating_sub(1) as usize;
        Some(Self {
            negative: value.is_sign_negative(),
            mantissa: fraction | hidden,
            exponent,
        })
    }
}

impl Bins {
    /// Adds ± `magnitude` · 2^`exponent`; `magnitude` is below 2^54.
    #[inline]
    pub(super) fn add(&mut self, negative: bool, magnitude: u64, exponent: usize) {
        let term = i128::from(magnitude) << (exponent % WIDTH);
        self.add_to_bin(exponent / WIDTH, if negative { -term } else { term });
    }

    /// Adds ± `magnitude` · 2^`exponent`; `magnitude` is below 2^108.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both halves are below 2^54"
    )]
    pub(super) fn add_wide(&mut self, negative: bool, magnitude: u128, exponent: usize) {
        const HALF: usize = 54;
        self.add(negative, (magnitude & ((1 << HALF) - 1)) as u64, exponent);
        self.add(negative, (magnitude >> HALF) as u64, exponent + HALF);
    }

    #[inline]
    fn add_to_bin(&mut self, bin: usize, term: i128) {
        match self.bins.get_mut(bin.wrapping_sub(self.first)) {
            // Wrapping: only a forged state can overflow, and it must not panic.
            Some(sum) => *sum = sum.wrapping_add(term),
            None => self.extend_to(bin, term),
        }
    }

    #[cold]
    fn extend_to(&mut self, bin: usize, term: i128) {
        if term == 0 {
            return;
        }
        if self.bins.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            self.bins
                .splice(0..0, std::iter::repeat_n(0, self.first - bin));
            self.first = bin;
        } else if bin >= self.first + self.bins.len() {
            self.bins.resize(bin - self.first + 1, 0);
        }
        self.bins[bin - self.first] = term;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (bin, term) in other.nonzero() {
            self.add_to_bin(bin, term);
        }
    }

    pub(super) fn minus(mut self, other: &Self) -> Self {
        for (bin, term) in other.nonzero() {
            self.add_to_bin(bin, term.wrapping_neg());
        }
        self
    }

    /// The integer times `factor`.
    pub(super) fn scaled(&self, factor: u64) -> Self {
        let mut product = self.carried();
        for limb in &mut product.bins {
            *limb *= i128::from(factor);
        }
        product
    }

    /// The product of two integers, by the schoolbook method.
    pub(super) fn times(&self, other: &Self) -> Self {
        let (a, b) = (self.carried(), other.carried());
        if a.bins.is_empty() || b.bins.is_empty() {
            return Self::default();
        }
        let mut bins = vec![0; a.bins.len() + b.bins.len() - 1];
        for (i, x) in a.bins.iter().enumerate() {
            for (sum, y) in bins[i..].iter_mut().zip(&b.bins) {
                *sum += x * y;
            }
        }
        Self {
            first: a.first + b.first,
            bins,
        }
    }

    /// The integer, if it is a short one.
    pub(super) fn short(&self) -> Option<Short> {
        // Values of another scale that have been removed leave bins of zero behind.
        let is_zero = |bin: &&i128| **bin == 0;
        let low = self.bins.iter().take_while(is_zero).count();
        let high = self.bins[low..].iter().rev().take_while(is_zero).count();
        Short::of(self.first + low, &self.bins[low..self.bins.len() - high])
    }

    /// The integer times 2^(-1074 `power`), divided by each of `divisors`.
    pub(super) fn over(&self, power: i32, divisors: &[u64]) -> Quotient {
        let short = self.short().and_then(|short| short.over(power, divisors));
        short.unwrap_or_else(|| self.long_over(power, divisors))
    }

    fn long_over(&self, power: i32, divisors: &[u64]) -> Quotient {
        // Four more limbs below for each divisor of at most 64 bits: the whole part of the quotient
        // then has at least 64 bits, and cutting off the rest once for each divisor is the same as
        // once for their product.
        const GUARD_LIMBS: usize = 4;
        let (negative, mut limbs) = self.magnitude();
        let guard = GUARD_LIMBS * divisors.len();
        limbs.bins.splice(0..0, std::iter::repeat_n(0, guard));
        let mut inexact = false;
        let mut product = 1_u64;
        for divisor in divisors {
            product = product.checked_mul(*divisor).unwrap_or_else(|| {
                inexact |= limbs.divide(product);
                *divisor
            });
        }
        if product != 1 {
            inexact |= limbs.divide(product);
        }
        let Some(top) = limbs.bins.iter().rposition(|limb| *limb != 0) else {
            return Quotient::ZERO;
        };
        let mut head = 0_u128;
        for k in 0..4 {
            let limb = top
                .checked_sub(k)
                .map_or(0, |at| limbs.bins[at].unsigned_abs());
            head = (head << WIDTH) | limb;
        }
        let inexact = inexact
            || limbs.bins[..top.saturating_sub(3)]
                .iter()
                .any(|limb| *limb != 0);
        let bits = |limbs: usize| i64::try_from(limbs * WIDTH).unwrap_or(i64::MAX);
        let exponent = i64::from(MIN_EXPONENT * power) + bits(limbs.first + top) - bits(3 + guard);
        Quotient {
            negative,
            head,
            inexact,
            exponent,
        }
    }

    /// Divides limbs that are not negative; returns whether there was a remainder.
    #[expect(
        clippy::cast_possible_wrap,
        reason = "a limb of a quotient has 32 bits"
    )]
    fn divide(&mut self, divisor: u64) -> bool {
        let divisor = u128::from(divisor.max(1));
        let mut remainder = 0;
        for limb in self.bins.iter_mut().rev() {
            let dividend = (remainder << WIDTH) | limb.unsigned_abs();
            *limb = (dividend / divisor) as i128;
            remainder = dividend % divisor;
        }
        remainder != 0
    }

    /// Whether the integer is below zero, and its absolute value carried.
    fn magnitude(&self) -> (bool, Self) {
        let limbs = self.carried();
        let negative = limbs.bins.last().is_some_and(|top| *top < 0);
        (
            negative,
            if negative {
                Self::default().minus(&limbs).carried()
            } else {
                limbs
            },
        )
    }

    /// The same integer with every bin in `0..2^32` but the highest, which is −1 below zero.
    fn carried(&self) -> Self {
        let mut carry = 0;
        let mut bins: Vec<i128> = Vec::with_capacity(self.bins.len() + 4);
        bins.extend(self.bins.iter().map(|bin| settle(*bin, &mut carry)));
        while carry != 0 && carry != -1 {
            bins.push(settle(0, &mut carry));
        }
        if carry == -1 {
            bins.push(-1);
        }
        Self {
            first: self.first,
            bins,
        }
    }

    fn nonzero(&self) -> impl Iterator<Item = (usize, i128)> + '_ {
        self.bins
            .iter()
            .enumerate()
            .filter(|(_, bin)| **bin != 0)
            .map(|(i, bin)| (self.first + i, *bin))
    }
}

/// The limb in `0..2^32` that a bin comes down to once `carry` from the bin below is added; the
/// rest is the carry to the bin above.
pub(super) fn settle(bin: i128, carry: &mut i128) -> i128 {
    const LIMB: i128 = (1 << WIDTH) - 1;
    // Split before adding, so that no content of a bin overflows.
    let low = (bin & LIMB) + (*carry & LIMB);
    *carry = (bin >> WIDTH) + (*carry >> WIDTH) + (low >> WIDTH);
    low & LIMB
}

/// Equal integers are equal, whatever bins of zero surround them.
impl PartialEq for Bins {
    fn eq(&self, other: &Self) -> bool {
        self.nonzero().eq(other.nonzero())
    }
}

impl Eq for Bins {}

/// JSON knows no 128-bit integers: position, high half and low half of each bin that is not zero.
impl From<Bins> for Vec<(u16, i64, u64)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bin is cut into its two halves"
    )]
    fn from(bins: Bins) -> Self {
        let halves = |bin: i128| ((bin >> 64) as i64, bin as u64);
        bins.nonzero()
            .filter_map(|(at, bin)| Some((u16::try_from(at).ok()?, halves(bin).0, halves(bin).1)))
            .collect()
    }
}

impl TryFrom<Vec<(u16, i64, u64)>> for Bins {
    type Error = String;

    fn try_from(stored: Vec<(u16, i64, u64)>) -> Result<Self, String> {
        let mut bins = Self::default();
        for (at, high, low) in stored {
            let at = usize::from(at);
            if at > LAST_BIN {
                return Err(format!("bin {at} is beyond the last, {LAST_BIN}"));
            }
            bins.add_to_bin(at, (i128::from(high) << 64) | i128::from(low));
        }
        Ok(bins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// Integers of one scale or of many, of either sign, some of them zero.
    fn random(stream: &mut Stream) -> Bins {
        let mut bins = Bins::default();
        let span = [1, 40, 200, 2000][usize::try_from(stream.below(4)).unwrap()];
        for _ in 0..stream.below(6) {
            let exponent = usize::try_from(900 + stream.below(span)).unwrap();
            bins.add(stream.below(2) == 0, stream.below(1 << 54), exponent);
        }
        bins
    }

    #[test]
    fn short_integers_give_what_long_ones_give() {
        let mut stream = Stream::new(3, &[]);
        let mut short = 0;
        for _ in 0..20_000 {
            let bins = random(&mut stream);
            let divisors = [stream.below(9), stream.next_u64() >> stream.below(64)];
            let divisors = &divisors[..usize::try_from(stream.below(3)).unwrap()];
            let Some(found) = bins.short().and_then(|short| short.over(1, divisors)) else {
                continue;
            };
            short += 1;
            assert_eq!(
                found.to_f64().to_bits(),
                bins.long_over(1, divisors).to_f64().to_bits()
            );
        }
        assert!(short > 5_000);
    }

    #[test]
    fn short_differences_of_squares_equal_long_ones() {
        let mut stream = Stream::new(4, &[]);
        let mut short = 0;
        for _ in 0..20_000 {
            let (sum, factor) = (random(&mut stream), stream.below(1 << 40));
            let squares = sum.times(&sum).scaled(stream.below(4));
            let of_short = || {
                squares
                    .short()?
                    .scaled(factor)?
                    .minus(sum.short()?.squared()?)?
                    .over(2, &[])
            };
            if let Some(found) = of_short() {
                short += 1;
                let long = squares
                    .scaled(factor)
                    .minus(&sum.times(&sum))
                    .long_over(2, &[]);
                assert_eq!(found.to_f64().to_bits(), long.to_f64().to_bits());
            }
        }
        assert!(short > 2_000);
    }
}

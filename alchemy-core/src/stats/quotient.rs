//! Exact results on their way to the one rounding.

/// The bits of a float after the binary point.
const FRACTION_BITS: i64 = 52;

/// Exponents of the smallest positive float and of the smallest normal one.
const MIN_EXPONENT: i64 = -1074;
const MIN_NORMAL_EXPONENT: i64 = -1022;

/// ± (`head` + a fraction if `inexact`) · 2^`exponent`; `head` is 0 or has its highest 32 bits in
/// use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotient {
    pub(super) negative: bool,
    pub(super) head: u128,
    pub(super) inexact: bool,
    pub(super) exponent: i64,
}

/// `significand` · 2^`exponent`: a float whose exponent cannot overflow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaled {
    pub(super) significand: f64,
    pub(super) exponent: i64,
}

impl Quotient {
    pub(super) const ZERO: Self = Self {
        negative: false,
        head: 0,
        inexact: false,
        exponent: 0,
    };

    pub(super) fn is_zero(&self) -> bool {
        self.head == 0
    }

    /// The nearest float, ties to even; an infinity beyond the range of floats.
    pub(super) fn to_f64(self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        let top = i64::from(127 - self.head.leading_zeros());
        let ulp = (self.exponent + top - FRACTION_BITS).max(MIN_EXPONENT);
        let magnitude = match u32::try_from(ulp - self.exponent) {
            Ok(dropped @ 1..=128) => self.rounded(dropped, ulp),
            _ => 0.0,
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// The nearest significand of 53 bits, in [1, 2], and its exponent.
    pub(super) fn scaled(self) -> Scaled {
        if self.is_zero() {
            return Scaled {
                significand: 0.0,
                exponent: 0,
            };
        }
        let top = i64::from(127 - self.head.leading_zeros());
        let significand = Self {
            exponent: -top,
            ..self
        }
        .to_f64();
        Scaled {
            significand,
            exponent: self.exponent + top,
        }
    }

    /// The magnitude without its lowest `dropped` bits, the last kept one worth 2^`ulp`.
    #[expect(clippy::cast_sign_loss, reason = "`ulp` is at least -1074")]
    fn rounded(self, dropped: u32, ulp: i64) -> f64 {
        const INFINITY_BITS: u128 = (f64::INFINITY.to_bits()) as u128;
        let kept = self.head.checked_shr(dropped).unwrap_or(0);
        let half = 1_u128 << (dropped - 1);
        let rest = (self.head & (half - 1)) != 0 || self.inexact;
        let up = self.head & half != 0 && (rest || kept & 1 == 1);
        // A carry out of the significand moves on to the exponent, which is as it should be; the
        // bit that a normal number hides adds one to the exponent field.
        let exponent_field = (ulp - MIN_EXPONENT) as u128;
        let bits = (exponent_field << FRACTION_BITS) + kept + u128::from(up);
        f64::from_bits(bits.min(INFINITY_BITS) as u64)
    }
}

impl Scaled {
    pub(super) fn times(self, other: Self) -> Self {
        Self {
            significand: self.significand * other.significand,
            exponent: self.exponent + other.exponent,
        }
    }

    pub(super) fn over(self, other: Self) -> Self {
        Self {
            significand: self.significand / other.significand,
            exponent: self.exponent - other.exponent,
        }
    }

    pub(super) fn sqrt(self) -> Self {
        let odd = self.exponent.rem_euclid(2);
        let significand = if odd == 1 {
            self.significand * 2.0
        } else {
            self.significand
        };
        Self {
            significand: significand.sqrt(),
            exponent: (self.exponent - odd) / 2,
        }
    }

    /// The nearest float; below the normal range it may be one unit off.
    pub(super) fn to_f64(self) -> f64 {
        let exponent = self
            .exponent
            .clamp(2 * MIN_NORMAL_EXPONENT, 2 * -MIN_NORMAL_EXPONENT);
        let half = exponent / 2;
        self.significand * power_of_two(half) * power_of_two(exponent - half)
    }
}

/// 2^`exponent`, which must be in the normal range.
#[expect(
    clippy::cast_sign_loss,
    reason = "the exponent field of a normal number is positive"
)]
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1 - MIN_NORMAL_EXPONENT) as u64) << FRACTION_BITS)
}

//! Exponential and logarithm that give the same bits on every platform, and compile to vector code.
//!
//! The standard library's come from the system and differ in the last bit between systems.

/// Adding and taking off this number rounds to the nearest integer.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The first 32 bits of ln 2, and the rest: `k * LN_2_HIGH` is exact for exponents `k`.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e^x to about one unit in the last place; 0 below -708, at most e^709.
pub(crate) fn exp(x: f64) -> f64 {
    let clamped = x.clamp(-708.0, 709.0);
    let shifted = clamped * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = clamped - k * LN_2_HIGH - k * LN_2_LOW;
    // Taylor's series; |r| is at most ln 2 / 2, so the first term left out is below 2^-57.
    let mut sum = 1.0 / 6_227_020_800.0;
    for inverse_factorial in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        sum = sum * r + inverse_factorial;
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if x < -708.0 { 0.0 } else { sum * power }
}

/// The natural logarithm of a positive, normal `x` to about one unit in the last place.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    // The mantissa is taken between sqrt(1/2) and sqrt(2), so that it is near 1 when `x` is.
    let offset = bits.wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = offset.cast_signed() >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub((exponent << 52).cast_unsigned()));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 1.0 / 23.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    let exponent = exponent as f64;
    exponent * LN_2_HIGH + (2.0 * s * sum + exponent * LN_2_LOW)
}

/// 1 / (1 + e^-x).
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// ln(1 + e^x) without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln(1.0 + exp(-x.abs()))
}

/// The nearest `f32`, finite for every number: derivatives and weights are stored in half the space.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted, and the range is cut to that of f32"
)]
pub(crate) fn narrow(value: f64) -> f32 {
    value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn relative(found: f64, expected: f64) -> f64 {
        (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE)
    }

    #[test]
    fn exp_agrees_with_the_system() {
        for i in -70_000..=70_900 {
            let x = f64::from(i) * 0.01;
            assert!(relative(exp(x), x.exp()) < 5e-16, "{x}");
        }
        assert_eq!(
            [exp(0.0), exp(f64::NEG_INFINITY), exp(-800.0)],
            [1.0, 0.0, 0.0]
        );
        assert!(exp(f64::INFINITY).is_finite());
    }

    #[test]
    fn ln_agrees_with_the_system() {
        let mut x = 1e-300;
        while x < 1e300 {
            assert!(
                relative(ln(x), x.ln()) < 5e-16 || (ln(x) - x.ln()).abs() < 1e-16,
                "{x}"
            );
            x *= 1.003;
        }
        for x in [
            1.0,
            1.0 + 1e-9,
            1.0 - 1e-9,
            0.7,
            0.71,
            1.41,
            1.42,
            f64::MIN_POSITIVE,
            f64::MAX,
        ] {
            assert!((ln(x) - x.ln()).abs() <= 5e-16 * x.ln().abs(), "{x}");
        }
    }

    #[test]
    fn softplus_and_logistic_keep_their_tails() {
        assert_eq!(softplus(800.0), 800.0);
        assert_eq!(softplus(-800.0), 0.0);
        assert!((logistic(2.0) + logistic(-2.0) - 1.0).abs() < 1e-15);
    }
}

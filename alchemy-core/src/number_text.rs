//! Numbers written as text.

/// Digits that any `f64` holds as an integer: 10^15 is below 2^53.
const EXACT_DIGITS: usize = 15;

/// The powers of ten up to [`EXACT_DIGITS`], each of them exact.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Reads plain decimal text: an optional sign, digits with at most one point, and an optional exponent, with blanks
/// around it; `None` for anything else, such as `""`, `1,299.00`, `$5`, `inf` and `nan`.
///
/// The result is the nearest `f64`; text beyond the range of `f64` is not a number.
///
/// # Examples
///
/// ```
/// use alchemy_core::parse_number;
///
/// assert_eq!(parse_number(" -1.5e3 "), Some(-1500.0));
/// assert_eq!(parse_number("1,000"), None);
/// assert_eq!(parse_number(" "), None);
/// ```
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    if let Some(number) = short(text.as_bytes()) {
        return Some(number);
    }
    // The standard parser also reads words, but only for what is not finite.
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number of few digits, without blanks and exponent. Its digits as an integer and the power of ten are both exact, so
/// their quotient is rounded once and is the nearest `f64` (W. D. Clinger, "How to Read Floating Point Numbers
/// Accurately", 1990).
fn short(text: &[u8]) -> Option<f64> {
    let (negative, unsigned) = split_sign(text);
    if unsigned.len() > EXACT_DIGITS + 1 {
        return None;
    }
    let mut digits = 0_u64;
    let mut point = None;
    for (place, byte) in unsigned.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(place),
            _ => return None,
        }
    }
    let count = unsigned.len() - usize::from(point.is_some());
    if count == 0 || count > EXACT_DIGITS {
        return None;
    }
    let decimals = point.map_or(0, |place| count - place);
    let number = digits as f64 / POWERS[decimals];
    Some(if negative { -number } else { number })
}

/// Reads plain decimal text, as [`parse_number`] does, as an exact integer: the number times 10^`scale`. `None` also where
/// that is not whole or beyond the range of `i128`, or the exponent beyond that of `i32`.
///
/// # Examples
///
/// ```
/// use alchemy_core::parse_scaled;
///
/// assert_eq!(parse_scaled("9007199254740993", 0), Some(9_007_199_254_740_993));
/// assert_eq!(parse_scaled("1.20e3", 0), Some(1200));
/// assert_eq!(parse_scaled("12.5", 0), None);
/// assert_eq!(parse_scaled("12.5", 2), Some(1250));
/// ```
#[must_use]
pub fn parse_scaled(text: &str, scale: i8) -> Option<i128> {
    if scale == 0
        && let Some(number) = short_integer(text.as_bytes())
    {
        return Some(number);
    }
    let text = text.trim();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(place) => (&text[..place], text[place + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = split_sign(mantissa.as_bytes());
    let digits = Digits::read(mantissa)?;
    let shift = i64::from(exponent) + i64::from(scale) + digits.exponent;
    if digits.whole == 0 {
        return Some(0);
    }
    // The digits end in no zero: a shift to the right leaves a fraction.
    let power = 10_i128.checked_pow(u32::try_from(shift).ok()?)?;
    let number = digits.whole.checked_mul(power)?;
    Some(if negative { -number } else { number })
}

/// Up to [`EXACT_DIGITS`] digits and a sign, which is what most whole numbers are.
fn short_integer(text: &[u8]) -> Option<i128> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || digits.len() > EXACT_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits
        .iter()
        .fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
    Some(i128::from(if negative { -number } else { number }))
}

/// A number without sign as `whole` times ten to the power of `exponent`, where `whole` does not end in a zero.
struct Digits {
    whole: i128,
    exponent: i64,
}

impl Digits {
    fn read(text: &[u8]) -> Option<Self> {
        let mut whole = 0_i128;
        let (mut zeros, mut decimals) = (0_u32, 0_i64);
        let (mut any, mut point) = (false, false);
        for byte in text {
            let digit = match byte {
                b'0'..=b'9' => i128::from(byte - b'0'),
                b'.' if !point => {
                    point = true;
                    continue;
                }
                _ => return None,
            };
            any = true;
            decimals += i64::from(point);
            if digit == 0 {
                zeros += 1;
                continue;
            }
            if whole > 0 {
                whole = whole.checked_mul(10_i128.checked_pow(zeros + 1)?)?;
            }
            whole = whole.checked_add(digit)?;
            zeros = 0;
        }
        any.then_some(Self {
            whole,
            exponent: i64::from(zeros) - decimals,
        })
    }
}

/// Whether `text` begins with a minus, and what follows the sign.
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_decimal_text_is_a_number() {
        for (text, number) in [
            ("0", 0.0),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1E2", 100.0),
            ("\t7\n", 7.0),
        ] {
            assert_eq!(parse_number(text), Some(number), "{text:?}");
        }
        for text in [
            "", " ", ".", "-", "e5", "1e", "1 2", "0x1", "inf", "NaN", "1_0", "1e999", "٣", "+-1",
            "1.2.3", "-.",
        ] {
            assert_eq!(parse_number(text), None, "{text:?}");
            assert_eq!(parse_scaled(text, 0), None, "{text:?}");
        }
    }

    #[test]
    fn integers_are_exact_and_fractions_are_none() {
        let max = i64::MAX.to_string();
        assert_eq!(parse_scaled(&max, 0), Some(i128::from(i64::MAX)));
        for (text, scale, number) in [
            ("-0", 0, Some(0)),
            (
                "000000000000000000000000000000000000000000000007",
                0,
                Some(7),
            ),
            ("12.000", 0, Some(12)),
            ("1200e-2", 0, Some(12)),
            ("0.1e1", 0, Some(1)),
            ("0.10", 1, Some(1)),
            ("0.01", 1, None),
            ("1e38", 0, Some(10_i128.pow(38))),
            ("1e39", 0, None),
            ("0e39", 0, Some(0)),
            ("1200", -2, Some(12)),
            ("1250", -2, None),
            ("170141183460469231731687303715884105728", 0, None),
        ] {
            assert_eq!(parse_scaled(text, scale), number, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_that_of_the_standard_library(text in "[ ]?[+-]?[0-9]{0,18}[.]?[0-9]{0,18}(e-?[0-9]{1,3})?") {
            let standard = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            prop_assert_eq!(parse_number(&text).map(f64::to_bits), standard.map(f64::to_bits));
        }

        #[test]
        fn a_short_number_is_that_of_the_standard_library(text in "-?[0-9]{0,9}[.]?[0-9]{0,8}") {
            let standard = text.parse::<f64>().ok();
            prop_assert_eq!(parse_number(&text).map(f64::to_bits), standard.map(f64::to_bits));
        }

        #[test]
        fn an_integer_is_read_back(number in any::<i64>()) {
            prop_assert_eq!(parse_scaled(&number.to_string(), 0), Some(i128::from(number)));
            prop_assert_eq!(parse_scaled(&format!("{number}e2"), -2), Some(i128::from(number)));
        }
    }
}

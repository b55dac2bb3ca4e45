//! What a JSON number is, by its text.

use super::shape::Kind;

/// Digits of an integer that 2^53 is never reached with, so that a float holds it.
const SHORT_DIGITS: usize = 15;

/// The kind of a number written as JSON writes it. `is_integer` says that it has neither point nor exponent.
pub(super) fn kind_of(text: &str, is_integer: bool) -> Kind {
    if !is_integer {
        let finite = text.parse::<f64>().is_ok_and(f64::is_finite);
        return if finite {
            Kind::Float
        } else {
            Kind::HugeNumber
        };
    }
    if text.len() <= SHORT_DIGITS {
        return Kind::Integer;
    }
    if let Ok(value) = text.parse::<i64>() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "i128 holds what i64 rounds to"
        )]
        let back = value as f64 as i128;
        return if back == i128::from(value) {
            Kind::Integer
        } else {
            Kind::LongInteger
        };
    }
    match text.parse::<u64>() {
        Ok(_) => Kind::UnsignedInteger,
        Err(_) => Kind::HugeNumber,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_kind_that_keeps_them() {
        for (text, kind) in [
            ("0", Kind::Integer),
            ("-9007199254740992", Kind::Integer),
            ("9007199254740993", Kind::LongInteger),
            ("9223372036854775807", Kind::LongInteger),
            ("-9223372036854775808", Kind::Integer),
            ("9223372036854775808", Kind::UnsignedInteger),
            ("18446744073709551615", Kind::UnsignedInteger),
            ("18446744073709551616", Kind::HugeNumber),
            ("-9223372036854775809", Kind::HugeNumber),
        ] {
            assert_eq!(kind_of(text, true), kind, "{text}");
        }
        assert_eq!(kind_of("1.0", false), Kind::Float);
        assert_eq!(kind_of("1e308", false), Kind::Float);
        assert_eq!(kind_of("-1e309", false), Kind::HugeNumber);
    }
}

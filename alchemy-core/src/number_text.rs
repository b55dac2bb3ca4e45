//! Numbers written as text.

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
    let text = text.trim();
    // The standard parser also reads words (`inf`, `nan`), which no number column means.
    let plain = text
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    plain
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
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
            "", " ", ".", "-", "e5", "1e", "1 2", "0x1", "inf", "NaN", "1_0", "1e999", "٣",
        ] {
            assert_eq!(parse_number(text), None, "{text:?}");
        }
    }
}

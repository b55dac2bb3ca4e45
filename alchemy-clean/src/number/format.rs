//! How numbers are written, and reading them without allocating per cell.

use std::ops::Not;

use alchemy_core::{Error, Result, parse_number};
use serde::{Deserialize, Serialize};

use crate::plain::is_default;

/// How the numbers of a column are written.
///
/// The plain format is what [`parse_number`] reads: sign, digits, decimal point, exponent, blanks around it. Each option
/// accepts more. Nothing is guessed: digits are grouped in threes or the cell is not a number, so `1,5` is never taken
/// for fifteen.
///
/// # Examples
///
/// ```
/// use alchemy_clean::{DecimalMark, Grouping, NumberFormat};
///
/// let german = NumberFormat::new()
///     .with_decimal_mark(DecimalMark::Comma)
///     .with_grouping(Grouping::Point)
///     .with_currency(["€", "EUR"]);
/// assert_eq!(german.parse("1.299,50 €")?, Some(1299.5));
/// assert_eq!(german.parse("1.5")?, None);
///
/// let ledger = NumberFormat::new().with_grouping(Grouping::Comma).with_accounting_negatives();
/// assert_eq!(ledger.parse("(1,250)")?, Some(-1250.0));
///
/// assert_eq!(NumberFormat::new().with_percent().parse("12.5 %")?, Some(0.125));
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberFormat {
    #[serde(skip_serializing_if = "is_default")]
    decimal_mark: DecimalMark,
    #[serde(skip_serializing_if = "is_default")]
    grouping: Grouping,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    currency: Vec<String>,
    #[serde(skip_serializing_if = "Not::not")]
    percent: bool,
    #[serde(skip_serializing_if = "Not::not")]
    accounting_negatives: bool,
}

/// What parts the fraction from the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1.5`
    #[default]
    Point,
    /// `1,5`
    Comma,
}

/// What stands between thousands. Groups are of three digits, the first of one to three, and a number may do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// Nothing: `1299`.
    #[default]
    None,
    /// `1,299`
    Comma,
    /// `1.299`
    Point,
    /// `1 299`, with a space, a no-break space or a narrow no-break space.
    Space,
    /// `1'299`, with a straight or a curly apostrophe.
    Apostrophe,
}

impl Grouping {
    fn is_mark(self, c: char) -> bool {
        match self {
            Self::None => false,
            Self::Comma => c == ',',
            Self::Point => c == '.',
            Self::Space => matches!(c, ' ' | '\u{a0}' | '\u{202f}'),
            Self::Apostrophe => matches!(c, '\'' | '\u{2019}'),
        }
    }
}

impl NumberFormat {
    /// The plain format: decimal point, no grouping, no symbols.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What parts the fraction from the whole. Default: [`DecimalMark::Point`].
    #[must_use]
    pub fn with_decimal_mark(mut self, decimal_mark: DecimalMark) -> Self {
        self.decimal_mark = decimal_mark;
        self
    }

    /// What stands between thousands. Default: [`Grouping::None`].
    #[must_use]
    pub fn with_grouping(mut self, grouping: Grouping) -> Self {
        self.grouping = grouping;
        self
    }

    /// Symbols such as `$` or `EUR`, one of which may stand before or after the number. They are dropped: amounts in
    /// several currencies become numbers that cannot be compared. Default: none.
    #[must_use]
    pub fn with_currency<S: Into<String>>(mut self, symbols: impl IntoIterator<Item = S>) -> Self {
        self.currency = symbols.into_iter().map(Into::into).collect();
        self
    }

    /// Reads `12.5%` as 0.125; a number without the sign is read as it stands. Default: the sign is refused.
    #[must_use]
    pub fn with_percent(mut self) -> Self {
        self.percent = true;
        self
    }

    /// Reads `(12)` and `12-` as -12, as books of account write them. Default: both are refused.
    #[must_use]
    pub fn with_accounting_negatives(mut self) -> Self {
        self.accounting_negatives = true;
        self
    }

    /// The number that `text` is written for, correctly rounded, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a format that contradicts itself.
    pub fn parse(&self, text: &str) -> Result<Option<f64>> {
        self.check()?;
        Ok(self.reader().read(text, parse_number))
    }

    pub(super) fn check(&self) -> Result<()> {
        let clash = matches!(
            (self.decimal_mark, self.grouping),
            (DecimalMark::Point, Grouping::Point) | (DecimalMark::Comma, Grouping::Comma)
        );
        if clash {
            return Err(Error::parameter("grouping", "is the decimal mark too"));
        }
        if self.currency.iter().any(|symbol| symbol.trim().is_empty()) {
            return Err(Error::parameter("currency", "a symbol is blank"));
        }
        let of_numbers = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '%' | '(' | ')');
        if let Some(symbol) = self
            .currency
            .iter()
            .find(|symbol| symbol.contains(of_numbers))
        {
            let message = format!("{symbol:?} holds a digit, a sign or a bracket");
            return Err(Error::parameter("currency", message));
        }
        Ok(())
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            format: self,
            is_plain: *self == Self::default(),
            plain_first: self.decimal_mark == DecimalMark::Point,
            plain: String::new(),
        }
    }
}

/// Reads cell after cell; the text in plain form is built in one buffer.
pub(super) struct Reader<'a> {
    format: &'a NumberFormat,
    is_plain: bool,
    /// Plain text means the same in this format, so it is read without being rewritten.
    plain_first: bool,
    plain: String,
}

impl Reader<'_> {
    /// What `parse` makes of the plain form of `text`.
    pub(super) fn read<T>(&mut self, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.plain_first {
            let number = parse(text);
            if number.is_some() || self.is_plain {
                return number;
            }
        }
        self.plain.clear();
        self.rewrite(text.trim())?;
        parse(&self.plain)
    }

    /// Writes `text` in the plain format.
    fn rewrite(&mut self, text: &str) -> Option<()> {
        let Amount {
            negative,
            digits,
            percent,
        } = self.format.unwrap(text)?;
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (digits, None),
        };
        let mark = match self.format.decimal_mark {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        };
        let (whole, fraction) = mantissa.split_once(mark).unwrap_or((mantissa, ""));
        if negative {
            self.plain.push('-');
        }
        self.push_whole(whole)?;
        self.plain.push('.');
        self.push_digits(fraction)?;
        match (exponent, percent) {
            (None, false) => {}
            // Shifting the exponent rounds once; dividing by 100 would round twice.
            (None, true) => self.plain.push_str("e-2"),
            (Some(exponent), false) => {
                self.plain.push('e');
                self.plain.push_str(exponent);
            }
            (Some(_), true) => return None,
        }
        Some(())
    }

    fn push_whole(&mut self, whole: &str) -> Option<()> {
        let grouping = self.format.grouping;
        let mut groups = whole.split(|c| grouping.is_mark(c));
        let first = groups.next()?;
        self.push_digits(first)?;
        for group in groups {
            if !(1..=3).contains(&first.len()) || group.len() != 3 {
                return None;
            }
            self.push_digits(group)?;
        }
        Some(())
    }

    fn push_digits(&mut self, digits: &str) -> Option<()> {
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| self.plain.push_str(digits))
    }
}

/// A number without what stands around its digits.
struct Amount<'a> {
    negative: bool,
    digits: &'a str,
    percent: bool,
}

impl NumberFormat {
    /// Takes off parentheses, sign, currency and percent sign, each at most once.
    fn unwrap<'a>(&self, text: &'a str) -> Option<Amount<'a>> {
        let inner = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let inner = inner.filter(|_| self.accounting_negatives);
        let (sign, unsigned) = split_sign(inner.unwrap_or(text).trim());
        let (symbol, bare) = self.split_currency(unsigned);
        // A sign may stand before or after a leading symbol: -$5 and $-5.
        let (second, bare) = if symbol {
            split_sign(bare)
        } else {
            (None, bare)
        };
        let last = bare.strip_suffix('-').filter(|_| self.accounting_negatives);
        let bare = last.map_or(bare, str::trim_end);
        let signs = [
            inner.is_some(),
            sign.is_some(),
            second.is_some(),
            last.is_some(),
        ];
        if signs.into_iter().filter(|is_there| *is_there).count() > 1 {
            return None;
        }
        let unsuffixed = bare.strip_suffix('%').filter(|_| self.percent);
        Some(Amount {
            negative: inner.is_some() || last.is_some() || sign.or(second) == Some(Sign::Minus),
            digits: unsuffixed.unwrap_or(bare).trim_end(),
            percent: unsuffixed.is_some(),
        })
    }

    fn split_currency<'a>(&self, text: &'a str) -> (bool, &'a str) {
        let bare = self.currency.iter().find_map(|symbol| {
            text.strip_prefix(symbol.as_str())
                .or_else(|| text.strip_suffix(symbol.as_str()))
        });
        (bare.is_some(), bare.unwrap_or(text).trim())
    }
}

#[derive(PartialEq)]
enum Sign {
    Plus,
    Minus,
}

fn split_sign(text: &str) -> (Option<Sign>, &str) {
    match text.as_bytes().first() {
        Some(b'+') => (Some(Sign::Plus), text[1..].trim_start()),
        Some(b'-') => (Some(Sign::Minus), text[1..].trim_start()),
        _ => (None, text),
    }
}

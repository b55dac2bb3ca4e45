//! The words and signs of an expression's text.

use std::fmt;

use super::check::invalid;
use crate::{Error, Result};

/// Bytes of a text at most: a list of some thousand codes, and no more than that to read for whom a recipe is hostile.
const MAX_LENGTH: usize = 1 << 16;

/// Words with a meaning; a column called so takes backticks.
const WORDS: [&str; 17] = [
    "and",
    "contains",
    "else",
    "ends_with",
    "false",
    "if",
    "in",
    "inf",
    "is",
    "matches",
    "missing",
    "not",
    "or",
    "starts_with",
    "then",
    "true",
    "within",
];

/// Signs, longer ones before those they begin with.
const SIGNS: [&str; 15] = [
    "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",",
];

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// One of [`WORDS`].
    Word(&'static str),
    /// Any other name, or one in backticks.
    Name {
        name: String,
        quoted: bool,
    },
    Text(String),
    Integer(i128),
    Number(f64),
    Sign(&'static str),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Sign(text) => write!(f, "`{text}`"),
            Self::Name { name, .. } => write!(f, "the name {:?}", crate::shorten(name)),
            Self::Text(text) => write!(f, "the text {:?}", crate::shorten(text)),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// `text` in tokens, each with the byte at which it begins; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>> {
    if text.len() > MAX_LENGTH {
        let message = format!("is {} bytes long, more than {MAX_LENGTH}", text.len());
        return Err(invalid(message));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let start = at + (rest.len() - rest.trim_start().len());
        let rest = &text[start..];
        let Some(first) = rest.chars().next() else {
            tokens.push((start, Token::End));
            return Ok(tokens);
        };
        let (token, length) = match first {
            '\'' | '"' | '`' => quoted(text, start, first)?,
            '0'..='9' => number(text, start)?,
            c if begins_name(c) => name(rest),
            _ => sign(text, start)?,
        };
        tokens.push((start, token));
        at = start + length;
    }
}

/// The error that `found` begins at byte `at` of `text`, where there should be something else.
pub(super) fn expected(text: &str, at: usize, what: &str, found: impl fmt::Display) -> Error {
    let character = text[..at].chars().count() + 1;
    invalid(format!(
        "at character {character}: expected {what}, found {found}"
    ))
}

pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(begins_name) && chars.all(continues_name)
}

pub(super) fn is_word(text: &str) -> bool {
    WORDS.contains(&text)
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn name(rest: &str) -> (Token, usize) {
    let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
    let name = &rest[..length];
    let word = WORDS.into_iter().find(|word| *word == name);
    let token = word.map_or_else(
        || Token::Name {
            name: name.to_owned(),
            quoted: false,
        },
        Token::Word,
    );
    (token, length)
}

fn sign(text: &str, start: usize) -> Result<(Token, usize)> {
    let rest = &text[start..];
    if rest.starts_with('∞') {
        return Ok((Token::Word("inf"), '∞'.len_utf8()));
    }
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    let what = match rest.chars().next() {
        Some('=') => "`==`",
        Some('&') => "`and`",
        Some('|') => "`or`",
        Some('!' | '~') => "`not`",
        _ => "a name, a literal or an operator",
    };
    let found: String = rest.chars().take(1).collect();
    Err(expected(text, start, what, format!("`{found}`")))
}

/// The text or name in quotes at `start`, those inside doubled.
fn quoted(text: &str, start: usize, quote: char) -> Result<(Token, usize)> {
    let mut content = String::new();
    let mut chars = text[start + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            content.push(quote);
        } else {
            let token = match quote {
                '`' => Token::Name {
                    name: content,
                    quoted: true,
                },
                _ => Token::Text(content),
            };
            return Ok((token, at + 2));
        }
    }
    let what = format!("`{quote}` that closes what begins at character");
    let opened = text[..start].chars().count() + 1;
    Err(expected(
        text,
        text.len(),
        &format!("{what} {opened}"),
        "the end",
    ))
}

fn number(text: &str, start: usize) -> Result<(Token, usize)> {
    let rest = &text[start..];
    let digits = |from: usize| {
        let length = rest[from..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len() - from);
        from + length
    };
    let mut end = digits(0);
    if rest[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let signed = usize::from(rest[end + 1..].starts_with(['+', '-']));
        end = digits(end + 1 + signed);
    }
    let written = &rest[..end];
    let is_whole = written.bytes().all(|byte| byte.is_ascii_digit());
    let follows_name = rest[end..].chars().next().is_some_and(continues_name);
    let token = if follows_name {
        None
    } else if is_whole {
        let integer = written.parse::<u64>();
        integer.ok().map(|value| Token::Integer(value.into()))
    } else {
        let number = written.parse::<f64>().ok();
        number.filter(|value| value.is_finite()).map(Token::Number)
    };
    let shown: String = rest.chars().take(end + 1).collect();
    let found = || format!("`{}`", crate::shorten(shown.trim_end()));
    let token = token.ok_or_else(|| expected(text, start, "a number of 64 bits", found()))?;
    Ok((token, end))
}

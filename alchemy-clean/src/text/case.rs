//! Upper, lower, title and folded case.

use serde::{Deserialize, Serialize};

/// The case that text is written in, by Unicode's rules for all languages alike.
///
/// # Examples
///
/// ```
/// use alchemy_clean::Case;
///
/// assert_eq!(Case::Title.apply("o'neill's 2ND shop"), "O'neill's 2nd Shop");
/// assert_eq!(Case::Fold.apply("STRASSE"), Case::Fold.apply("Straße"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// Every letter small.
    Lower,
    /// Every letter capital.
    Upper,
    /// The first letter of each word capital, the rest small. A word is a run of letters, digits, accents and
    /// apostrophes.
    Title,
    /// A form in which two texts are equal if they differ in case only, for comparing rather than reading: Unicode's
    /// full case folding, but for Cherokee letters, which become small ones.
    Fold,
}

impl Case {
    /// `text` in this case.
    #[must_use]
    pub fn apply(self, text: &str) -> String {
        let mut output = String::with_capacity(text.len());
        self.write(text, &mut output);
        output
    }

    /// Appends `text` in this case to `output`.
    pub(super) fn write(self, text: &str, output: &mut String) {
        if text.is_ascii() {
            return self.write_ascii(text, output);
        }
        match self {
            Self::Upper => output.extend(text.chars().flat_map(char::to_uppercase)),
            // Whether a sigma ends a word takes the whole text to tell.
            Self::Lower => output.push_str(&text.to_lowercase()),
            Self::Title => write_title(&text.to_lowercase(), output),
            Self::Fold => output.extend(text.chars().flat_map(fold)),
        }
    }

    fn write_ascii(self, text: &str, output: &mut String) {
        let start = output.len();
        output.push_str(text);
        let written = &mut output[start..];
        match self {
            Self::Upper => written.make_ascii_uppercase(),
            Self::Lower | Self::Fold => written.make_ascii_lowercase(),
            Self::Title => {
                written.make_ascii_lowercase();
                let mut in_word = false;
                for (at, byte) in text.bytes().enumerate() {
                    let of_word = byte.is_ascii_alphanumeric() || byte == b'\'';
                    if of_word && !in_word {
                        written[at..=at].make_ascii_uppercase();
                    }
                    in_word = of_word;
                }
            }
        }
    }
}

/// `text` in [`Case::Fold`], in `buffer` where it has to be rewritten.
pub(super) fn folded<'a>(text: &'a str, buffer: &'a mut String) -> &'a str {
    let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(is_folded) {
        return text;
    }
    buffer.clear();
    Case::Fold.write(text, buffer);
    buffer
}

/// Going down, up and down again joins letters that only one of the ways joins, such as ẞ, ß and ss, or ς and σ.
fn fold(c: char) -> impl Iterator<Item = char> {
    let down = |c: char| c.to_lowercase();
    // The dotless i has the capital of the dotted one, but is another letter.
    let up = move |c: char| {
        let keep = c == 'ı';
        c.to_uppercase()
            .filter(move |_| !keep)
            .chain(keep.then_some(c))
    };
    down(c).flat_map(up).flat_map(down)
}

/// Appends `lower`, which is in lower case, in title case to `output`.
fn write_title(lower: &str, output: &mut String) {
    let mut in_word = false;
    for c in lower.chars() {
        let of_word = is_of_word(c);
        if of_word && !in_word {
            push_title(c, output);
        } else {
            output.push(c);
        }
        in_word = of_word;
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '\u{300}'..='\u{36f}')
}

/// Of a letter that becomes several, only the first is a capital.
fn push_title(c: char, output: &mut String) {
    let mut upper = c.to_uppercase();
    output.extend(upper.next());
    output.extend(upper.flat_map(char::to_lowercase));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_case_keeps_words_whole() {
        for (text, title) in [
            ("they're BACK", "They're Back"),
            ("new-york (usa)", "New-York (Usa)"),
            ("3RD floor", "3rd Floor"),
            ("éCOLE ßtraße", "École Sstraße"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσευς"),
            ("İSTANBUL", "I\u{307}stanbul"),
            ("", ""),
        ] {
            assert_eq!(Case::Title.apply(text), title);
        }
    }

    #[test]
    fn folding_joins_what_differs_in_case_only() {
        for (a, b) in [
            ("ẞ", "ss"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁn", "FIN"),
            ("K", "k"),
            ("ꭰ", "Ꭰ"),
        ] {
            assert_eq!(Case::Fold.apply(a), Case::Fold.apply(b), "{a} {b}");
        }
        assert_ne!(Case::Fold.apply("ı"), Case::Fold.apply("i"));
    }

    #[test]
    fn a_case_applied_twice_is_applied_once() {
        let letters = (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .filter(|c| c.is_alphabetic());
        for c in letters {
            for case in [Case::Lower, Case::Upper, Case::Title, Case::Fold] {
                for text in [format!("{c}"), format!("a{c} {c}b")] {
                    let once = case.apply(&text);
                    assert_eq!(case.apply(&once), once, "{case:?} {text:?}");
                }
            }
        }
    }
}

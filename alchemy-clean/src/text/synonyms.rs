//! Several spellings of one thing.

use std::collections::HashMap;

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Case;

/// Spellings and the standard form of each.
///
/// A spelling is found in any case, by [`Case::Fold`]; so is a standard form.
///
/// # Examples
///
/// ```
/// use alchemy_clean::Synonyms;
///
/// let synonyms = Synonyms::new([("uk", "United Kingdom"), ("u.k.", "United Kingdom")]);
/// assert_eq!(synonyms.standard("UK")?, Some("United Kingdom"));
/// assert_eq!(synonyms.standard("united kingdom")?, Some("United Kingdom"));
/// assert_eq!(synonyms.standard("Wales")?, None);
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Synonyms(Vec<(String, String)>);

impl Synonyms {
    /// Pairs of a spelling and its standard form.
    #[must_use]
    pub fn new<A: Into<String>, B: Into<String>>(pairs: impl IntoIterator<Item = (A, B)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(from, to)| (from.into(), to.into()))
                .collect(),
        )
    }

    /// The standard form of `text`, if it is known.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if one spelling has two standard forms.
    pub fn standard(&self, text: &str) -> Result<Option<&str>> {
        Ok(self.lookup(str::to_owned)?.find(text, &mut String::new()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The map, with `spell` applied to every spelling.
    pub(super) fn lookup(&self, spell: impl Fn(&str) -> String) -> Result<Lookup<'_>> {
        let mut standard: HashMap<String, &str> = HashMap::new();
        // A standard form stands for itself, so standardising twice changes nothing.
        let selves = self.0.iter().map(|(_, to)| (to, to));
        for (from, to) in selves.chain(self.0.iter().map(|(from, to)| (from, to))) {
            let known = *standard.entry(Case::Fold.apply(&spell(from))).or_insert(to);
            if known != to {
                let message = format!("{from:?} stands for both {known:?} and {to:?}");
                return Err(Error::parameter("synonyms", message));
            }
        }
        Ok(Lookup { standard })
    }
}

/// Standard forms by folded spelling.
pub(super) struct Lookup<'a> {
    standard: HashMap<String, &'a str>,
}

impl<'a> Lookup<'a> {
    /// The standard form of `text`, which is folded in `buffer` where it has to be.
    pub(super) fn find(&self, text: &str, buffer: &mut String) -> Option<&'a str> {
        if self.standard.is_empty() {
            return None;
        }
        let is_folded = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
        if text.bytes().all(is_folded) {
            return self.standard.get(text).copied();
        }
        buffer.clear();
        Case::Fold.write(text, buffer);
        self.standard.get(buffer.as_str()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_with_two_standard_forms_is_refused() {
        let twice = Synonyms::new([("a", "B"), ("A", "C")]);
        assert!(twice.standard("a").is_err());
        let chain = Synonyms::new([("a", "b"), ("b", "c")]);
        let error = chain.standard("a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "parameter `synonyms`: \"b\" stands for both \"b\" and \"c\""
        );
        let same = Synonyms::new([("a", "B"), ("A", "B"), ("b", "B")]);
        assert_eq!(same.standard("B").unwrap(), Some("B"));
    }
}

//! Several spellings of one thing.

use std::collections::HashMap;
use std::ops::Not;

use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::case::{Case, folded};

/// Spellings and the standard form of each.
///
/// A spelling is found in any case, by [`Case::Fold`], unless the case is to [match](Self::with_match_case); so is a
/// standard form. A standard form stands for itself, so a map from `a` to `b` and from `b` to `c` contradicts itself.
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
/// assert_eq!(synonyms.with_match_case().standard("UK")?, None);
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synonyms {
    pairs: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Not::not")]
    match_case: bool,
}

impl Synonyms {
    /// Pairs of a spelling and its standard form.
    #[must_use]
    pub fn new<A: Into<String>, B: Into<String>>(pairs: impl IntoIterator<Item = (A, B)>) -> Self {
        Self {
            pairs: pairs
                .into_iter()
                .map(|(from, to)| (from.into(), to.into()))
                .collect(),
            match_case: false,
        }
    }

    /// Tells spellings apart that differ in case only, as codes such as `m` and `M` do. Default: they are the same.
    #[must_use]
    pub fn with_match_case(mut self) -> Self {
        self.match_case = true;
        self
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
        self.pairs.is_empty()
    }

    /// The map, with `spell` applied to every spelling.
    pub(super) fn lookup(&self, spell: impl Fn(&str) -> String) -> Result<Lookup<'_>> {
        let mut standard: HashMap<String, &str> = HashMap::new();
        // A standard form stands for itself, so standardising twice changes nothing.
        let selves = self.pairs.iter().map(|(_, to)| (to, to));
        for (from, to) in selves.chain(self.pairs.iter().map(|(from, to)| (from, to))) {
            let spelling = match self.match_case {
                true => spell(from),
                false => Case::Fold.apply(&spell(from)),
            };
            let known = *standard.entry(spelling).or_insert(to);
            if known != to {
                let message = format!("{from:?} stands for both {known:?} and {to:?}");
                return Err(Error::parameter("synonyms", message));
            }
        }
        Ok(Lookup {
            standard,
            match_case: self.match_case,
        })
    }
}

/// Standard forms by spelling, folded unless the case is to match.
pub(super) struct Lookup<'a> {
    standard: HashMap<String, &'a str>,
    match_case: bool,
}

impl<'a> Lookup<'a> {
    /// The standard form of `text`, which is folded in `buffer` where it has to be.
    pub(super) fn find(&self, text: &str, buffer: &mut String) -> Option<&'a str> {
        if self.standard.is_empty() {
            return None;
        }
        let key = match self.match_case {
            true => text,
            false => folded(text, buffer),
        };
        self.standard.get(key).copied()
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

    #[test]
    fn case_matters_where_it_is_to_match() {
        let codes = Synonyms::new([("a", "B"), ("A", "C")]).with_match_case();
        assert_eq!(codes.standard("a").unwrap(), Some("B"));
        assert_eq!(codes.standard("A").unwrap(), Some("C"));
        assert_eq!(codes.standard("b").unwrap(), None);
    }
}

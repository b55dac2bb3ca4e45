//! A regular expression that is searched for.

use std::fmt;

use alchemy_core::{Error, Result};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Bytes that a compiled expression may take, as in a [`Pattern`](alchemy_core::Pattern).
const SIZE_LIMIT: usize = 1 << 20;

/// A regular expression in the syntax of the crate `regex`, looked for anywhere in a cell in linear time.
///
/// A [`Pattern`](alchemy_core::Pattern) is one that the whole cell must match.
///
/// # Examples
///
/// ```
/// use alchemy_clean::Search;
///
/// assert_eq!(Search::new(r"(\d+) kg")?.num_groups(), 1);
/// assert!(Search::new("(").is_err());
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Search(Regex);

impl Search {
    /// Compiles `pattern`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a pattern that is malformed, or takes more than 1 MiB when compiled.
    pub fn new(pattern: &str) -> Result<Self> {
        let compiled = RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
        compiled
            .map(Self)
            .map_err(|error| Error::parameter("pattern", error.to_string()))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How many groups in parentheses it captures.
    #[must_use]
    pub fn num_groups(&self) -> usize {
        self.0.captures_len() - 1
    }

    pub(super) fn regex(&self) -> &Regex {
        &self.0
    }
}

impl PartialEq for Search {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Search {}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl TryFrom<String> for Search {
    type Error = Error;

    fn try_from(pattern: String) -> Result<Self> {
        Self::new(&pattern)
    }
}

impl From<Search> for String {
    fn from(search: Search) -> Self {
        search.as_str().to_owned()
    }
}

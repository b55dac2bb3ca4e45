//! A regular expression that a whole cell must match.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Bytes that a compiled pattern may take, so that a contract from outside cannot exhaust memory: room for some
/// thousand states, where common patterns take a few dozen.
const SIZE_LIMIT: usize = 1 << 20;

/// A regular expression in the syntax of the crate `regex`, matched in linear time.
///
/// The whole cell must match; put `.*` around a pattern for a part of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    source: String,
    whole: Regex,
}

impl Pattern {
    /// Compiles `source`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a pattern that is malformed, or takes more than 1 MiB when compiled.
    pub fn new(source: impl Into<String>) -> Result<Self> {
        let source = source.into();
        compile(&source)?;
        // Compiled alone first, so that its parentheses cannot close the group around it.
        let whole = compile(&format!(r"\A(?:{source})\z"))?;
        Ok(Self { source, whole })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether all of `text` matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }
}

fn compile(source: &str) -> Result<Regex> {
    let compiled = RegexBuilder::new(source).size_limit(SIZE_LIMIT).build();
    compiled.map_err(|error| Error::parameter("pattern", error.to_string()))
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl TryFrom<String> for Pattern {
    type Error = Error;

    fn try_from(source: String) -> Result<Self> {
        Self::new(source)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.source
    }
}

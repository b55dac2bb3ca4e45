//! Steps on text.

mod case;
mod null_tokens;
mod regex_extract;
mod regex_replace;
mod rewrite;
mod search;
mod standardiser;
mod synonyms;

pub use case::Case;
pub use null_tokens::NullTokens;
pub use regex_extract::RegexExtract;
pub use regex_replace::RegexReplace;
pub(crate) use rewrite::{Fate, Rewrite, record, rewrite, text_schema};
pub use search::Search;
#[cfg(feature = "unicode")]
pub use standardiser::NormalForm;
pub use standardiser::{OnUnmatched, TextStandardiser};
pub use synonyms::Synonyms;

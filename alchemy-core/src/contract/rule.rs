//! An expectation and what it means to miss it.

use serde::Serialize;

use super::Expectation;
use crate::Severity;

/// An expectation with the severity of missing it.
///
/// At [`Severity::Error`] the check fails, and [`Contract::admit`](super::Contract::admit) turns away the rows at fault;
/// below that they are counted and reported.
///
/// # Examples
///
/// ```
/// use alchemy_core::{Expectation, Rule, Severity};
///
/// let rule = Expectation::NotNull.at(Severity::Warning);
/// assert_eq!(Rule::from(Expectation::NotNull).severity(), Severity::Error);
/// assert_eq!(serde_json::to_string(&rule)?, r#"{"expect":"not_null","severity":"warning"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule<E = Expectation> {
    #[serde(flatten)]
    pub(super) expectation: E,
    #[serde(skip_serializing_if = "is_error")]
    pub(super) severity: Severity,
}

impl<E> Rule<E> {
    /// `expectation` at `severity`.
    #[must_use]
    pub fn new(expectation: E, severity: Severity) -> Self {
        Self {
            expectation,
            severity,
        }
    }

    /// What is expected.
    #[must_use]
    pub fn expectation(&self) -> &E {
        &self.expectation
    }

    /// What it means to miss it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }
}

impl<E> From<E> for Rule<E> {
    fn from(expectation: E) -> Self {
        Self::new(expectation, Severity::Error)
    }
}

impl Expectation {
    /// This expectation at `severity`; without, it is an error.
    #[must_use]
    pub fn at(self, severity: Severity) -> Rule {
        Rule::new(self, severity)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_error(severity: &Severity) -> bool {
    *severity == Severity::Error
}

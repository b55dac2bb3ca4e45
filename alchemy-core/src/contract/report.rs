//! What a check found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::profile::figure;
use crate::{Error, Result, Severity};

/// What became of every expectation of a [`Contract`](super::Contract).
///
/// Prints as a table, and serializes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContractReport {
    /// Rows checked.
    pub rows: u64,
    /// Of each column its type, then its expectations, in the order of the contract; then those of the table.
    pub checks: Vec<CheckOutcome>,
}

/// What became of one expectation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckOutcome {
    /// The column, or `None` for the table.
    pub column: Option<String>,
    /// What is expected, in words.
    pub expectation: String,
    /// What it means to miss it.
    pub severity: Severity,
    /// Whether it is met.
    pub passed: bool,
    /// Cells, or rows of the table, that were held against it.
    pub checked: u64,
    /// Those of them that do not meet it.
    pub failed: u64,
    /// The figure that was held against it, for an expectation about a column or the table as a whole.
    #[serde(with = "optional_figure")]
    pub measured: Option<f64>,
    /// Why it could not be held against the data, such as a column that is not there. It is not met then.
    pub problem: Option<String>,
    /// A few of the cells that do not meet it: the first in the order of text, each once, shortened. Not given for keys,
    /// orders and the table.
    pub examples: Vec<String>,
}

impl ContractReport {
    /// Whether every expectation of severity [`Error`](Severity::Error) is met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The expectations that are not met, of any severity.
    pub fn failed(&self) -> impl Iterator<Item = &CheckOutcome> {
        self.checks.iter().filter(|check| !check.passed)
    }

    /// This report, if it [passed](Self::passed).
    ///
    /// # Errors
    ///
    /// [`Error::ContractNotMet`] names the first expectation of severity [`Error`](Severity::Error) that is not met.
    pub fn into_result(self) -> Result<Self> {
        let Some(first) = self.errors().next() else {
            return Ok(self);
        };
        Err(Error::ContractNotMet {
            column: first.column.clone(),
            expectation: first.expectation.clone(),
            message: first.found(),
            others: self.errors().count() - 1,
        })
    }

    fn errors(&self) -> impl Iterator<Item = &CheckOutcome> {
        self.failed()
            .filter(|check| check.severity == Severity::Error)
    }
}

impl CheckOutcome {
    /// An outcome to be filled in.
    pub(super) fn new(column: Option<String>, expectation: String, severity: Severity) -> Self {
        Self {
            column,
            expectation,
            severity,
            passed: false,
            checked: 0,
            failed: 0,
            measured: None,
            problem: None,
            examples: Vec::new(),
        }
    }

    /// What was found, in words.
    fn found(&self) -> String {
        if let Some(problem) = &self.problem {
            return problem.clone();
        }
        if let Some(measured) = self.measured {
            return format!("found {measured}");
        }
        let unit = if self.column.is_some() {
            "cells"
        } else {
            "rows"
        };
        let mut found = format!("{} of {} {unit}", self.failed, self.checked);
        if !self.examples.is_empty() {
            let cells: Vec<String> = self
                .examples
                .iter()
                .map(|cell| format!("{cell:?}"))
                .collect();
            found.push_str(", such as ");
            found.push_str(&cells.join(", "));
        }
        found
    }

    fn mark(&self) -> char {
        match (self.passed, self.severity) {
            (true, _) => ' ',
            (_, Severity::Error) => '✗',
            (_, Severity::Warning) => '!',
            (_, Severity::Info) => '·',
        }
    }
}

/// One sentence.
impl fmt::Display for CheckOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "{column} is ")?;
        }
        if !self.passed {
            f.write_str("not ")?;
        }
        write!(f, "{}: {}", self.expectation, self.found())
    }
}

/// A line for each expectation; those that are not met are marked.
impl fmt::Display for ContractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (missed, all) = (self.failed().count(), self.checks.len());
        writeln!(
            f,
            "{} rows, {missed} of {all} expectations not met\n",
            self.rows
        )?;
        let lines = self.checks.iter().map(|check| {
            let column = check.column.clone().unwrap_or_default();
            (
                check,
                crate::shorten(&column),
                crate::shorten(&check.expectation),
            )
        });
        let lines: Vec<_> = lines.collect();
        let width = |text: &String| text.chars().count();
        let columns = lines.iter().map(|line| width(&line.1)).max().unwrap_or(0);
        let expectations = lines.iter().map(|line| width(&line.2)).max().unwrap_or(0);
        for (check, column, expectation) in &lines {
            let (mark, found) = (check.mark(), check.found());
            writeln!(
                f,
                "{mark} {column:columns$}  {expectation:expectations$}  {found}"
            )?;
        }
        Ok(())
    }
}

/// A figure that may be absent, infinite, or no number.
mod optional_figure {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::figure;

    #[derive(Serialize, Deserialize)]
    struct Figure(#[serde(with = "figure")] f64);

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Figure).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        let figure = Option::<Figure>::deserialize(deserializer)?;
        Ok(figure.map(|Figure(value)| value))
    }
}

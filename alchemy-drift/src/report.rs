//! What a comparison found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::detector::DriftDetector;
use crate::false_discovery::benjamini_hochberg;

/// The comparison of one batch with the reference; prints as a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriftReport {
    /// How many rows the reference had.
    pub reference_rows: usize,
    /// How many rows were compared with it.
    pub current_rows: usize,
    /// The bound on adjusted p-values.
    pub alpha: f64,
    /// The least effect that counts.
    pub min_effect: f64,
    /// Every watched column, in the order of the reference.
    pub columns: Vec<ColumnDrift>,
}

/// What was found of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// Numeric or categorical, which decides the test.
    pub kind: ColumnKind,
    /// The test of its values; `None` where there is nothing that could differ.
    pub values: Option<Evidence>,
    /// The population stability index; `None` without values on a side.
    pub psi: Option<f64>,
    /// The test of how often a value is missing; `None` if none is, or all are.
    pub missing: Option<Evidence>,
    /// The share of rows without a value in the reference.
    pub reference_missing: f64,
    /// The share of rows without a value now.
    pub current_missing: f64,
}

/// How a column is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// By the distance of distribution functions: [`KsTest`](crate::KsTest).
    Numeric,
    /// By the counts of levels: [`ChiSquareTest`](crate::ChiSquareTest).
    Categorical,
}

/// One test, and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// D of Kolmogorov and Smirnov, or χ².
    pub statistic: f64,
    /// The largest change of the share of any set of values that the test can see: values up to a point, some levels,
    /// missing values.
    pub effect: f64,
    /// The chance of a statistic as large without drift.
    pub p_value: f64,
    /// The p-value adjusted for all tests of the report.
    pub adjusted_p_value: f64,
    /// Significant, and large enough to matter.
    pub drifted: bool,
}

impl DriftReport {
    /// Adjusts the tests of `columns` for one another and judges them.
    pub(crate) fn new(
        detector: &DriftDetector,
        reference_rows: usize,
        current_rows: usize,
        mut columns: Vec<ColumnDrift>,
    ) -> Self {
        let (alpha, min_effect) = (detector.alpha(), detector.min_effect());
        let mut tests: Vec<&mut Evidence> = columns
            .iter_mut()
            .flat_map(|column| [&mut column.values, &mut column.missing])
            .flatten()
            .collect();
        let p_values: Vec<f64> = tests.iter().map(|test| test.p_value).collect();
        for (test, adjusted) in tests.iter_mut().zip(benjamini_hochberg(&p_values)) {
            test.adjusted_p_value = adjusted;
            test.drifted = adjusted < alpha && test.effect >= min_effect;
        }
        Self {
            reference_rows,
            current_rows,
            alpha,
            min_effect,
            columns,
        }
    }

    /// How many columns were compared.
    #[must_use]
    pub fn num_columns(&self) -> usize {
        self.columns.len()
    }

    /// How many of them have drifted.
    #[must_use]
    pub fn num_drifted(&self) -> usize {
        self.drifted().count()
    }

    /// The columns that have drifted.
    pub fn drifted(&self) -> impl Iterator<Item = &ColumnDrift> {
        self.columns.iter().filter(|column| column.drifted())
    }

    /// What was found of `column`, if it is watched.
    #[must_use]
    pub fn column(&self, column: &str) -> Option<&ColumnDrift> {
        self.columns.iter().find(|found| found.column == column)
    }
}

impl ColumnDrift {
    /// Whether the values have drifted, or how often they are missing.
    #[must_use]
    pub fn drifted(&self) -> bool {
        [&self.values, &self.missing]
            .into_iter()
            .flatten()
            .any(|test| test.drifted)
    }
}

impl Evidence {
    /// A test on its own, not adjusted and not judged.
    pub(crate) fn new(statistic: f64, effect: f64, p_value: f64) -> Self {
        Self {
            statistic,
            effect,
            p_value,
            adjusted_p_value: p_value,
            drifted: false,
        }
    }
}

impl ColumnKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
        }
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

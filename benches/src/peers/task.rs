//! The tasks by name.

use std::fmt;

use clap::ValueEnum;

use crate::Result;
use crate::clean::Clean;
use crate::drift::{Ks, PsiOfColumns};
use crate::features::Features;
use crate::harness::{Context, Limits, measure};
use crate::record::Measured;
use crate::tables::{CsvRead, Describe};

/// A task that Alchemy does.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Task {
    /// A CSV file to a table, types inferred
    CsvRead,
    /// Every column of a table described
    Profile,
    /// A table of sales put in order
    Clean,
    /// A load series per host turned into model input
    Features,
    /// The Kolmogorov–Smirnov test of each numeric column
    Ks,
    /// The population stability index of each column
    Psi,
}

impl Task {
    /// Runs the task in this process.
    pub(crate) fn measure(self, context: &mut Context, limits: Limits) -> Result<Measured> {
        match self {
            Self::CsvRead => measure(CsvRead::load, context, limits),
            Self::Profile => measure(Describe::load, context, limits),
            Self::Clean => measure(Clean::load, context, limits),
            Self::Features => measure(Features::load, context, limits),
            Self::Ks => measure(Ks::load, context, limits),
            Self::Psi => measure(PsiOfColumns::load, context, limits),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

//! The tasks by name.

use std::fmt;

use clap::ValueEnum;

use crate::Result;
use crate::clean::Clean;
use crate::clean_stream::CleanStream;
use crate::drift::{Ks, PsiOfColumns};
use crate::features::Features;
use crate::harness::{Context, Limits, measure};
use crate::knn::KnnImpute;
use crate::models::Training;
use crate::record::Measured;
use crate::shap::Shap;
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
    /// The same out of a file, batch after batch
    CleanStream,
    /// The same, keys kept as fingerprints
    CleanStreamSketches,
    /// A load series per host turned into model input
    Features,
    /// The Kolmogorov–Smirnov test of each numeric column
    Ks,
    /// The population stability index of each column
    Psi,
    /// Missing cells filled from the nearest rows
    KnnImpute,
    /// Boosted trees for a number
    GbdtReg,
    /// Boosted trees for a class
    GbdtClf,
    /// A random forest for a number
    RfReg,
    /// A random forest for a class
    RfClf,
    /// SHAP values of a boosted classifier
    Shap,
}

impl Task {
    /// Where Alchemy does more or less than the task says.
    pub(crate) fn note(self) -> Option<&'static str> {
        match self {
            Self::Features => Some("z-score by a scaler fitted on the rows of each host"),
            Self::GbdtReg => Some("grows by depth: depth 6, up to 64 leaves"),
            Self::GbdtClf | Self::Shap => Some("grows by leaf: 31 leaves, no depth limit"),
            Self::RfReg | Self::RfClf => Some("histograms of 255 bins; bootstrap"),
            Self::CleanStream | Self::CleanStreamSketches => Some(
                "reads a Parquet file in batches, once for each step that learns; reading counts",
            ),
            Self::CsvRead
            | Self::Profile
            | Self::Clean
            | Self::Ks
            | Self::Psi
            | Self::KnnImpute => None,
        }
    }

    /// Runs the task in this process.
    pub(crate) fn measure(self, context: &mut Context, limits: Limits) -> Result<Measured> {
        match self {
            Self::CsvRead => measure(CsvRead::load, context, limits),
            Self::Profile => measure(Describe::load, context, limits),
            Self::Clean => measure(Clean::load, context, limits),
            Self::CleanStream => measure(CleanStream::exact, context, limits),
            Self::CleanStreamSketches => measure(CleanStream::with_sketches, context, limits),
            Self::Features => measure(Features::load, context, limits),
            Self::Ks => measure(Ks::load, context, limits),
            Self::Psi => measure(PsiOfColumns::load, context, limits),
            Self::KnnImpute => measure(KnnImpute::load, context, limits),
            Self::GbdtReg => measure(Training::boosted_regressor, context, limits),
            Self::GbdtClf => measure(Training::boosted_classifier, context, limits),
            Self::RfReg => measure(Training::forest_regressor, context, limits),
            Self::RfClf => measure(Training::forest_classifier, context, limits),
            Self::Shap => measure(Shap::load, context, limits),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

//! The tasks `clean_stream` and `clean_stream_sketches`: the task `clean` on a file that is never in memory as a whole.

use std::path::PathBuf;

use alchemy_clean::Context as FitContext;
use alchemy_core::ParquetReader;

use crate::Result;
use crate::clean::{Cleaned, Tally, recipe};
use crate::harness::{Context, Job};

/// `sales_raw` read in batches, cleaned by the recipe, and written nowhere: batches are looked at and let go.
///
/// Reading counts. The file is read once for each of the four steps that learn, and once for the result.
pub(crate) struct CleanStream {
    path: PathBuf,
    with_sketches: bool,
}

impl CleanStream {
    /// All that is learned and remembered is exact.
    pub(crate) fn exact(context: &mut Context) -> Result<Self> {
        Ok(Self {
            path: context.path("sales_raw.parquet")?,
            with_sketches: false,
        })
    }

    /// Quantiles are learned from sketches, and keys are remembered as fingerprints.
    pub(crate) fn with_sketches(context: &mut Context) -> Result<Self> {
        Ok(Self {
            with_sketches: true,
            ..Self::exact(context)?
        })
    }
}

impl Job for CleanStream {
    type Output = Cleaned;
    type Figures = Cleaned;

    fn run(&self) -> Result<Cleaned> {
        let mut tally = Tally::default();
        let open = || ParquetReader::new().open(&self.path);
        recipe(self.with_sketches).pipeline().fit_transform_source(
            open,
            &FitContext::new(),
            |batch| tally.add(&batch),
        )?;
        Ok(tally.cleaned())
    }

    fn check(&self, cleaned: &Cleaned) -> Result<Cleaned> {
        Ok(cleaned.clone())
    }
}

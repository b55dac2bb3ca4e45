//! A reference, ready for comparisons.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::by_name;
use alchemy_core::parallel::try_collect;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::detector::DriftDetector;
use crate::reference::ColumnReference;
use crate::report::DriftReport;

/// What [`DriftDetector`] learned: settings and, of each column, what comparisons need. Serializes; holds no rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedDriftDetector {
    detector: DriftDetector,
    columns: Vec<ColumnReference>,
}

impl FittedDriftDetector {
    pub(crate) fn new(detector: DriftDetector, columns: Vec<ColumnReference>) -> Self {
        Self { detector, columns }
    }

    /// The settings it was fitted with.
    #[must_use]
    pub fn detector(&self) -> &DriftDetector {
        &self.detector
    }

    /// The columns that are watched.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(ColumnReference::column)
    }

    /// How many rows the reference had.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.columns.first().map_or(0, ColumnReference::rows)
    }

    /// Compares `current` with the reference, in parallel over columns. Columns that are not watched are ignored.
    ///
    /// Costs a sort of each column of numbers, and 8 bytes a value of the columns at hand.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a row, [`Error::ColumnNotFound`], and [`Error::ColumnType`] for a column that is of
    /// another kind than in the reference: a changed type is not drift, but a broken contract.
    pub fn compare(&self, current: &RecordBatch) -> Result<DriftReport> {
        if current.num_rows() == 0 {
            return Err(Error::Empty {
                what: "the current data".into(),
            });
        }
        let columns = self.columns.par_iter().map(|reference| {
            let array = by_name(current, reference.column())?;
            reference.compare(array, self.detector.psi())
        });
        Ok(DriftReport::new(
            &self.detector,
            self.num_rows(),
            current.num_rows(),
            try_collect(columns)?,
        ))
    }
}

#[derive(Deserialize)]
struct Stored {
    detector: DriftDetector,
    columns: Vec<ColumnReference>,
}

impl TryFrom<Stored> for FittedDriftDetector {
    type Error = Error;

    fn try_from(Stored { detector, columns }: Stored) -> Result<Self> {
        detector.check()?;
        if columns.iter().all(ColumnReference::is_sound) {
            return Ok(Self { detector, columns });
        }
        Err(Error::Corrupt {
            what: "drift reference".into(),
            message: "more values than rows can be".into(),
        })
    }
}

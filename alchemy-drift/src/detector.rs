//! What to watch, and when to call it drift.

use std::sync::atomic::{AtomicU64, Ordering};

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{by_name, is_numeric, is_temporal};
use alchemy_core::parallel::try_collect;
use alchemy_core::{ColumnSelector, Context, Error, Fit, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fitted::FittedDriftDetector;
use crate::psi::Psi;
use crate::reference::{ColumnReference, Sample};

/// Watches columns for drift from a reference, usually the training data.
///
/// Fitting keeps what later comparisons need, so the reference itself need not be kept: the fitted detector is data,
/// and goes into the artifact with the model.
///
/// The test is chosen by a column's type: [`KsTest`](crate::KsTest) for numbers, dates and timestamps,
/// [`ChiSquareTest`](crate::ChiSquareTest) for text and Booleans. That values are missing more or less often than in the
/// reference is a test of its own, χ² on the two counts, for the other tests leave missing values out.
///
/// A column has drifted if a test of it is significant and its effect is large enough to matter:
/// - the p-value, adjusted for all tests of the comparison by [`benjamini_hochberg`](crate::benjamini_hochberg), is
///   below [α](Self::with_alpha), and
/// - some set of values (those up to a point, some levels, or missing ones) has become more or less frequent by a share
///   of at least [the least effect](Self::with_min_effect).
///
/// The reference is kept exactly: 16 bytes for every distinct number and one entry for every level. See
/// [`with_max_reference`](Self::with_max_reference) to bound it.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_drift::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_drift::{DriftDetector, Fit};
///
/// let batch = |from: i32| {
///     let x: Float64Array = (from..from + 500).map(|i| Some(f64::from(i))).collect();
///     RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef)])
/// };
/// let detector = DriftDetector::new().fit(&batch(0)?)?;
/// assert_eq!(detector.compare(&batch(0)?)?.num_drifted(), 0);
/// assert_eq!(detector.compare(&batch(100)?)?.num_drifted(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftDetector {
    columns: ColumnSelector,
    categories: ColumnSelector,
    alpha: f64,
    min_effect: f64,
    max_reference: Option<usize>,
    psi: Psi,
}

/// The most levels of a column without a [limit](DriftDetector::with_max_reference): more are no categories, but a key or
/// free text.
const MAX_LEVELS: usize = 1_000_000;

impl Default for DriftDetector {
    fn default() -> Self {
        Self {
            columns: ColumnSelector::all(),
            categories: ColumnSelector::from([""; 0]),
            alpha: 0.05,
            min_effect: 0.05,
            max_reference: None,
            psi: Psi::new(),
        }
    }
}

impl DriftDetector {
    /// Watches every feature.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Watches these columns; every feature by default. Predictions can be watched like any other column.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Takes the numbers in these columns for names of categories, such as the code of a shop; none by default.
    #[must_use]
    pub fn with_categories(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.categories = columns.into();
        self
    }

    /// The share of false alarms to expect among the tests that are significant; 0.05 by default.
    #[must_use]
    pub fn with_alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// The least effect that is called drift, as a change of share from 0 to 1; 0.05 by default.
    #[must_use]
    pub fn with_min_effect(mut self, min_effect: f64) -> Self {
        self.min_effect = min_effect;
        self
    }

    /// Keeps at most so many values or levels of each column, at least 2. By default all are kept, and a column of more than
    /// a million levels is refused.
    ///
    /// Of numbers, quantiles are kept: the KS statistic is then off by at most half of 1 / `max_reference` + 1 / rows.
    /// Of levels, the most frequent are kept and the others become one, so a change among those is not seen. The
    /// population stability index of numbers stays exact.
    #[must_use]
    pub fn with_max_reference(mut self, max_reference: usize) -> Self {
        self.max_reference = Some(max_reference);
        self
    }

    /// How the population stability index is defined; [`Psi::new`] by default. It is reported and decides nothing.
    #[must_use]
    pub fn with_psi(mut self, psi: Psi) -> Self {
        self.psi = psi;
        self
    }

    pub(crate) fn alpha(&self) -> f64 {
        self.alpha
    }

    pub(crate) fn min_effect(&self) -> f64 {
        self.min_effect
    }

    pub(crate) fn psi(&self) -> &Psi {
        &self.psi
    }

    pub(crate) fn check(&self) -> Result<()> {
        for (parameter, value) in [("alpha", self.alpha), ("min_effect", self.min_effect)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::parameter(
                    parameter,
                    format!("{value} is not between 0 and 1"),
                ));
            }
        }
        if self.max_reference.is_some_and(|size| size < 2) {
            return Err(Error::parameter("max_reference", "must be at least 2"));
        }
        self.psi.check()
    }

    fn learn(
        &self,
        batch: &RecordBatch,
        name: &str,
        categories: &[String],
    ) -> Result<ColumnReference> {
        let array = by_name(batch, name)?;
        let is_number = is_numeric(array.data_type());
        let sample = if is_number && categories.iter().any(|category| category == name) {
            Sample::codes(name, array)?
        } else if is_number || is_temporal(array.data_type()) {
            Sample::numbers(name, array, &self.psi)?
        } else {
            Sample::levels(name, array)?
        };
        let sample = match self.max_reference {
            Some(size) => sample.thinned(size),
            None => sample,
        };
        if sample.num_levels() > MAX_LEVELS {
            let message = format!(
                "column {name:?} has more than {MAX_LEVELS} levels; set a limit, or leave the column out"
            );
            return Err(Error::parameter("max_reference", message));
        }
        Ok(ColumnReference::new(name, array.len(), sample))
    }
}

impl Fit for DriftDetector {
    type Fitted = FittedDriftDetector;

    /// Learns what the columns look like, in parallel over columns.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`], [`Error::Empty`] without rows or columns, [`Error::ColumnNotFound`] and
    /// [`Error::ColumnType`] for what is neither a number, a date, a timestamp, a Boolean nor text, and
    /// [`Error::Cancelled`].
    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedDriftDetector> {
        self.check()?;
        let schema = batch.schema_ref();
        let names = self.columns.resolve(schema)?;
        let categories = self.categories.resolve(schema)?;
        for (what, is_empty) in [
            ("the reference", batch.num_rows() == 0),
            ("the list of columns", names.is_empty()),
        ] {
            if is_empty {
                return Err(Error::Empty { what: what.into() });
            }
        }
        let done = AtomicU64::new(0);
        let learned = names.par_iter().map(|name| {
            context.report(
                "drift reference",
                done.fetch_add(1, Ordering::Relaxed),
                names.len() as u64,
            )?;
            self.learn(batch, name, &categories)
        });
        Ok(FittedDriftDetector::new(
            self.clone(),
            try_collect(learned)?,
        ))
    }
}

//! The laws that every step obeys, as tests that any crate runs on its own steps.
//!
//! A [`Subject`] is a spec with a sample it works on. [`Subject::check`] derives hostile variants of the sample (empty,
//! all null, sliced at odd offsets, other encodings of text, columns missing, doubled or of a foreign type) and holds
//! the spec to every [`Law`]. A law that cannot hold for a step is [excepted](Subject::except) with a reason, in the
//! open, beside the step's test.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
//! use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
//! use alchemy_core::conformance::Subject;
//! use alchemy_core::{Ledger, Result, Step, Transform, column};
//! use serde::{Deserialize, Serialize};
//!
//! /// Passes on batches that have a column `x`.
//! #[derive(Debug, Clone, Serialize, Deserialize)]
//! struct NeedsX;
//!
//! impl Transform for NeedsX {
//!     fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
//!         column::index_of(input, "x")?;
//!         Ok(Arc::new(input.clone()))
//!     }
//!     fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
//!         self.output_schema(batch.schema_ref())?;
//!         Ok(batch.clone())
//!     }
//! }
//!
//! impl Step for NeedsX {
//!     const NAME: &'static str = "my-crate/needs_x";
//! }
//!
//! let x = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::INFINITY)])) as ArrayRef;
//! let sample = RecordBatch::try_from_iter_with_nullable([("x", x, true)])?;
//! Subject::new(NeedsX, sample).check()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod laws;
mod shapes;

use std::fmt;

use arrow::array::RecordBatch;

use crate::Fit;
use crate::traits::Step;

/// What must hold for every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Law {
    /// Two fits of the same batch learn the same, bit for bit.
    FitIsRepeatable,
    /// Fitting and transforming leave the input as it was.
    InputIsUnchanged,
    /// As many rows out as in, and the schema that `output_schema` announced; every output array is valid.
    SchemaIsKnownBeforeData,
    /// A slice at any offset gives what its copy gives.
    SliceEqualsCopy,
    /// A batch without rows transforms to one without rows, and fitting on it is a typed error or works.
    EmptyBatch,
    /// Fitting on columns without any value is a typed error or works, and transforming them works.
    AllNull,
    /// A missing column is an error that names it.
    MissingColumn,
    /// A column of a type the step has no meaning for is an error that names it.
    WrongType,
    /// A column name that occurs twice is an error that names it, or is not read.
    DuplicateName,
    /// 1, 2, 3 and 8 threads learn and give the same bits, and the same error where there is nothing to learn from.
    ThreadsDoNotShow,
    /// A step that learns from a stream learns the same from any pieces in any order; the pieces of a transform are the
    /// transform of the pieces, pushed live where the step looks back.
    CutsDoNotShow,
    /// A stored step loads to the same step.
    StoredAndLoaded,
    /// Every text encoding means the same.
    TextEncodings,
    /// NaN is missing, as null is.
    NanIsNull,
    /// Changing later rows changes no earlier output, unless the step says that it reads the whole table.
    FutureMovesNothing,
}

impl Law {
    /// Every law.
    pub const ALL: [Self; 15] = [
        Self::FitIsRepeatable,
        Self::InputIsUnchanged,
        Self::SchemaIsKnownBeforeData,
        Self::SliceEqualsCopy,
        Self::EmptyBatch,
        Self::AllNull,
        Self::MissingColumn,
        Self::WrongType,
        Self::DuplicateName,
        Self::ThreadsDoNotShow,
        Self::CutsDoNotShow,
        Self::StoredAndLoaded,
        Self::TextEncodings,
        Self::NanIsNull,
        Self::FutureMovesNothing,
    ];
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The step.
    pub step: &'static str,
    /// The law.
    pub law: Law,
    /// What was seen.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} breaks {:?}: {}", self.step, self.law, self.message)
    }
}

impl std::error::Error for Violation {}

/// A spec and a sample that it fits and transforms without error.
///
/// The sample should have some twenty rows with nulls, ties and, in float columns, infinities; columns are nullable.
#[derive(Debug, Clone)]
pub struct Subject<F> {
    spec: F,
    sample: RecordBatch,
    excepted: Vec<Law>,
}

impl<F: Fit + Clone + 'static> Subject<F>
where
    F::Fitted: Step,
{
    /// A subject that is held to every law.
    #[must_use]
    pub fn new(spec: F, sample: RecordBatch) -> Self {
        Self {
            spec,
            sample,
            excepted: Vec::new(),
        }
    }

    /// Leaves out `law`, for a `reason` that the reader of the test sees.
    #[must_use]
    pub fn except(mut self, law: Law, reason: &str) -> Self {
        debug_assert!(!reason.is_empty());
        self.excepted.push(law);
        self
    }

    /// Holds the spec to the laws.
    ///
    /// # Errors
    ///
    /// The first law that does not hold.
    pub fn check(&self) -> Result<(), Violation> {
        let held = Law::ALL
            .into_iter()
            .filter(|law| !self.excepted.contains(law));
        for law in held {
            self.check_law(law).map_err(|message| Violation {
                step: F::Fitted::NAME,
                law,
                message,
            })?;
        }
        Ok(())
    }
}

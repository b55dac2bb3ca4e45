//! The laws that every step and every model obeys, as tests that any crate runs on its own.
//!
//! A [`Subject`] is the spec of a step with a sample it works on, a [`ModelSubject`] that of a model. Checking one derives
//! hostile variants of the sample (empty, all null, sliced at odd offsets, other encodings, columns missing, doubled,
//! moved or of a foreign type, each of the eighteen [`Shape`]s) and holds the spec to every [`Law`]. A law that cannot
//! hold is [excepted](Subject::except) with a reason, in the open, beside the test. A [`Suite`] holds the subjects of a
//! crate, and fails when a registered step or model is not among them. [`Fuzz`] runs random pipelines on random tables.
//!
//! # Examples
//!
//! A step of one's own, the whole suite of its crate, and a thousand random pipelines with it:
//!
//! ```
//! use std::sync::Arc;
//! use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
//! use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
//! use alchemy_core::conformance::{Fuzz, Subject, Suite};
//! use alchemy_core::{Ledger, Result, Step, Steps, Transform, column};
//! use serde::{Deserialize, Serialize};
//!
//! /// Passes on batches that have a column `x`.
//! #[derive(Debug, Clone, Serialize, Deserialize)]
//! struct Needs {
//!     column: String,
//! }
//!
//! impl Transform for Needs {
//!     fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
//!         column::index_of(input, &self.column)?;
//!         Ok(Arc::new(input.clone()))
//!     }
//!     fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
//!         self.output_schema(batch.schema_ref())?;
//!         Ok(batch.clone())
//!     }
//! }
//!
//! impl Step for Needs {
//!     const NAME: &'static str = "my-crate/needs";
//! }
//!
//! fn steps() -> Steps {
//!     Steps::new().with::<Needs>()
//! }
//!
//! let x = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::INFINITY)])) as ArrayRef;
//! let sample = RecordBatch::try_from_iter_with_nullable([("x", x, true)])?;
//! let needs_x = Needs { column: "x".into() };
//! Suite::of(steps().names()).with(Subject::new(needs_x, sample)).check()?;
//!
//! let report = Fuzz::new(steps())
//!     .with_step(|draw, pipeline| pipeline.then(Needs { column: draw.column() }))
//!     .with_cases(1000)
//!     .run()?;
//! assert!(report.transformed > 500);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The contract and its laws
//!
//! | check | law |
//! | --- | --- |
//! | 2 no rows, no columns | [`EmptyBatch`](Law::EmptyBatch), [`Shapes`](Law::Shapes) |
//! | 3 one row, two rows | [`Shapes`](Law::Shapes), [`MissingIsNull`](Law::MissingIsNull) |
//! | 4 one column | [`OneColumn`](Law::OneColumn) |
//! | 5 NaN is null, infinity a value | [`NanIsNull`](Law::NanIsNull), [`AllNull`](Law::AllNull), [`Shapes`](Law::Shapes) |
//! | 6 missing target | [`MissingTarget`](Law::MissingTarget) |
//! | 7 numeric types | [`NumericTypes`](Law::NumericTypes) |
//! | 8 schema before data, types kept | [`SchemaIsKnownBeforeData`](Law::SchemaIsKnownBeforeData), [`TypesAreKept`](Law::TypesAreKept) |
//! | 9 missing, extra, moved, retyped column | [`MissingColumn`](Law::MissingColumn), [`ExtraColumn`](Law::ExtraColumn), [`ReorderedColumns`](Law::ReorderedColumns), [`RetypedColumn`](Law::RetypedColumn), [`DuplicateName`](Law::DuplicateName) |
//! | 11 fit twice | [`FitIsRepeatable`](Law::FitIsRepeatable) |
//! | 12 batch sizes | [`CutsDoNotShow`](Law::CutsDoNotShow) |
//! | 13 order of rows | [`OrderDoesNotShow`](Law::OrderDoesNotShow) |
//! | 14 input, parameters, state unchanged | [`InputIsUnchanged`](Law::InputIsUnchanged), [`StateIsUnchanged`](Law::StateIsUnchanged) |
//! | 15 stored and loaded | [`StoredAndLoaded`](Law::StoredAndLoaded) |
//! | 16 memory layout | [`SliceEqualsCopy`](Law::SliceEqualsCopy), [`TextEncodings`](Law::TextEncodings), [`Dictionaries`](Law::Dictionaries) |
//! | 17 alone and in a pipeline | [`AloneAndInPipeline`](Law::AloneAndInPipeline) |
//! | 18 fit, then transform | [`FitThenTransform`](Law::FitThenTransform) |
//! | 21 one class | [`OneClass`](Law::OneClass) |
//! | 22 classes come back | [`ClassesComeBack`](Law::ClassesComeBack) |
//! | 24 probabilities | [`ProbabilitiesAddUp`](Law::ProbabilitiesAddUp) |
//! | 28 unsupported types | [`WrongType`](Law::WrongType) |
//! | 29 parameters | [`HostileParameters`](Law::HostileParameters), [`StoredAndLoaded`](Law::StoredAndLoaded) for a spec that is its own fitted type |
//! | 33 threads | [`ThreadsDoNotShow`](Law::ThreadsDoNotShow) |
//! | 35 valid output | every law: what a step or model gives is validated wherever it is applied |
//! | 38 statistics of training | [`OtherRowsDoNotShow`](Law::OtherRowsDoNotShow), [`FutureMovesNothing`](Law::FutureMovesNothing) |
//! | 39 shared, no global state | [`SharedAcrossThreads`](Law::SharedAcrossThreads); `Send` and `Sync` by type |
//!
//! The numbers are those of the family's contract, which follows the checks that scikit-learn holds its estimators to
//! (`sklearn/utils/estimator_checks.py`). Not covered: a reload in another process.

mod check;
mod fuzz;
mod held;
pub mod hostile;
mod law;
mod laws;
mod model;
mod shape;
mod subject;
mod suite;
mod variants;

pub use fuzz::{Draw, Finding, Fuzz, FuzzReport};
pub use law::{Law, Violation};
pub use model::ModelSubject;
pub use shape::Shape;
pub use subject::Subject;
pub use suite::{Case, Suite};

#[cfg(test)]
mod tests;

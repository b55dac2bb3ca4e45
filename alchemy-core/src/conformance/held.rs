//! What the laws of steps and of models have in common: something is fitted, and what was fitted is applied.

use arrow::array::RecordBatch;

use super::Law;
use super::check::{Outcome, ok, valid};
use super::laws;
use crate::Result;

/// A spec with a sample, as the laws see it.
pub(super) trait Held: Sync + Sized {
    /// What fitting gives; the bounds are a law of their own.
    type Fitted: Send + Sync;

    fn sample(&self) -> &RecordBatch;

    /// The same spec on another sample.
    fn on(&self, sample: RecordBatch) -> Self;

    /// The parameters as text.
    fn parameters(&self) -> String;

    /// The subject with each of the hostile specs in place of its own.
    fn hostile(&self) -> Vec<Self>;

    fn fit(&self, batch: &RecordBatch) -> Result<Self::Fitted>;

    /// What was learned, in its stored form.
    fn state(&self, fitted: &Self::Fitted) -> Result<Vec<u8>, String>;

    fn apply(&self, fitted: &Self::Fitted, batch: &RecordBatch) -> Result<RecordBatch>;

    /// What can be known of `batch` without its rows: an error for some schemas.
    fn check_schema(&self, fitted: &Self::Fitted, batch: &RecordBatch) -> Result<()>;

    /// Whether a row's output depends on that row only.
    fn is_row_wise(&self, fitted: &Self::Fitted) -> bool;

    /// Whether what was learned keeps the type of a column of text, as classes do.
    fn keeps_text_type(&self) -> bool;

    /// Whether each column keeps its type.
    fn keeps_types(&self) -> bool;

    /// The laws that hold on any sample that can be fitted and applied.
    fn laws_on_any_shape(&self) -> Vec<Law>;

    /// A law that steps and models do not share.
    fn check_own(&self, law: Law) -> Outcome;

    fn check_law(&self, law: Law) -> Outcome {
        match law {
            Law::FitIsRepeatable => laws::fit::is_repeatable(self),
            Law::InputIsUnchanged => laws::fit::leaves_input(self),
            Law::StateIsUnchanged => laws::fit::leaves_state(self),
            Law::EmptyBatch => laws::fit::empty_batch(self),
            Law::AllNull => laws::fit::all_null(self),
            Law::OneColumn => laws::fit::one_column(self),
            Law::HostileParameters => laws::fit::hostile_parameters(self),
            Law::SliceEqualsCopy => laws::layout::slices(self),
            Law::TextEncodings => laws::layout::text_encodings(self),
            Law::Dictionaries => laws::layout::dictionaries(self),
            Law::NanIsNull => laws::layout::nan_is_null(self),
            Law::NumericTypes => laws::numeric_types::mean_the_same(self),
            Law::TypesAreKept => laws::numeric_types::are_kept(self),
            Law::MissingColumn => laws::columns::missing(self),
            Law::ExtraColumn => laws::columns::extra(self),
            Law::ReorderedColumns => laws::columns::reordered(self),
            Law::WrongType => laws::columns::wrong_type(self),
            Law::RetypedColumn => laws::columns::retyped(self),
            Law::DuplicateName => laws::columns::duplicate(self),
            Law::ThreadsDoNotShow => laws::threads::do_not_show(self),
            Law::SharedAcrossThreads => laws::threads::share(self),
            Law::OrderDoesNotShow => laws::rows::order_does_not_show(self),
            Law::OtherRowsDoNotShow => laws::rows::others_do_not_show(self),
            Law::Shapes => laws::shapes::are_handled(self),
            _ => self.check_own(law),
        }
    }

    /// Fits `batch`, which must work.
    fn fitted(&self, batch: &RecordBatch) -> Result<Self::Fitted, String> {
        ok(self.fit(batch))
    }

    /// Applies `fitted`, which must work and give valid columns.
    fn applied(&self, fitted: &Self::Fitted, batch: &RecordBatch) -> Result<RecordBatch, String> {
        let output = ok(self.apply(fitted, batch))?;
        valid(&output)?;
        Ok(output)
    }
}
